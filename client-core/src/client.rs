//! The client machine: what goes in, what comes out.

use std::time::Duration;

use pitaya_protocol::connection::{self, ClientConfig, Lane};
use pitaya_protocol::handshake::Agreement;
use pitaya_protocol::packet::{MAX_BODY, PacketTooLarge};
use pitaya_protocol::{
    Capabilities, Close, CloseCode, Closed, Connection, EncodeError, MAX_ROUTE, Message,
    MessageKind, Origin, RouteRef, Timestamp,
};

use crate::call::CallError;
use crate::config::Config;
use crate::core::{Core, Phase, unreachable_because};
use crate::input::{Input, Misuse};
use crate::output::{Event, Output, Transmit};
use crate::queue::Call;
use crate::requests::InFlight;
use crate::rtt::RoundTrip;
use crate::state::State;

/// Close frames from this code on carry the number of a [`CloseCode`].
const CLOSE_FRAMES: u16 = 4000;

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
    pub fn handle_input(&mut self, now: Timestamp, input: Input<'_>) -> Result<(), Misuse> {
        self.core.now = self.core.now.max(now);
        self.settle();
        self.excuse_silence();
        match input {
            Input::Connect => self.core.connect(),
            Input::Connected { handshake } => self.connected(handshake)?,
            Input::ConnectFailed { reason, retryable } => {
                if !matches!(self.core.phase, Phase::Dialing(_)) {
                    return Err(Misuse::NotConnecting);
                }
                self.core.lost(unreachable_because(reason), retryable);
            }
            Input::Bytes(bytes) => self.heard(bytes, connection::Input::Bytes(bytes)),
            Input::Frame(frame) => self.heard(frame, connection::Input::Frame(frame)),
            Input::Eof => self.ended(CloseCode::Eof.into()),
            Input::CloseFrame { code, reason } => self.close_frame(code, reason),
            Input::TransportFailed(reason) => {
                self.core.severed = true;
                self.tell(connection::Input::TransportFailed(reason));
            }
            Input::Timer => self.tell(connection::Input::Timer),
            Input::Accept(agreement) => self.answer(connection::Input::Accept {
                agreement,
                response: &[],
            })?,
            Input::Refuse(close) => self.answer(connection::Input::Refuse {
                close,
                response: &[],
            })?,
            Input::Kicked(close) => self.answer(connection::Input::Kicked(close))?,
            Input::Fault(close) => {
                if self.connection.is_some() {
                    self.core.verdict = Some(Closed::new(close.clone(), Origin::Fault));
                    self.tell(connection::Input::Close(close));
                }
            }
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
                deadline: self.core.now + Duration::MAX,
                offline,
            }),
            Input::Cancel(call) => self.core.cancel(call),
            Input::Reading(reading) => {
                self.core.reading = reading;
                // Before that the handshake is read in any case; what holds then is said when the connection opens.
                if matches!(self.core.phase, Phase::Open(_)) {
                    self.tell(connection::Input::Reading(reading));
                }
            }
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
            Input::Close(close) => {
                self.core.closing = true;
                match &self.connection {
                    Some(_) => self.tell(connection::Input::Close(close)),
                    None => self.core.close(close),
                }
            }
        }
        Ok(())
    }

    /// The next thing to do. Call it until it says [`Output::Wait`].
    pub fn poll_output(&mut self) -> Output<'_> {
        self.settle();
        let Self { connection, core } = self;
        if let Some(event) = core.events.pop_front() {
            return Output::Event(event);
        }
        let Some(connection) = connection else {
            return core.wait(None);
        };
        match connection.poll_output() {
            connection::Output::Transmit(transmit) => {
                if !core.severed {
                    core.calls.transmitted(&mut core.events);
                }
                Output::Transmit(Transmit {
                    lane: transmit.lane,
                    bytes: transmit.bytes,
                })
            }
            connection::Output::Wait(_) if core.probe.transmit() => Output::Transmit(Transmit {
                lane: Lane::Reliable,
                bytes: core.probe.packet(),
            }),
            connection::Output::Wait(deadline) => core.wait(deadline),
            connection::Output::Event(event) => Output::Event(match event {
                connection::Event::Handshake(body) => Event::Handshake(body),
                connection::Event::Open => core.open(),
                connection::Event::Message(message) => core.message(message),
                connection::Event::Kick(body) => Event::Kick(body),
                connection::Event::RoundTrip(time) => Event::RoundTrip(core.meter.heartbeat(time)),
                connection::Event::Closed(closed) => {
                    core.disconnect(closed, true);
                    return core.wait(None);
                }
                // An event of a later protocol that means nothing to a client.
                _ => return Output::Wait(Some(core.now)),
            }),
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
        if std::mem::take(&mut self.core.opened) && !self.core.reading {
            self.tell(connection::Input::Reading(false));
        }
        if self.core.writable && !self.core.holds_queue() {
            self.flush();
        }
    }

    /// Writes the calls that waited, as far as there is room.
    fn flush(&mut self) {
        let Self { connection, core } = self;
        let Some(connection) = connection else {
            return;
        };
        if core.queue.is_empty() {
            return;
        }
        core.queue.expire(core.now, &mut core.events);
        while !core.calls.is_full()
            && let Some(call) = core.queue.front()
        {
            if let Err(error) = write(connection, &mut core.calls, core.now, &call) {
                let call = call.id;
                core.events.push_back(Event::Failed { call, error });
            }
            core.queue.pop_front();
        }
    }

    /// While the application is in the background, the peer's silence does not count: our own may be the reason.
    fn excuse_silence(&mut self) {
        if self.core.paused && self.core.reading && self.is_open() {
            self.tell(connection::Input::Reading(false));
            self.tell(connection::Input::Reading(true));
        }
    }

    /// After a pause or a change of network: a connection is asked for a sign of life, an attempt is made now.
    fn check(&mut self) {
        let agreement = self.agreement().cloned();
        match agreement {
            Some(agreement) => {
                let (now, time) = (self.core.now, self.core.config.probe_timeout);
                self.core.probe.start(now, &agreement, time);
            }
            None => self.core.hurry(),
        }
    }

    fn connected(&mut self, handshake: &[u8]) -> Result<(), Misuse> {
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

    fn heard(&mut self, bytes: &[u8], input: connection::Input<'_>) {
        if !bytes.is_empty() {
            self.core.probe.heard();
        }
        self.tell(input);
    }

    /// The end of the stream, perhaps inside a packet: the server was cut off, which is no fault of its making.
    fn ended(&mut self, close: Close) {
        if self.connection.is_some() {
            self.core.verdict = Some(Closed::new(close, Origin::Peer));
            self.core.severed = true;
            self.tell(connection::Input::TransportFailed("".into()));
        }
    }

    fn close_frame(&mut self, code: u16, reason: &str) {
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
    fn tell(&mut self, input: connection::Input<'_>) {
        if let Some(connection) = &mut self.connection {
            connection
                .handle_input(self.core.now, input)
                .expect("only answers and messages are refused");
        }
    }

    fn answer(&mut self, input: connection::Input<'_>) -> Result<(), Misuse> {
        let connection = self.connection.as_mut().ok_or(Misuse::NothingToAnswer)?;
        Ok(connection.handle_input(self.core.now, input)?)
    }

    fn call(&mut self, call: &Call<'_>) {
        if let Err(error) = check(call) {
            self.core.fail(call.id, error.into());
            return;
        }
        let open = self.is_open();
        let Self { connection, core } = self;
        let connection = match connection {
            Some(connection) if open => connection,
            _ => return core.defer(call, CallError::NotConnected),
        };
        // What waits goes first, unless it waits for the application's word.
        let behind = !core.queue.is_empty() && !core.holds_queue();
        if behind || !core.writable || core.calls.is_full() {
            return core.defer(call, CallError::QueueFull);
        }
        core.queue.supersede(call, &mut core.events);
        if let Err(error) = write(connection, &mut core.calls, core.now, call) {
            core.fail(call.id, error);
        }
    }
}

/// Whether any message can carry this call.
fn check(call: &Call<'_>) -> Result<(), EncodeError> {
    if call.route.len() > MAX_ROUTE {
        return Err(EncodeError::RouteTooLong(call.route.len()));
    }
    let len = call.body.len();
    if len > MAX_BODY {
        return Err(PacketTooLarge { len }.into());
    }
    Ok(())
}

/// Writes a call into the connection's buffer.
fn write(
    connection: &mut Connection,
    calls: &mut InFlight,
    now: Timestamp,
    call: &Call<'_>,
) -> Result<(), CallError> {
    let route = RouteRef::Name(call.route);
    let request = call.kind == MessageKind::Request;
    let message = if request {
        Message::request(calls.free_id().into(), route, call.body)
    } else {
        Message::notify(route, call.body)
    };
    match connection.handle_input(now, connection::Input::Send(message)) {
        Ok(()) if request => calls.request(call.id, now, call.deadline),
        Ok(()) => calls.notify(call.id),
        Err(connection::Misuse::Encode(error)) => return Err(error.into()),
        Err(_) => return Err(CallError::NotConnected),
    }
    Ok(())
}
