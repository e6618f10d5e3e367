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

/// Of how many requests the fastest counts: enough that one slow handler does not, few enough that a slower network shows soon.
const WINDOW: usize = 8;

/// The measurements of one connection.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    heartbeat: Option<Span>,
    requests: Option<Span>,
    /// The latest requests, in a ring.
    window: [Span; WINDOW],
    next: usize,
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
        if self.requests.is_none() {
            self.window = [time; WINDOW];
        }
        self.window[self.next] = time;
        self.next = (self.next + 1) % WINDOW;
        let fastest = self.window.iter().fold(time, |a, b| a.min(*b));
        self.requests = Some(smooth(self.requests, fastest));
    }
}

/// Moves an eighth of the way, as TCP does (RFC 6298 section 2): one late packet is not a slower network.
fn smooth(old: Option<Span>, sample: Span) -> Span {
    old.map_or(sample, |old| (old * 7.0 + sample) * 0.125)
}
