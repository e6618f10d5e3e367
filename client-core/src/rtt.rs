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

/// The measurements of one connection, in microseconds.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    heartbeat: Option<f64>,
    requests: Option<f64>,
    /// The latest requests, in a ring.
    window: Vec<f64>,
    next: usize,
}

impl Meter {
    pub(crate) fn value(&self) -> Option<RoundTrip> {
        let (micros, source) = match (self.heartbeat, self.requests) {
            (Some(micros), _) => (micros, RoundTripSource::Heartbeat),
            (None, Some(micros)) => (micros, RoundTripSource::Requests),
            (None, None) => return None,
        };
        let time = Duration::from_micros(micros as u64);
        Some(RoundTrip { time, source })
    }

    pub(crate) fn heartbeat(&mut self, micros: f64) -> RoundTrip {
        let micros = smooth(self.heartbeat, micros);
        self.heartbeat = Some(micros);
        RoundTrip {
            time: Duration::from_micros(micros as u64),
            source: RoundTripSource::Heartbeat,
        }
    }

    pub(crate) fn request(&mut self, micros: f64) {
        if self.window.len() < WINDOW {
            self.window.push(micros);
        } else {
            self.window[self.next] = micros;
            self.next = (self.next + 1) % WINDOW;
        }
        let fastest = self.window.iter().fold(micros, |a, b| a.min(*b));
        self.requests = Some(smooth(self.requests, fastest));
    }
}

/// Moves an eighth of the way, as TCP does (RFC 6298 section 2): one late packet is not a slower network.
fn smooth(old: Option<f64>, sample: f64) -> f64 {
    old.map_or(sample, |old| (old * 7.0 + sample) / 8.0)
}
