//! The orders of the page, each for one of its clients.

use std::cell::RefCell;

use pitaya_client_core::{Agreement, CallId, CloseCode, Config, Input, RoundTripSource};
use pitaya_protocol::{Capabilities, DictionaryBuilder, Span};
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::WebSocket;

use crate::convert::{close, offline};
use crate::host::Host;
use crate::machine::Machine;

/// The close event of a socket that ended without a close frame (RFC 6455 section 7.1.5).
const ABNORMAL: u16 = 1006;

thread_local! {
    /// The page's clients by number. They share nothing but this list.
    static MACHINES: RefCell<Vec<Option<Box<Machine>>>> = const { RefCell::new(Vec::new()) };
}

fn take(client: usize) -> Box<Machine> {
    let machine = MACHINES.with_borrow_mut(|machines| machines[client].take());
    machine.expect("a client that was not freed")
}

fn put(client: usize, machine: Box<Machine>) {
    MACHINES.with_borrow_mut(|machines| machines[client] = Some(machine));
}

/// Takes a client out of the list for an order: its host calls the page meanwhile, where another client may get one.
#[inline(never)]
fn begin(client: usize, now: f64) -> Box<Machine> {
    let mut machine = take(client);
    machine.advance(now);
    machine
}

#[inline(never)]
fn finish(client: usize, mut machine: Box<Machine>) -> f64 {
    let due = machine.drain();
    put(client, machine);
    due
}

/// Inlined, so that of the core's match the one arm is left.
#[inline(always)]
fn tell(client: usize, now: f64, input: Input<'_>) -> f64 {
    let mut machine = begin(client, now);
    machine.hear(input);
    finish(client, machine)
}

/// Makes an idle client and returns its number. Times are milliseconds, `attempts` may be infinite, `jitter` is from 0 to 1.
#[wasm_bindgen]
#[allow(clippy::too_many_arguments)]
pub fn open(
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
) -> usize {
    let mut config = Config::new(seed as u64);
    config.connect_timeout = Span::from_millis(timeout);
    config.handshake_timeout = config.connect_timeout;
    config.request_timeout = Span::from_millis(request_timeout);
    config.backoff.attempts = attempts.is_finite().then_some(attempts as u32);
    config.backoff.base = Span::from_millis(base);
    config.backoff.max = Span::from_millis(cap);
    config.backoff.jitter = (jitter * 100.0) as u8;
    config.backoff.stable = Span::from_millis(stable);
    config.retry_first = retry_first;
    config.hold_queue = hold_queue;
    config.max_packet = max_packet;
    let machine = Some(Box::new(Machine::new(host, config)));
    MACHINES.with_borrow_mut(|machines| {
        let free = machines.iter().position(Option::is_none);
        let client = free.unwrap_or(machines.len());
        if free.is_none() {
            machines.push(None);
        }
        machines[client] = machine;
        client
    })
}

/// Forgets a client; its number may be given to another.
#[wasm_bindgen]
pub fn free(client: usize) {
    MACHINES.with_borrow_mut(|machines| machines[client] = None);
}

/// News without particulars: 0 the application wants a connection now, 1 the time has come, 2 the page goes to the background, 3 it is back, 4 there
/// is a network, perhaps another one, 5 there is none, 6 what waits may go.
#[wasm_bindgen]
pub fn signal(client: usize, now: f64, signal: u8) -> f64 {
    let mut machine = begin(client, now);
    match signal {
        0 => machine.hear(Input::Connect),
        1 => machine.hear(Input::Timer),
        2 => machine.hear(Input::Pause),
        3 => machine.hear(Input::Resume),
        4 => machine.hear(Input::Online),
        5 => machine.hear(Input::Offline),
        _ => machine.hear(Input::Release),
    }
    finish(client, machine)
}

/// The socket is open; `handshake` goes out first.
#[wasm_bindgen]
pub fn connected(client: usize, now: f64, socket: WebSocket, handshake: &[u8]) -> f64 {
    let mut machine = begin(client, now);
    machine.attach(socket);
    machine.hear(Input::Connected { handshake });
    finish(client, machine)
}

/// A WebSocket message came.
#[wasm_bindgen]
pub fn frame(client: usize, now: f64, bytes: &[u8]) -> f64 {
    tell(client, now, Input::Frame(bytes))
}

/// An entry of the dictionary, before [`accept`].
#[wasm_bindgen]
pub fn route(client: usize, name: &str, code: u16) {
    let mut machine = take(client);
    if let Some(routes) = &mut machine.routes
        && routes.add(name, code).is_err()
    {
        machine.routes = None;
    }
    put(client, machine);
}

/// The server's terms; a heartbeat of 0 stands for none.
#[wasm_bindgen]
pub fn accept(client: usize, now: f64, heartbeat: f64, capabilities: u8) -> f64 {
    let capabilities = Capabilities::from_bits(capabilities);
    let mut machine = begin(client, now);
    if capabilities.contains(Capabilities::MANY_PER_FRAME) {
        machine.batch();
    }
    let routes = machine.routes.replace(DictionaryBuilder::default());
    let dictionary = routes.unwrap_or_default().build();
    let mut agreement = Agreement::new(None, dictionary, capabilities);
    agreement.heartbeat = (heartbeat > 0.0).then(|| Span::from_millis(heartbeat));
    machine.hear(Input::Accept(agreement));
    finish(client, machine)
}

/// Something is over: 0 the attempt to open a socket, where a code that reconnects says that the same may work later; 1 the socket, by its close event; 2
/// the handshake, refused; 3 the connection, by a kick that was read; 4 the connection, by a body that cannot be inflated; 5 the application is done.
/// A negative `retry_after` and an empty `endpoint` stand for none.
#[wasm_bindgen]
pub fn end(
    client: usize,
    now: f64,
    what: u8,
    code: u16,
    reason: &str,
    retry_after: f64,
    endpoint: &str,
) -> f64 {
    let mut machine = begin(client, now);
    let retryable = CloseCode::from_number(code).reconnect();
    let why = match what {
        0 | 1 => CloseCode::TRANSPORT,
        _ => CloseCode::from_number(code),
    };
    let close = close(why, reason, retry_after, endpoint);
    match what {
        0 => machine.hear(Input::ConnectFailed { close, retryable }),
        1 if code != ABNORMAL => machine.hear(Input::CloseFrame { code, reason }),
        1 => machine.hear(Input::TransportFailed(close)),
        2 => machine.hear(Input::Refuse(close)),
        3 => machine.hear(Input::Kicked(close)),
        4 => machine.hear(Input::Fault(close)),
        _ => machine.hear(Input::Close(close)),
    }
    finish(client, machine)
}

/// Sends a notify, where `timeout` is 0, or a request; a negative one stands for the default, and infinity never ends it. `queue` says what becomes of it
/// without a connection: 0 it fails, 1 it waits within the limits, 2 it waits and takes the place of the one with the same `key`.
#[wasm_bindgen]
#[allow(clippy::too_many_arguments)]
pub fn call(
    client: usize,
    now: f64,
    call: u32,
    route: &str,
    body: &[u8],
    timeout: f64,
    queue: u8,
    items: usize,
    bytes: usize,
    age: f64,
    key: &str,
) -> f64 {
    let call = CallId(call);
    let offline = offline(queue, items, bytes, age, key);
    let mut machine = begin(client, now);
    if timeout == 0.0 {
        machine.hear(Input::Notify {
            call,
            route,
            body,
            offline,
        });
    } else {
        machine.hear(Input::Request {
            call,
            route,
            body,
            timeout: (timeout > 0.0).then(|| Span::from_millis(timeout)),
            offline,
        });
    }
    finish(client, machine)
}

/// The application no longer wants this call.
#[wasm_bindgen]
pub fn cancel(client: usize, now: f64, call: u32) -> f64 {
    tell(client, now, Input::Cancel(CallId(call)))
}

/// The round trip in milliseconds: negative where requests measured it and not heartbeats, not a number before the first measurement.
#[wasm_bindgen]
pub fn rtt(client: usize) -> f64 {
    let machine = take(client);
    let rtt = machine.client.rtt();
    put(client, machine);
    rtt.map_or(f64::NAN, |rtt| {
        let millis = rtt.millis();
        match rtt.source {
            RoundTripSource::Heartbeat => millis,
            _ => -millis,
        }
    })
}
