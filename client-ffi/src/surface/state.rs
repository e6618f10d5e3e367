//! Where a client stands, as the languages see it.

use std::time::Duration;

use pitaya_client as rust;
use tokio::time::Instant;

use super::close::CloseReason;

/// What an application shows of its connection.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum State {
    /// Not started yet.
    Idle,
    /// The first connection is being made.
    Connecting,
    /// Messages go both ways.
    Connected,
    /// The connection was lost, or the first one failed where that is retried, and it is tried again.
    Reconnecting {
        /// Which attempt comes or is being made, from 1.
        attempt: u32,
        /// In how many milliseconds it starts, from the moment of asking; nothing while it is being made. Pausing and being offline put it off.
        next_in_ms: Option<u64>,
        /// Why the last connection or attempt ended.
        cause: CloseReason,
    },
    /// There is no connection and this client will make none.
    Closed {
        /// How the last connection or attempt ended.
        reason: CloseReason,
        /// Whether the client would have come back and had no attempt left; otherwise the end itself was final.
        exhausted: bool,
    },
}

/// The smoothed round trip to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct RoundTrip {
    /// The time in microseconds.
    pub micros: u64,
    /// What it was measured with.
    pub source: RoundTripSource,
}

/// What a round trip was measured with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum RoundTripSource {
    /// Heartbeats that the server returned at once: the network alone.
    Heartbeat,
    /// The fastest of the latest requests: the network and the fastest handler.
    Requests,
}

/// Milliseconds, as many as there are.
pub(super) fn millis(time: Duration) -> u64 {
    time.as_millis().try_into().unwrap_or(u64::MAX)
}

impl From<&rust::State> for State {
    fn from(state: &rust::State) -> Self {
        match state {
            rust::State::Connecting => Self::Connecting,
            rust::State::Connected => Self::Connected,
            rust::State::Reconnecting {
                attempt,
                next,
                cause,
            } => Self::Reconnecting {
                attempt: *attempt,
                next_in_ms: next.map(|next| millis(next - Instant::now())),
                cause: cause.into(),
            },
            rust::State::Closed(ended) => Self::Closed {
                reason: (&ended.closed).into(),
                exhausted: ended.exhausted,
            },
            _ => Self::Idle,
        }
    }
}

impl From<rust::RoundTrip> for RoundTrip {
    fn from(measured: rust::RoundTrip) -> Self {
        Self {
            micros: measured.time().as_micros().try_into().unwrap_or(u64::MAX),
            source: match measured.source {
                rust::RoundTripSource::Heartbeat => RoundTripSource::Heartbeat,
                _ => RoundTripSource::Requests,
            },
        }
    }
}
