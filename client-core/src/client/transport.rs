//! What the client does with its transport: shake hands, read, notice the end.

use pitaya_protocol::connection::{self, ClientConfig};
use pitaya_protocol::{Capabilities, Close, CloseCode, Closed, Connection, Origin};

use super::Client;
use crate::core::Phase;
use crate::input::Misuse;

/// Close frames from this code on carry the number of a [`CloseCode`].
const CLOSE_FRAMES: u16 = 4000;

impl Client {
    /// While the application is in the background, the peer's silence does not count: our own may be the reason.
    pub(super) fn excuse_silence(&mut self) {
        if self.core.paused && self.core.reading && self.is_open() {
            self.tell(connection::Input::Reading(false));
            self.tell(connection::Input::Reading(true));
        }
    }

    /// After a pause or a change of network: a connection is asked for a sign of life, an attempt is made now. One that is ending, by a kick that the
    /// driver still reads, say, is left to that.
    pub(super) fn check(&mut self) {
        if !self.is_open() {
            return self.core.hurry();
        }
        let Self { connection, core } = self;
        let Some(connection) = connection else { return };
        let (now, time) = (core.now, core.config.probe_timeout);
        if core.probe.start(now, connection.agreement(), time) {
            self.tell(connection::Input::Beat);
        }
    }

    pub(super) fn connected(&mut self, handshake: &[u8]) -> Result<(), Misuse> {
        if !matches!(self.core.phase, Phase::Dialing(_)) {
            return Err(Misuse::NotConnecting);
        }
        let mut config = ClientConfig::new(handshake.to_vec());
        config.handshake_timeout = self.core.config.handshake_timeout;
        config.max_packet = self.core.config.max_packet;
        match Connection::client(self.core.now, &config) {
            Ok(connection) => {
                self.connection = Some(connection);
                self.core.severed = false;
                self.core.phase = Phase::Handshaking;
            }
            Err(_) => {
                let close = Close::new(CloseCode::PacketTooLarge)
                    .reason("the handshake is longer than a packet can be");
                let closed = Closed::new(close, Origin::Local);
                self.core.disconnect(closed, false);
            }
        }
        Ok(())
    }

    pub(super) fn heard(&mut self, bytes: &[u8], input: connection::Input<'_>) {
        if !bytes.is_empty() {
            self.core.probe.stop();
        }
        self.tell(input);
    }

    /// The end of the stream, perhaps inside a packet: the server was cut off, which is no fault of its making.
    pub(super) fn ended(&mut self, close: Close) {
        if self.connection.is_some() {
            self.core.verdict = Some(Closed::new(close, Origin::Peer));
            self.core.severed = true;
            self.tell(connection::Input::TransportFailed("".into()));
        }
    }

    pub(super) fn close_frame(&mut self, code: u16, reason: &str) {
        let ours = self
            .agreement()
            .is_some_and(|agreement| agreement.capabilities.contains(Capabilities::CLOSE_REASON));
        let code = code
            .checked_sub(CLOSE_FRAMES)
            .filter(|number| ours && *number < 1000)
            .map_or(CloseCode::Eof, CloseCode::from_number);
        let mut close = Close::new(code);
        if !reason.is_empty() {
            close = close.reason(reason.to_owned());
        }
        self.ended(close);
    }

    /// Tells the connection, if there is one, what it never refuses.
    pub(super) fn tell(&mut self, input: connection::Input<'_>) {
        if let Some(connection) = &mut self.connection {
            connection
                .handle_input(self.core.now, input)
                .expect("only answers and messages are refused");
        }
    }

    pub(super) fn answer(&mut self, input: connection::Input<'_>) -> Result<(), Misuse> {
        let connection = self.connection.as_mut().ok_or(Misuse::NothingToAnswer)?;
        Ok(connection.handle_input(self.core.now, input)?)
    }
}
