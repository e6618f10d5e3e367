//! Whether a connection survived a pause or a change of network: a heartbeat now, and a sign of life soon.

use std::time::Duration;

use pitaya_protocol::Capabilities;
use pitaya_protocol::handshake::Agreement;

use crate::Timestamp;

/// A check of one connection, if one is going on.
#[derive(Debug, Default)]
pub(crate) struct Probe {
    deadline: Option<Timestamp>,
}

impl Probe {
    /// Asks for a sign of life within `time`; a server that does not return heartbeats sends its own within an interval (wire 4), and
    /// one without heartbeats cannot be asked. Whether a heartbeat is to be sent now.
    pub(crate) fn start(&mut self, now: Timestamp, agreement: &Agreement, time: Duration) -> bool {
        let echo = agreement
            .capabilities
            .contains(Capabilities::HEARTBEAT_ECHO);
        let time = if echo {
            time
        } else if let Some(interval) = agreement.heartbeat {
            interval.saturating_add(time)
        } else {
            return false;
        };
        self.deadline = Some(now + time);
        true
    }

    /// Something came: it lives.
    pub(crate) const fn heard(&mut self) {
        self.deadline = None;
    }

    pub(crate) const fn stop(&mut self) {
        self.deadline = None;
    }

    pub(crate) fn failed(&self, now: Timestamp) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= now)
    }

    pub(crate) const fn deadline(&self) -> Option<Timestamp> {
        self.deadline
    }
}
