//! The client machine as the page calls it.

use std::sync::Arc;

use pitaya_client_core::{
    Agreement, CallError, CallId, Client, Close, CloseCode, Closed, Config, Event, Input, Output,
    RoundTripSource, State, Timestamp,
};
use pitaya_protocol::{Capabilities, Dictionary};
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::WebSocket;

use crate::host::Host;
use crate::order::{close, duration, millis, offline, timestamp};
use crate::outcome::{Failure, Standing, origin};
use crate::socket::Socket;

/// When to look again whether a full socket has room, in milliseconds: browsers do not say.
const ROOM_INTERVAL: f64 = 50.0;
/// The close event of a socket that ended without a close frame (RFC 6455 section 7.1.5).
const ABNORMAL: u16 = 1006;
/// Close frames of ours are this plus the close's number.
const CLOSE_FRAMES: u16 = 4000;
/// The close frame for everything else (RFC 6455 section 7.4.1).
const NORMAL: u16 = 1000;

/// A client. Times are milliseconds of one clock that never runs backwards; every order returns when [`timer`](Self::timer) is due.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Machine {
    client: Client,
    host: Host,
    socket: Option<Socket>,
    /// The dictionary of the handshake that is being read.
    routes: Vec<(String, u16)>,
    /// The last end that the host was told of.
    ended: Option<Arc<Closed>>,
    /// When the core wants to hear of the time.
    due: f64,
}

#[wasm_bindgen]
impl Machine {
    /// An idle client. `seed` is any whole number, `attempts` may be infinite.
    #[wasm_bindgen(constructor)]
    #[allow(clippy::too_many_arguments)]
    pub fn new(
        host: Host,
        seed: f64,
        timeout: f64,
        request_timeout: f64,
        attempts: f64,
        base: f64,
        cap: f64,
        jitter: f64,
        stable: f64,
        retry_first: bool,
        hold_queue: bool,
        max_packet: usize,
    ) -> Self {
        let mut config = Config::new(seed as u64);
        config.connect_timeout = duration(timeout);
        config.handshake_timeout = duration(timeout);
        config.request_timeout = duration(request_timeout);
        config.backoff.attempts = attempts.is_finite().then_some(attempts as u32);
        config.backoff.base = duration(base);
        config.backoff.max = duration(cap);
        config.backoff.jitter = (jitter * 100.0) as u8;
        config.backoff.stable = duration(stable);
        config.retry_first = retry_first;
        config.hold_queue = hold_queue;
        config.max_packet = max_packet;
        Self {
            client: Client::new(config),
            host,
            socket: None,
            routes: Vec::new(),
            ended: None,
            due: f64::INFINITY,
        }
    }

    /// The application wants a connection, now.
    pub fn connect(&mut self, now: f64) -> f64 {
        self.tell(now, Input::Connect)
    }

    /// The socket is open; `handshake` goes out first.
    pub fn connected(&mut self, now: f64, socket: WebSocket, handshake: &[u8]) -> f64 {
        self.socket = Some(Socket::new(socket));
        self.tell(now, Input::Connected { handshake })
    }

    /// There will be no socket.
    #[wasm_bindgen(js_name = connectFailed)]
    pub fn connect_failed(&mut self, now: f64, reason: String, retryable: bool) -> f64 {
        let reason = reason.into();
        self.tell(now, Input::ConnectFailed { reason, retryable })
    }

    /// A WebSocket message came.
    pub fn frame(&mut self, now: f64, bytes: &[u8]) -> f64 {
        self.tell(now, Input::Frame(bytes))
    }

    /// The socket was closed.
    pub fn closed(&mut self, now: f64, code: u16, reason: &str) -> f64 {
        let input = if code == ABNORMAL {
            Input::TransportFailed(CloseCode::Transport.text().into())
        } else {
            Input::CloseFrame { code, reason }
        };
        self.tell(now, input)
    }

    /// The time has come.
    pub fn timer(&mut self, now: f64) -> f64 {
        self.tell(now, Input::Timer)
    }

    /// An entry of the dictionary, before `accept`.
    pub fn route(&mut self, name: String, code: u16) {
        self.routes.push((name, code));
    }

    /// The server's terms; a heartbeat of 0 stands for none.
    pub fn accept(&mut self, now: f64, heartbeat: f64, capabilities: u8) -> f64 {
        // A dictionary that contradicts itself is as good as none (wire 7.3).
        let dictionary = Dictionary::new(self.routes.drain(..)).unwrap_or_default();
        let heartbeat = (heartbeat > 0.0).then(|| duration(heartbeat));
        let capabilities = Capabilities::from_bits(capabilities);
        if let Some(socket) = &mut self.socket {
            socket.many_per_frame = capabilities.contains(Capabilities::MANY_PER_FRAME);
        }
        let agreement = Agreement::new(heartbeat, dictionary, capabilities);
        self.tell(now, Input::Accept(agreement))
    }

    /// The server refused, or its handshake cannot be read.
    pub fn refuse(
        &mut self,
        now: f64,
        code: u16,
        reason: String,
        retry_after: f64,
        endpoint: String,
    ) -> f64 {
        self.routes.clear();
        let close = close(code, reason, retry_after, endpoint);
        self.tell(now, Input::Refuse(close))
    }

    /// The kick, read.
    pub fn kicked(
        &mut self,
        now: f64,
        code: u16,
        reason: String,
        retry_after: f64,
        endpoint: String,
    ) -> f64 {
        let close = close(code, reason, retry_after, endpoint);
        self.tell(now, Input::Kicked(close))
    }

    /// The server broke the protocol in a body that only the host can read.
    pub fn fault(&mut self, now: f64, code: u16, reason: String) -> f64 {
        let close = close(code, reason, -1.0, String::new());
        self.tell(now, Input::Fault(close))
    }

    /// Sends a request. A negative time-out stands for the default.
    #[allow(clippy::too_many_arguments)]
    pub fn request(
        &mut self,
        now: f64,
        call: f64,
        route: &str,
        body: &[u8],
        timeout: f64,
        queue: u8,
        items: usize,
        bytes: usize,
        age: f64,
        key: &str,
    ) -> f64 {
        let input = Input::Request {
            call: CallId(call as u64),
            route,
            body,
            timeout: (timeout >= 0.0).then(|| duration(timeout)),
            offline: offline(queue, items, bytes, age, key),
        };
        self.tell(now, input)
    }

    /// Sends a notify.
    #[allow(clippy::too_many_arguments)]
    pub fn notify(
        &mut self,
        now: f64,
        call: f64,
        route: &str,
        body: &[u8],
        queue: u8,
        items: usize,
        bytes: usize,
        age: f64,
        key: &str,
    ) -> f64 {
        let input = Input::Notify {
            call: CallId(call as u64),
            route,
            body,
            offline: offline(queue, items, bytes, age, key),
        };
        self.tell(now, input)
    }

    /// The application no longer wants this call.
    pub fn cancel(&mut self, now: f64, call: f64) -> f64 {
        self.tell(now, Input::Cancel(CallId(call as u64)))
    }

    /// The page goes to the background, where it may be frozen.
    pub fn pause(&mut self, now: f64) -> f64 {
        self.tell(now, Input::Pause)
    }

    /// The page is back.
    pub fn resume(&mut self, now: f64) -> f64 {
        self.tell(now, Input::Resume)
    }

    /// There is a network, perhaps another one.
    pub fn online(&mut self, now: f64) -> f64 {
        self.tell(now, Input::Online)
    }

    /// There is no network.
    pub fn offline(&mut self, now: f64) -> f64 {
        self.tell(now, Input::Offline)
    }

    /// What waits may go, under `hold_queue`.
    pub fn release(&mut self, now: f64) -> f64 {
        self.tell(now, Input::Release)
    }

    /// Whether messages may come out.
    pub fn reading(&mut self, now: f64, on: bool) -> f64 {
        self.tell(now, Input::Reading(on))
    }

    /// The application is done.
    pub fn close(&mut self, now: f64, reason: String) -> f64 {
        let close = close(CloseCode::Normal.number(), reason, -1.0, String::new());
        self.tell(now, Input::Close(close))
    }

    /// The round trip in milliseconds, not a number before the first measurement.
    pub fn rtt(&self) -> f64 {
        let rtt = self.client.rtt();
        rtt.map_or(f64::NAN, |rtt| rtt.time.as_secs_f64() * 1000.0)
    }

    /// Whether the round trip is that of heartbeats, the network alone.
    #[wasm_bindgen(js_name = rttFromHeartbeats)]
    pub fn rtt_from_heartbeats(&self) -> bool {
        let rtt = self.client.rtt();
        rtt.is_some_and(|rtt| rtt.source == RoundTripSource::Heartbeat)
    }
}

impl Machine {
    /// Takes an order and hands on everything that comes of it. Browsers hold back the timers of a page in the background, but not its
    /// messages: what is due is done with whatever comes.
    fn tell(&mut self, now: f64, input: Input<'_>) -> f64 {
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
        } => host.response(call.0 as f64, error, deflated, body),
        Event::Sent(call) => host.sent(call.0 as f64),
        Event::Failed { call, error } => {
            if let CallError::Disconnected { closed, .. } = &error {
                tell_end(host, ended, closed);
            }
            host.failed(call.0 as f64, Failure::from(&error) as u8, error.sent());
        }
        Event::Push {
            route,
            deflated,
            body,
        } => host.push(route, deflated, body),
        Event::Unmatched { late, .. } => host.unmatched(late),
        Event::RoundTrip(rtt) => host.round_trip(rtt.time.as_secs_f64() * 1000.0),
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
        retry_after.map_or(-1.0, |delay| delay.as_secs_f64() * 1000.0),
        endpoint.as_deref().unwrap_or_default(),
    );
    *ended = Some(Arc::clone(closed));
}
