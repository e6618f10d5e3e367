//! How long a message takes to the server and back.

use std::time::Duration;

/// A measured round trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoundTrip {
    /// The smoothed time.
    pub time: Duration,
    /// What it was measured with.
    pub source: RoundTripSource,
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
    heartbeat: Option<Duration>,
    requests: Option<Duration>,
    window: [Option<Duration>; WINDOW],
    next: usize,
}

impl Meter {
    pub(crate) fn value(&self) -> Option<RoundTrip> {
        let of = |time: Option<Duration>, source| time.map(|time| RoundTrip { time, source });
        of(self.heartbeat, RoundTripSource::Heartbeat)
            .or_else(|| of(self.requests, RoundTripSource::Requests))
    }

    pub(crate) fn heartbeat(&mut self, sample: Duration) -> RoundTrip {
        let time = smooth(self.heartbeat, sample);
        self.heartbeat = Some(time);
        RoundTrip {
            time,
            source: RoundTripSource::Heartbeat,
        }
    }

    pub(crate) fn request(&mut self, sample: Duration) {
        self.window[self.next] = Some(sample);
        self.next = (self.next + 1) % WINDOW;
        let fastest = self.window.iter().flatten().min().copied();
        self.requests = Some(smooth(self.requests, fastest.unwrap_or(sample)));
    }
}

/// Moves an eighth of the way, as TCP does (RFC 6298 section 2): one late packet is not a slower network.
fn smooth(old: Option<Duration>, sample: Duration) -> Duration {
    old.map_or(sample, |old| (old * 7 + sample) / 8)
}
