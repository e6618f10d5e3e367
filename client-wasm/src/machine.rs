//! A client with its host and its socket.

use std::sync::Arc;

use pitaya_client_core::{
    CallError, Client, Close, Closed, Config, Event, Input, Output, State, Timestamp,
};
use pitaya_protocol::micros;
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
    /// The dictionary of the handshake that is being read.
    pub(crate) routes: Vec<(String, u16)>,
    /// The last end that the host was told of.
    ended: Option<Arc<Closed>>,
    /// When the core wants to hear of the time, in the page's milliseconds.
    due: f64,
}

impl Machine {
    pub(crate) fn new(host: Host, config: Config) -> Self {
        Self {
            client: Client::new(config),
            host,
            socket: None,
            routes: Vec::new(),
            ended: None,
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

    /// Takes an order and hands on everything that comes of it. Browsers hold back the timers of a page in the background, but not its
    /// messages: what is due is done with whatever comes.
    pub(crate) fn tell(&mut self, now: f64, input: Input<'_>) -> f64 {
        let at = timestamp(now);
        if let Some(socket) = &mut self.socket
            && socket.writable != socket.has_room()
        {
            socket.writable = !socket.writable;
            let writable = Input::Writable(socket.writable);
            hear(&mut self.client, at, writable);
        }
        hear(&mut self.client, at, input);
        if now >= self.due {
            hear(&mut self.client, at, Input::Timer);
        }
        self.drain(at);
        match &self.socket {
            Some(socket) if !socket.has_room() => self.due.min(now + ROOM_INTERVAL),
            _ => self.due,
        }
    }

    fn drain(&mut self, now: Timestamp) {
        loop {
            match self.client.poll_output() {
                Output::Transmit(transmit) => {
                    let socket = self.socket.as_ref();
                    if socket.is_some_and(|socket| !socket.send(transmit)) {
                        let reason = "the socket took no more".into();
                        hear(&mut self.client, now, Input::TransportFailed(reason));
                    }
                }
                Output::Event(event) => {
                    let Self {
                        host,
                        ended,
                        socket,
                        ..
                    } = self;
                    if let Event::Disconnect(_) = event {
                        *socket = None;
                    }
                    hand_on(host, ended, event);
                }
                Output::Wait(due) => {
                    self.due = due.map_or(f64::INFINITY, millis);
                    return;
                }
            }
        }
    }
}

/// Tells the core. It refuses only answers that it no longer waits for, as a host with asynchronous parts may give them.
fn hear(client: &mut Client, now: Timestamp, input: Input<'_>) {
    let _late = client.handle_input(now, input);
}

/// Hands an event on to the host.
fn hand_on(host: &Host, ended: &mut Option<Arc<Closed>>, event: Event<'_>) {
    match event {
        Event::Connect { attempt, endpoint } => {
            host.connect(attempt, endpoint.as_deref().unwrap_or_default());
        }
        Event::Disconnect(closed) => {
            let Close { code, reason, .. } = &closed.close;
            let code = match code.number() {
                0 => NORMAL,
                number => CLOSE_FRAMES + number,
            };
            host.disconnect(code, reason);
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
                tell_end(host, ended, closed);
            }
            host.failed(call.0, Failure::from(&error) as u8, error.sent());
        }
        Event::Push {
            route,
            deflated,
            body,
        } => host.push(route, deflated, body),
        Event::Unmatched { late, .. } => host.unmatched(late),
        Event::State(state) => stand(host, ended, &state),
        _ => {}
    }
}

fn stand(host: &Host, ended: &mut Option<Arc<Closed>>, state: &State) {
    let (mut attempt, mut next, mut exhausted) = (0, -1.0, false);
    let standing = match state {
        State::Connecting => Standing::Connecting,
        State::Connected => Standing::Connected,
        State::Reconnecting {
            attempt: number,
            next: start,
            cause,
        } => {
            tell_end(host, ended, cause);
            attempt = *number;
            next = start.map_or(-1.0, millis);
            Standing::Reconnecting
        }
        State::Closed(end) => {
            tell_end(host, ended, &end.closed);
            exhausted = end.exhausted;
            Standing::Closed
        }
        _ => Standing::Idle,
    };
    host.state(standing as u8, attempt, next, exhausted);
}

/// Tells the host how a connection ended, once for each end.
fn tell_end(host: &Host, ended: &mut Option<Arc<Closed>>, closed: &Arc<Closed>) {
    if ended.as_ref().is_some_and(|told| Arc::ptr_eq(told, closed)) {
        return;
    }
    let Close {
        code,
        reason,
        retry_after,
        endpoint,
        ..
    } = &closed.close;
    host.ended(
        code.number(),
        origin(closed.origin),
        reason,
        retry_after.map_or(-1.0, |delay| micros(delay) / 1000.0),
        endpoint.as_deref().unwrap_or_default(),
    );
    *ended = Some(Arc::clone(closed));
}
