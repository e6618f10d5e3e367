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
            self.tell(|| connection::Input::Reading(false));
            self.tell(|| connection::Input::Reading(true));
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
            self.tell(|| connection::Input::Beat);
        }
    }

    pub(super) fn connected(&mut self, handshake: &[u8]) -> Result<(), Misuse> {
        if !matches!(self.core.phase, Phase::Dialing(_)) {
            return Err(Misuse::NotConnecting);
        }
        let mut config = ClientConfig::new(handshake);
        config.handshake_timeout = self.core.config.handshake_timeout;
        config.max_packet = self.core.config.max_packet;
        match Connection::client(self.core.now, &config) {
            Ok(connection) => {
                self.connection = Some(connection);
                self.core.severed = false;
                self.core.phase = Phase::Handshaking;
            }
            Err(_) => {
                // The handshake is longer than a packet can be.
                let closed = Closed::of(CloseCode::PACKET_TOO_LARGE, Origin::Local);
                self.core.disconnect(&closed, false);
            }
        }
        Ok(())
    }

    pub(super) fn connect_failed(&mut self, close: Close, retryable: bool) -> Result<(), Misuse> {
        if !matches!(self.core.phase, Phase::Dialing(_)) {
            return Err(Misuse::NotConnecting);
        }
        self.core
            .gone(&Closed::new(close, Origin::Transport), retryable);
        Ok(())
    }

    pub(super) fn close(&mut self, close: Close) {
        self.core.closing = true;
        match &self.connection {
            Some(_) => self.tell(|| connection::Input::Close(close)),
            None => self.core.close(close),
        }
    }

    #[inline(always)]
    pub(super) fn heard<'a>(
        &mut self,
        bytes: &'a [u8],
        input: impl FnOnce() -> connection::Input<'a>,
    ) {
        if !bytes.is_empty() {
            self.core.probe.stop();
        }
        self.tell(input);
    }

    /// Nothing reaches the server any more; what has come from it still comes out.
    pub(super) fn ended(&mut self, closed: Closed) {
        self.core.severed = true;
        self.tell(|| connection::Input::Ended(closed));
    }

    pub(super) fn close_frame(&mut self, code: u16, reason: &str) {
        let ours = self
            .agreement()
            .is_some_and(|agreement| agreement.capabilities.contains(Capabilities::CLOSE_REASON));
        let code = code
            .checked_sub(CLOSE_FRAMES)
            .filter(|number| ours && *number < 1000)
            .map_or(CloseCode::EOF, CloseCode::from_number);
        let close = match reason {
            "" => code.into(),
            _ => Close::because(code, reason),
        };
        self.ended(Closed::new(close, Origin::Peer));
    }

    /// Tells the connection, if there is one, what it never refuses.
    #[inline(always)]
    pub(super) fn tell<'a>(&mut self, input: impl FnOnce() -> connection::Input<'a>) {
        if let Some(connection) = &mut self.connection {
            connection
                .handle_input(self.core.now, input())
                .expect("only answers and messages are refused");
        }
    }

    pub(super) fn refused(&mut self, close: Close) -> Result<(), Misuse> {
        self.answer(|| connection::Input::Kicked(close))
    }

    #[inline(always)]
    pub(super) fn answer<'a>(
        &mut self,
        input: impl FnOnce() -> connection::Input<'a>,
    ) -> Result<(), Misuse> {
        let connection = self.connection.as_mut().ok_or(Misuse::NothingToAnswer)?;
        Ok(connection.handle_input(self.core.now, input())?)
    }
}
