//! Whether a connection survived a pause or a change of network: a heartbeat now, and a sign of life soon.

use pitaya_protocol::handshake::Agreement;
use pitaya_protocol::{Capabilities, Span};

use crate::Timestamp;

/// A check of one connection, if one is going on.
#[derive(Debug)]
pub(crate) struct Probe {
    pub(crate) deadline: Timestamp,
}

impl Probe {
    pub(crate) const fn new() -> Self {
        Self {
            deadline: Timestamp::NEVER,
        }
    }

    /// Asks for a sign of life within `time`; a server that does not return heartbeats sends its own within an interval (wire 4), and
    /// one without heartbeats cannot be asked. Whether a heartbeat is to be sent now.
    pub(crate) fn start(&mut self, now: Timestamp, agreement: &Agreement, time: Span) -> bool {
        let echo = agreement
            .capabilities
            .contains(Capabilities::HEARTBEAT_ECHO);
        let from = match agreement.heartbeat {
            _ if echo => now,
            Some(interval) => now + interval,
            None => return false,
        };
        self.deadline = from + time;
        true
    }

    /// Something came, or there is nothing to check any more.
    pub(crate) const fn stop(&mut self) {
        self.deadline = Timestamp::NEVER;
    }
}
