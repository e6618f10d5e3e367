//! How long a message takes to the server and back.

use std::time::Duration;

use pitaya_protocol::Span;

/// A measured round trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoundTrip {
    time: Span,
    /// What it was measured with.
    pub source: RoundTripSource,
}

impl RoundTrip {
    /// The smoothed time.
    #[must_use]
    pub fn time(&self) -> Duration {
        self.time.into()
    }

    /// The same in milliseconds, with fractions.
    #[must_use]
    pub const fn millis(&self) -> f64 {
        self.time.as_millis()
    }
}

/// What a round trip was measured with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RoundTripSource {
    /// Heartbeats that the server returned at once (`heartbeat-echo`): the network alone.
    Heartbeat,
    /// The fastest of the latest requests: the network and the fastest handler. Servers of the family do not answer heartbeats (wire 4).
    Requests,
}

/// The fastest of the last so many requests counts, or of up to twice as many: enough that one slow handler does not, few enough that a slower network
/// shows soon.
const WINDOW: u8 = 8;

/// The measurements of one connection.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    heartbeat: Option<Span>,
    requests: Option<Span>,
    /// The fastest of the requests that are being counted, and how many those are.
    fastest: Span,
    counted: u8,
    /// The fastest of those before.
    before: Span,
}

impl Meter {
    pub(crate) fn value(&self) -> Option<RoundTrip> {
        let (time, source) = match (self.heartbeat, self.requests) {
            (Some(time), _) => (time, RoundTripSource::Heartbeat),
            (None, time) => (time?, RoundTripSource::Requests),
        };
        Some(RoundTrip { time, source })
    }

    pub(crate) fn heartbeat(&mut self, time: Span) -> RoundTrip {
        let time = smooth(self.heartbeat, time);
        self.heartbeat = Some(time);
        RoundTrip {
            time,
            source: RoundTripSource::Heartbeat,
        }
    }

    pub(crate) fn request(&mut self, time: Span) {
        if self.counted.is_multiple_of(WINDOW) {
            self.before = if self.counted == 0 {
                time
            } else {
                self.fastest
            };
            self.fastest = time;
        }
        self.counted = self.counted % WINDOW + 1;
        self.fastest = self.fastest.min(time);
        let fastest = self.fastest.min(self.before);
        self.requests = Some(smooth(self.requests, fastest));
    }
}

/// Moves an eighth of the way, as TCP does (RFC 6298 section 2): one late packet is not a slower network.
fn smooth(old: Option<Span>, sample: Span) -> Span {
    old.map_or(sample, |old| (old * 7.0 + sample) * 0.125)
}
