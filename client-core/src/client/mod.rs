//! The client machine: what goes in, what comes out.

mod calls;
mod transport;

use pitaya_protocol::connection;
use pitaya_protocol::handshake::Agreement;
use pitaya_protocol::{CloseCode, Closed, Connection, MessageKind, Origin, Timestamp};

use crate::config::Config;
use crate::core::{Core, Phase};
use crate::input::{Input, Misuse};
use crate::output::{Event, Output};
use crate::pending::Call;
use crate::rtt::RoundTrip;
use crate::state::State;

/// What a game's client does, without IO. See the [crate's page](crate) for how it is driven.
#[derive(Debug)]
pub struct Client {
    connection: Option<Connection>,
    core: Core,
}

impl Client {
    /// An idle client.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            connection: None,
            core: Core::new(config),
        }
    }

    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.core.state
    }

    /// What the present connection's handshake has settled; `None` while there is no connection.
    #[must_use]
    pub fn agreement(&self) -> Option<&Agreement> {
        let open = matches!(self.core.phase, Phase::Open(_)) && !self.core.dropped;
        self.connection
            .as_ref()
            .filter(|_| open)
            .map(Connection::agreement)
    }

    /// The round trip of the present connection, or of the last one; `None` before the first measurement.
    #[must_use]
    pub fn rtt(&self) -> Option<RoundTrip> {
        self.core.meter.value()
    }

    /// Whether the driver should read from the transport now. While this is false received bytes would only pile up.
    #[must_use]
    pub fn wants_bytes(&self) -> bool {
        let connection = self.connection.as_ref();
        connection.is_some_and(Connection::wants_bytes) && !self.core.dropped
    }

    /// Takes in what happened. `now` never runs backwards. What a connection says after its end is ignored.
    ///
    /// # Errors
    ///
    /// [`Misuse`] when the driver answers what was not asked; nothing has changed then. Calls never fail here, they end with
    /// [`Event::Failed`].
    // Where the input is known, nothing is left of the match, nor of what the driver never says: it is much of a browser's client.
    #[inline(always)]
    pub fn handle_input(&mut self, now: Timestamp, input: Input<'_>) -> Result<(), Misuse> {
        self.advance(now);
        match input {
            Input::Connect => self.core.connect(),
            Input::Connected { handshake } => self.connected(handshake)?,
            Input::ConnectFailed { close, retryable } => self.connect_failed(close, retryable)?,
            Input::Bytes(bytes) => self.heard(bytes, || connection::Input::Bytes(bytes)),
            Input::Frame(frame) => self.heard(frame, || connection::Input::Frame(frame)),
            Input::Eof => self.ended(Closed::of(CloseCode::EOF, Origin::Peer)),
            Input::CloseFrame { code, reason } => self.close_frame(code, reason),
            Input::TransportFailed(close) => {
                self.ended(Closed::new(close, Origin::Transport));
            }
            Input::Timer => self.tell(|| connection::Input::Timer),
            Input::Accept(agreement) => self.answer(|| connection::Input::Accept {
                agreement,
                response: &[],
            })?,
            Input::Refuse(close) | Input::Kicked(close) => self.refused(close)?,
            Input::Fault(close) => self.tell(|| connection::Input::Fault(close)),
            Input::Request {
                call,
                route,
                body,
                timeout,
                offline,
            } => {
                let timeout = timeout.unwrap_or(self.core.config.request_timeout);
                self.call(&Call {
                    id: call,
                    kind: MessageKind::Request,
                    route,
                    body,
                    deadline: self.core.now + timeout,
                    offline,
                });
            }
            Input::Notify {
                call,
                route,
                body,
                offline,
            } => self.call(&Call {
                id: call,
                kind: MessageKind::Notify,
                route,
                body,
                deadline: Timestamp::NEVER,
                offline,
            }),
            Input::Cancel(call) => self.core.calls.cancel(call, &mut self.core.events),
            Input::Reading(reading) => self.set_reading(reading),
            Input::Writable(writable) => self.core.writable = writable,
            Input::Release => self.core.released = self.is_open(),
            Input::Pause => self.core.paused = true,
            Input::Resume => {
                self.core.paused = false;
                self.check();
            }
            Input::Online => {
                self.core.offline = false;
                self.check();
            }
            Input::Offline => self.core.offline = true,
            Input::Close(close) => self.close(close),
        }
        Ok(())
    }

    /// The next thing to do. Call it until it says [`Output::Wait`].
    pub fn poll_output(&mut self) -> Output<'_> {
        self.settle();
        let Self { connection, core } = self;
        if let Some(event) = core.events.pop() {
            return Output::Event(event);
        }
        let Some(connection) = connection else {
            return core.wait(Timestamp::NEVER);
        };
        match connection.poll_output() {
            connection::Output::Transmit(transmit) => {
                if !core.severed {
                    core.calls.transmitted(&mut core.events);
                }
                Output::Transmit(transmit)
            }
            connection::Output::Wait(deadline) => core.wait(deadline.unwrap_or(Timestamp::NEVER)),
            connection::Output::Event(event) => Output::Event(match event {
                connection::Event::Handshake(body) => Event::Handshake(body),
                connection::Event::Open => core.open(),
                connection::Event::Message(message) => core.message(message),
                connection::Event::Kick(body) => Event::Kick(body),
                connection::Event::RoundTrip(time) => Event::RoundTrip(core.meter.heartbeat(time)),
                connection::Event::Closed(closed) => {
                    core.disconnect(&closed, true);
                    return core.wait(Timestamp::NEVER);
                }
                // An event of a later protocol that means nothing to a client.
                _ => return Output::Wait(Some(core.now)),
            }),
        }
    }

    /// The time goes on, and what was decided meanwhile is done.
    fn advance(&mut self, now: Timestamp) {
        self.core.now = self.core.now.max(now);
        self.settle();
        self.excuse_silence();
    }

    fn set_reading(&mut self, reading: bool) {
        self.core.reading = reading;
        // Before that the handshake is read in any case; what holds then is said when the connection opens.
        if matches!(self.core.phase, Phase::Open(_)) {
            self.tell(|| connection::Input::Reading(reading));
        }
    }

    /// Whether messages can be sent.
    fn is_open(&self) -> bool {
        let open = self.connection.as_ref().is_some_and(Connection::is_open);
        open && !self.core.severed && matches!(self.core.phase, Phase::Open(_))
    }

    /// Brings the connection in line with what was decided while an event borrowed from it.
    fn settle(&mut self) {
        if std::mem::take(&mut self.core.dropped) {
            self.connection = None;
        }
        if !self.is_open() {
            return;
        }
        if std::mem::take(&mut self.core.opened) {
            let reading = self.core.reading;
            self.tell(|| connection::Input::Reading(reading));
        }
        if self.core.writable && !self.core.holds_queue() {
            self.flush();
        }
    }
}
