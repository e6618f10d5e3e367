//! Whether a connection survived a pause or a change of network: a heartbeat now, and a sign of life soon.

use std::time::Duration;

use pitaya_protocol::Capabilities;
use pitaya_protocol::handshake::Agreement;
use pitaya_protocol::packet::{self, PacketType};

use crate::Timestamp;

/// A check of one connection, if one is going on.
#[derive(Debug, Default)]
pub(crate) struct Probe {
    deadline: Option<Timestamp>,
    /// The heartbeat that asks.
    packet: Vec<u8>,
    /// Whether it is to be handed out.
    due: bool,
}

impl Probe {
    /// Asks for a sign of life within `time`; a server that does not return heartbeats sends its own within an interval (wire 4), and
    /// one without heartbeats cannot be asked.
    pub(crate) fn start(&mut self, now: Timestamp, agreement: &Agreement, time: Duration) {
        let echo = agreement
            .capabilities
            .contains(Capabilities::HEARTBEAT_ECHO);
        let time = if echo {
            time
        } else if let Some(interval) = agreement.heartbeat {
            interval.saturating_add(time)
        } else {
            return;
        };
        self.deadline = Some(now + time);
        self.packet.clear();
        self.due = true;
        let stamp = now.as_micros().to_be_bytes();
        let body: &[u8] = if echo { &stamp } else { &[] };
        packet::encode(PacketType::Heartbeat, body, &mut self.packet).expect("eight bytes fit");
    }

    /// Something came: it lives.
    pub(crate) const fn heard(&mut self) {
        self.deadline = None;
    }

    pub(crate) fn stop(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn failed(&self, now: Timestamp) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= now)
    }

    pub(crate) const fn deadline(&self) -> Option<Timestamp> {
        self.deadline
    }

    /// Whether the heartbeat is to be handed out, which is then done.
    pub(crate) const fn transmit(&mut self) -> bool {
        std::mem::replace(&mut self.due, false)
    }

    /// The heartbeat that asks.
    pub(crate) fn packet(&self) -> &[u8] {
        &self.packet
    }
}
