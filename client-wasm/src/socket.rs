//! The socket that the page opened: the machine writes to it and looks how much it still holds.

use pitaya_client_core::Transmit;
use web_sys::WebSocket;

/// Bytes that the browser may hold for the network before calls have to wait. Two seconds of a slow link; more would only grow old there.
const HIGH_WATER: u32 = 256 * 1024;

/// An open WebSocket, or whatever a host without that class has in its place.
#[derive(Debug)]
pub(crate) struct Socket {
    web: WebSocket,
    /// Whether packets may share a message (`many-per-frame`).
    pub(crate) many_per_frame: bool,
    /// What the machine was last told.
    pub(crate) writable: bool,
}

impl Socket {
    pub(crate) const fn new(web: WebSocket) -> Self {
        Self {
            web,
            many_per_frame: false,
            writable: true,
        }
    }

    /// Sends packets; whether the socket took them.
    pub(crate) fn send(&self, transmit: Transmit<'_>) -> bool {
        if self.many_per_frame {
            return self.web.send_with_u8_array(transmit.bytes).is_ok();
        }
        transmit
            .packets()
            .all(|packet| self.web.send_with_u8_array(packet).is_ok())
    }

    /// Looks whether it holds little enough to take more; whether that has changed.
    pub(crate) fn look(&mut self) -> bool {
        let before = self.writable;
        self.writable = self.web.buffered_amount() < HIGH_WATER;
        self.writable != before
    }
}
