//! A client with its host and its socket.

use pitaya_client_core::{
    CallError, Client, CloseCode, Closed, Config, Event, Input, Output, State, Timestamp,
};
use pitaya_protocol::{DictionaryBuilder, Span};
use web_sys::WebSocket;

use crate::convert::{Failure, Standing, millis, origin, timestamp};
use crate::host::Host;
use crate::socket::Socket;

/// When to look again whether a full socket has room, in milliseconds: browsers do not say.
const ROOM_INTERVAL: f64 = 50.0;
/// Close frames of ours are this plus the close's number.
const CLOSE_FRAMES: u16 = 4000;
/// The close frame for everything else (RFC 6455 section 7.4.1).
const NORMAL: u16 = 1000;

/// A client and what it is connected to.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) client: Client,
    host: Host,
    socket: Option<Socket>,
    /// The dictionary of the handshake that is being read; `None` where it contradicts itself, which is as good as none (wire 7.3).
    pub(crate) routes: Option<DictionaryBuilder>,
    /// The time of the order that is being carried out.
    now: Timestamp,
    /// When the core wants to hear of the time.
    due: f64,
}

impl Machine {
    pub(crate) fn new(host: Host, config: Config) -> Self {
        Self {
            client: Client::new(config),
            host,
            socket: None,
            routes: Some(DictionaryBuilder::default()),
            now: Timestamp::ZERO,
            due: f64::INFINITY,
        }
    }

    /// Writes to this socket from now on.
    pub(crate) fn attach(&mut self, socket: WebSocket) {
        self.socket = Some(Socket::new(socket));
    }

    /// Puts several packets into one message from now on.
    pub(crate) const fn batch(&mut self) {
        if let Some(socket) = &mut self.socket {
            socket.many_per_frame = true;
        }
    }

    /// What comes before an order: the core hears of the time and of the socket. Browsers hold back the timers of a page in the background, but not
    /// its messages: what is due is done with whatever comes.
    pub(crate) fn advance(&mut self, now: f64) {
        self.now = timestamp(now);
        if self.is_full() {
            self.look();
        }
        if now >= self.due {
            self.hear(Input::Timer);
        }
    }

    /// Whether the socket took so much that calls wait.
    fn is_full(&self) -> bool {
        self.socket.as_ref().is_some_and(|socket| !socket.writable)
    }

    /// A socket fills up when something is sent, and has room again some time after that.
    fn look(&mut self) {
        if let Some(socket) = &mut self.socket
            && socket.look()
        {
            let writable = socket.writable;
            self.hear(Input::Writable(writable));
        }
    }

    /// Tells the core. It refuses only answers that it no longer waits for, as a host with asynchronous parts may give them.
    #[inline(always)]
    pub(crate) fn hear(&mut self, input: Input<'_>) {
        let _late = self.client.handle_input(self.now, input);
    }

    /// Hands on everything that comes of an order; returns when the client wants to hear of the time again.
    pub(crate) fn drain(&mut self) -> f64 {
        loop {
            match self.client.poll_output() {
                Output::Transmit(transmit) => {
                    let socket = self.socket.as_ref();
                    if socket.is_some_and(|socket| !socket.send(transmit)) {
                        self.hear(Input::TransportFailed(CloseCode::TRANSPORT.into()));
                    }
                    self.look();
                }
                Output::Event(event) => {
                    if let Event::Disconnect(_) = event {
                        self.socket = None;
                    }
                    hand_on(&self.host, event);
                }
                Output::Wait(due) => {
                    self.due = due.map_or(f64::INFINITY, millis);
                    break;
                }
            }
        }
        if self.is_full() {
            self.due.min(millis(self.now) + ROOM_INTERVAL)
        } else {
            self.due
        }
    }
}

/// Hands an event on to the host.
fn hand_on(host: &Host, event: Event<'_>) {
    match event {
        Event::Connect { attempt, endpoint } => {
            host.connect(attempt, endpoint.as_deref().unwrap_or_default());
        }
        Event::Disconnect(closed) => {
            let code = match closed.close.code.number() {
                0 => NORMAL,
                number => CLOSE_FRAMES + number,
            };
            host.disconnect(code, closed.close.said_reason().unwrap_or_default());
        }
        Event::Handshake(body) => host.handshake(body),
        Event::Kick(body) => host.kick(body),
        Event::Response {
            call,
            error,
            deflated,
            body,
        } => host.response(call.0, error, deflated, body),
        Event::Sent(call) => host.sent(call.0),
        Event::Failed { call, error } => {
            if let CallError::Disconnected { closed, .. } = &error {
                tell_end(host, closed);
            }
            host.failed(call.0, Failure::from(&error) as u8, error.sent());
        }
        Event::Push {
            route,
            deflated,
            body,
        } => host.push(route, deflated, body),
        Event::Unmatched { late, .. } => host.unmatched(late),
        Event::State(state) => stand(host, &state),
        _ => {}
    }
}

fn stand(host: &Host, state: &State) {
    let (mut attempt, mut next, mut exhausted) = (0, -1.0, false);
    let standing = match state {
        State::Connecting => Standing::Connecting,
        State::Connected => Standing::Connected,
        State::Reconnecting {
            attempt: number,
            next: start,
            cause,
        } => {
            tell_end(host, cause);
            attempt = *number;
            next = start.map_or(-1.0, millis);
            Standing::Reconnecting
        }
        State::Closed(end) => {
            tell_end(host, &end.closed);
            exhausted = end.exhausted;
            Standing::Closed
        }
        _ => Standing::Idle,
    };
    host.state(standing as u8, attempt, next, exhausted);
}

/// Tells the host how a connection ended, before what came of it.
fn tell_end(host: &Host, closed: &Closed) {
    let close = &closed.close;
    host.ended(
        close.code.number(),
        origin(closed.origin),
        close.said_reason().unwrap_or_default(),
        close.retry_after().map_or(-1.0, Span::as_millis),
        close.endpoint().unwrap_or_default(),
    );
}
