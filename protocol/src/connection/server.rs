//! What only the accepting side does.

use super::Connection;
#[cfg(feature = "server")]
use super::{ServerConfig, Side};
use crate::capabilities::Capabilities;
use crate::close::Close;
use crate::packet::{self, PacketType};
#[cfg(feature = "server")]
use crate::time::Timestamp;

impl Connection {
    /// The accepting side, over a transport that has just been accepted.
    #[cfg(feature = "server")]
    #[must_use]
    pub fn server(now: Timestamp, config: &ServerConfig) -> Self {
        let first_packet = config.max_handshake_packet.min(config.max_packet);
        let mut connection = Self::new(Side::Server, now, first_packet, config.max_packet);
        connection.handshake_deadline = now + config.handshake_timeout;
        connection
    }

    /// Tells the client why the connection ends: in full where it understands that, else by the family's empty kick where the
    /// end is final, else not at all, because the family's clients never come back after a kick (wire 5).
    pub(super) fn write_kick(&mut self, close: &Close) {
        let mut body = Vec::new();
        if self.granted(Capabilities::CLOSE_REASON) {
            close.write_json(&mut body);
        } else if !close.code.is_kick() {
            return;
        }
        if packet::encode(PacketType::Kick, &body, &mut self.out).is_err() {
            packet::encode(PacketType::Kick, &[], &mut self.out).expect("an empty body fits");
        }
    }
}
