//! What only the opening side does.

use std::ops::Range;

use super::output::Found;
use super::{ClientConfig, Connection, Side, State};
use crate::close::{CloseCode, Closed, Origin};
use crate::packet::{self, PacketTooLarge, PacketType};
use crate::time::Timestamp;

impl Connection {
    /// The opening side, over a transport that has just been connected. The handshake request is its first transmit.
    ///
    /// # Errors
    ///
    /// [`PacketTooLarge`] when the handshake body is longer than a packet can be.
    pub fn client(now: Timestamp, config: &ClientConfig<'_>) -> Result<Self, PacketTooLarge> {
        let mut out = Vec::new();
        packet::encode(PacketType::Handshake, config.handshake, &mut out)?;
        let mut connection = Self::new(Side::Client, now, config.max_packet, config.max_packet);
        connection.out = out;
        connection.handshake_deadline = now + config.handshake_timeout;
        Ok(connection)
    }

    /// A kick is final; its body may say more (wire 5).
    pub(super) fn kick(&mut self, range: Range<usize>) -> Option<Found> {
        if range.is_empty() {
            self.finish(Closed::of(CloseCode::KICKED, Origin::Peer));
            return None;
        }
        self.state = State::Kicked;
        // The kick is certain: no silence may end the connection for a lesser reason while the driver reads the body.
        self.heartbeat = None;
        self.handshake_deadline = Timestamp::NEVER;
        Some(Found::Kick(range))
    }
}
