//! When to beat, and when to give the peer up (wire 4).

use std::ops::Range;

use super::output::Found;
use super::{Connection, Side, State};
use crate::capabilities::Capabilities;
use crate::close::{CloseCode, Closed, Origin};
use crate::packet::{self, PacketType};
use crate::time::{Span, Timestamp};

/// Longest heartbeat body under `heartbeat-echo`, in bytes.
const MAX_ECHO: usize = 8;

/// Bounds of the interval: the peer may announce any. Below the lower one, a millisecond, beats would keep a processor busy; the
/// upper one, a year, leaves room for multiples.
const INTERVALS: (Span, Span) = (Span::from_millis(1.0), Span::from_secs(365 * 24 * 60 * 60));

/// The clock of one open connection. It starts at the ack: nothing may come before the handshake (wire 4).
#[derive(Debug)]
pub(super) struct Heartbeat {
    /// Time between two beats: a client beats a little early, so that its beat is there when the server looks.
    period: Span,
    /// How much silence ends the connection. A server looks at its own beats only, as Go Pitaya does, which cuts a silent client
    /// between two and three intervals after its last byte; a client waits for two and a half.
    patience: Span,
    next_beat: Timestamp,
    last_heard: Timestamp,
    side: Side,
}

impl Heartbeat {
    pub(super) fn new(side: Side, interval: Span, now: Timestamp) -> Self {
        let interval = interval.max(INTERVALS.0).min(INTERVALS.1);
        let (period, patience) = if side.is_server() {
            (interval, interval * 2.0)
        } else {
            (interval * 0.9, interval * 2.5)
        };
        Self {
            period,
            patience,
            next_beat: now + period,
            last_heard: now,
            side,
        }
    }

    pub(super) fn heard(&mut self, now: Timestamp) {
        self.last_heard = now;
    }

    /// When the peer is given up.
    fn is_silent(&self, now: Timestamp) -> bool {
        let limit = self.last_heard + self.patience;
        if self.side.is_server() {
            now >= self.next_beat && now > limit
        } else {
            now >= limit
        }
    }

    pub(super) fn deadline(&self, reading: bool) -> Timestamp {
        if reading && !self.side.is_server() {
            self.next_beat.min(self.last_heard + self.patience)
        } else {
            self.next_beat
        }
    }
}

impl Connection {
    pub(super) fn run_heartbeat(&mut self) {
        let (now, reading) = (self.now, self.reading);
        let Some(heartbeat) = &self.heartbeat else {
            return;
        };
        // What has arrived and was not decoded yet is a sign of life that was counted when it came.
        if reading && heartbeat.is_silent(now) {
            self.close(Closed::of(CloseCode::HEARTBEAT_TIMEOUT, Origin::Fault));
            return;
        }
        if now >= heartbeat.next_beat {
            self.beat();
        }
    }

    /// Sends a heartbeat; the next one is due an interval later.
    pub(super) fn beat(&mut self) {
        let now = self.now;
        if let Some(heartbeat) = &mut self.heartbeat {
            heartbeat.next_beat = now + heartbeat.period;
        }
        let mut body: &[u8] = &[];
        if !self.side.is_server() && self.granted(Capabilities::HEARTBEAT_ECHO) {
            self.echo = (self.echo.0.wrapping_add(1), now);
            body = std::slice::from_ref(&self.echo.0);
        }
        packet::encode(PacketType::Heartbeat, body, &mut self.out).expect("a byte fits");
    }

    /// The peer's heartbeat: a server returns what a client with `heartbeat-echo` put in; a client knows its last one by its number.
    pub(super) fn heartbeat_packet(&mut self, range: Range<usize>) -> Option<Found> {
        if self.state != State::Open || !self.granted(Capabilities::HEARTBEAT_ECHO) {
            return None;
        }
        let body = &self.framer.bytes()[range];
        if self.side.is_server() {
            if (1..=MAX_ECHO).contains(&body.len()) {
                packet::encode(PacketType::Heartbeat, body, &mut self.out)
                    .expect("eight bytes fit");
            }
            return None;
        }
        let (number, sent) = self.echo;
        if body != [number] || sent == Timestamp::NEVER {
            return None;
        }
        self.echo.1 = Timestamp::NEVER;
        Some(Found::RoundTrip(self.now - sent))
    }
}
