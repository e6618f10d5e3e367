//! Where a client stands, in the time of its runtime.

use pitaya_client_core as core;
use pitaya_client_core::{Closed, Ended};
use tokio::time::Instant;

use crate::clock::Clock;

/// What an application shows of its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
        /// When it starts; `None` while it is being made. Pausing and being offline put it off.
        next: Option<Instant>,
        /// Why the last connection or attempt ended.
        cause: Closed,
    },
    /// There is no connection and this client will make none.
    Closed(Ended),
}

impl State {
    pub(crate) fn from_core(state: core::State, clock: Clock) -> Self {
        match state {
            core::State::Connecting => Self::Connecting,
            core::State::Connected => Self::Connected,
            core::State::Reconnecting {
                attempt,
                next,
                cause,
            } => Self::Reconnecting {
                attempt,
                next: next.map(|next| clock.instant(next)),
                cause,
            },
            core::State::Closed(ended) => Self::Closed(ended),
            _ => Self::Idle,
        }
    }
}
