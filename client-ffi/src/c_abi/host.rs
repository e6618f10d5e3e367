//! A client whose host owns sockets and clock: the machine, what it wants sent, and the handshakes that it does not read itself.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use pitaya_client_core::{
    CallError, CallId, Client, Close, Config, Event, Input, Misuse, Output, RoundTrip, State,
    Timestamp,
};
use pitaya_protocol::compression::inflate;
use pitaya_protocol::handshake::{ClientInfo, HandshakeRequest, Offer};
use pitaya_protocol::{Capabilities, EncodeError, ErrorPayload, Serializer};
use serde_json::{Map, Value};

use super::call::{Call, Kind};
use super::event::Record;
use super::fault::Fault;
use super::inbox::Inbox;
use super::numbers::*;
use super::outgoing::Outgoing;

/// Close frames of ours are this plus the close's number (wire 5).
const CLOSE_FRAMES: u32 = 4000;
/// The close frame for everything else (RFC 6455 section 7.4.1).
const NORMAL: u32 = 1000;

/// What a [`Host`] is made with.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) config: Config,
    pub(crate) info: ClientInfo,
    pub(crate) user: Map<String, Value>,
    pub(crate) serializers: Vec<Serializer>,
    pub(crate) pinned: Option<Serializer>,
    pub(crate) max_inflated: usize,
}

/// A call that has not ended.
#[derive(Debug)]
struct Ongoing {
    id: u64,
    kind: Kind,
    timeout: Duration,
}

/// See the [module docs](self).
#[derive(Debug)]
pub(crate) struct Host {
    machine: Client,
    inbox: Arc<Inbox>,
    settings: Settings,
    /// The host's last word on the time.
    now: Timestamp,
    deadline: Option<Timestamp>,
    /// Settled by the first handshake where there is a choice.
    known: Option<Serializer>,
    routes: HashSet<String>,
    calls: HashMap<CallId, Ongoing>,
    outgoing: Outgoing,
    writable: bool,
    /// Whether the attempt that the host reports as failed may be repeated, until the state comes of it.
    failed: Option<bool>,
}

impl Settings {
    /// A seed for the jitter: the hasher's keys are the operating system's randomness.
    pub(crate) fn config() -> Config {
        Config::new(RandomState::new().hash_one(0))
    }
}

impl Host {
    pub(crate) fn new(settings: Settings, inbox: Arc<Inbox>) -> Self {
        let known = settings.pinned.or(match *settings.serializers {
            [only] => Some(only),
            _ => None,
        });
        Self {
            machine: Client::new(settings.config.clone()),
            inbox,
            settings,
            now: Timestamp::ZERO,
            deadline: None,
            known,
            routes: HashSet::new(),
            calls: HashMap::new(),
            outgoing: Outgoing::default(),
            writable: true,
            failed: None,
        }
    }

    /// Tells the machine what happened, and does what comes of it. Without a time it happens at the last one that the host has told.
    pub(crate) fn tell(&mut self, now: Option<u64>, input: Input<'_>) -> Result<(), Fault> {
        if let Some(now) = now {
            self.now = self.now.max(Timestamp::from_micros(now));
        }
        let told = self.machine.handle_input(self.now, input);
        self.drain();
        told.map_err(|misuse: Misuse| Fault::new(PITAYA_NOT_ASKED, misuse.to_string()))
    }

    /// The host's transport is open.
    pub(crate) fn opened(&mut self, now: u64, messages: bool) -> Result<(), Fault> {
        let mut info = self.settings.info.clone();
        info.serializers = match self.known {
            Some(known) => vec![known],
            None => self.settings.serializers.clone(),
        };
        let handshake = HandshakeRequest::new(info, self.settings.user.clone()).to_json();
        let before = std::mem::replace(&mut self.outgoing, Outgoing::new(messages));
        let handshake = &handshake;
        let told = self.tell(Some(now), Input::Connected { handshake });
        if told.is_err() {
            // There is another transport, or none: what was to be sent is not for this one.
            self.outgoing = before;
        }
        told
    }

    /// There will be no transport.
    pub(crate) fn failed(&mut self, now: u64, close: Close, retryable: bool) -> Result<(), Fault> {
        self.failed = Some(retryable);
        let told = self.tell(Some(now), Input::ConnectFailed { close, retryable });
        self.failed = None;
        told
    }

    /// Bytes of the stream, or one message.
    pub(crate) fn feed(&mut self, now: u64, bytes: &[u8]) -> Result<(), Fault> {
        let input = match self.outgoing.is_messages() {
            true => Input::Frame(bytes),
            false => Input::Bytes(bytes),
        };
        self.tell(Some(now), input)
    }

    /// Says the time, and does what is due.
    pub(crate) fn tick(&mut self, now: u64) -> Result<(), Fault> {
        let at = Timestamp::from_micros(now);
        if self.deadline.is_some_and(|deadline| deadline <= at) {
            return self.tell(Some(now), Input::Timer);
        }
        self.now = self.now.max(at);
        Ok(())
    }

    /// When the machine wants to hear of the time.
    pub(crate) fn deadline(&self) -> u64 {
        self.deadline.map_or(PITAYA_NEVER, Timestamp::as_micros)
    }

    /// Takes bytes for the transport; see [`Outgoing::take`].
    pub(crate) fn transmit(
        &mut self,
        room: &mut [std::mem::MaybeUninit<u8>],
    ) -> Result<usize, usize> {
        let taken = self.outgoing.take(room)?;
        if self.writable != self.outgoing.has_room() {
            self.writable = !self.writable;
            let told = self
                .machine
                .handle_input(self.now, Input::Writable(self.writable));
            debug_assert!(told.is_ok(), "only answers are refused: {told:?}");
            self.drain();
        }
        Ok(taken)
    }

    pub(crate) fn wants_bytes(&self) -> bool {
        self.machine.wants_bytes()
    }

    pub(crate) fn call(&mut self, id: u64, call: &Call<'_>) -> Result<(), Fault> {
        let mut name = CallId(id as u32);
        // After four billion calls an old one may still wait.
        while self.calls.contains_key(&name) {
            name.0 = name.0.wrapping_add(1);
        }
        let timeout = call
            .timeout
            .unwrap_or_else(|| self.settings.config.request_timeout.into());
        let Call {
            kind,
            route,
            body,
            offline,
            ..
        } = *call;
        self.calls.insert(name, Ongoing { id, kind, timeout });
        let input = match kind {
            Kind::Request => Input::Request {
                call: name,
                route,
                body,
                timeout: Some(timeout.into()),
                offline,
            },
            Kind::Notify => Input::Notify {
                call: name,
                route,
                body,
                offline,
            },
        };
        self.tell(None, input)
    }

    /// Calls are few and cancelling is rare: a search is enough.
    pub(crate) fn cancel(&mut self, id: u64) -> Result<(), Fault> {
        let name = self.calls.iter().find(|(_, call)| call.id == id);
        match name.map(|(name, _)| *name) {
            Some(name) => self.tell(None, Input::Cancel(name)),
            None => Ok(()),
        }
    }

    pub(crate) fn listen(&mut self, route: &str, listen: bool) {
        if listen {
            self.routes.insert(route.to_owned());
        } else {
            self.routes.remove(route);
        }
    }

    pub(crate) fn set_user(&mut self, user: Map<String, Value>) {
        self.settings.user = user;
    }

    pub(crate) fn state(&self) -> u32 {
        match self.machine.state() {
            State::Connecting => PITAYA_STATE_CONNECTING,
            State::Connected => PITAYA_STATE_CONNECTED,
            State::Reconnecting { .. } => PITAYA_STATE_RECONNECTING,
            State::Closed(_) => PITAYA_STATE_CLOSED,
            _ => PITAYA_STATE_IDLE,
        }
    }

    pub(crate) fn rtt(&self) -> Option<RoundTrip> {
        self.machine.rtt()
    }

    pub(crate) const fn serializer(&self) -> Option<Serializer> {
        self.known
    }

    /// Does everything that the machine has to say.
    fn drain(&mut self) {
        let mut cut_off = Vec::new();
        loop {
            let answer = match self.machine.poll_output() {
                Output::Wait(deadline) => {
                    for record in cut_off.drain(..) {
                        self.inbox.push(record);
                    }
                    self.deadline = deadline;
                    if self.writable == self.outgoing.has_room() {
                        return;
                    }
                    self.writable = !self.writable;
                    Some(Input::Writable(self.writable))
                }
                Output::Transmit(transmit) => {
                    self.outgoing.add(transmit);
                    None
                }
                Output::Event(event) => {
                    let mut desk = Desk {
                        inbox: &self.inbox,
                        settings: &self.settings,
                        now: self.now,
                        known: &mut self.known,
                        routes: &self.routes,
                        calls: &mut self.calls,
                        outgoing: &mut self.outgoing,
                        failed: &mut self.failed,
                        cut_off: &mut cut_off,
                    };
                    desk.hand_on(event)
                }
            };
            if let Some(answer) = answer {
                let told = self.machine.handle_input(self.now, answer);
                debug_assert!(told.is_ok(), "a misplaced answer: {told:?}");
            }
        }
    }
}

/// Everything of a host but the machine, which its events borrow from.
struct Desk<'a> {
    inbox: &'a Inbox,
    settings: &'a Settings,
    now: Timestamp,
    known: &'a mut Option<Serializer>,
    routes: &'a HashSet<String>,
    calls: &'a mut HashMap<CallId, Ongoing>,
    outgoing: &'a mut Outgoing,
    failed: &'a mut Option<bool>,
    /// Ends of calls that went with the connection: a host that reads them has read the state that comes of it.
    cut_off: &'a mut Vec<Record>,
}

impl Desk<'_> {
    /// Makes an event of the machine one of the host. What comes back is for the machine.
    fn hand_on(&mut self, event: Event<'_>) -> Option<Input<'static>> {
        let record = match event {
            Event::State(state) => match (self.state(&state), self.failed.take()) {
                (record, Some(retryable)) => {
                    record.unreachable(PITAYA_ERROR_UNREACHABLE, retryable)
                }
                (record, None) => record,
            },
            Event::Connect { attempt, endpoint } => {
                let mut record = Record::new(PITAYA_EVENT_HOST_CONNECT);
                record.event.attempt = attempt;
                record.name = Bytes::from(String::from(endpoint.unwrap_or_default()));
                record
            }
            Event::Disconnect(closed) => {
                let mut record = Record::new(PITAYA_EVENT_HOST_DISCONNECT).because(&closed);
                record.event.code = match closed.close.code.number() {
                    0 => NORMAL,
                    number => CLOSE_FRAMES + u32::from(number),
                };
                record
            }
            Event::Handshake(body) => return Some(self.settle(body)),
            Event::Kick(body) => return Some(Input::Kicked(Close::parse_kick(body))),
            Event::Response {
                call,
                error,
                deflated,
                body,
            } => {
                let Ongoing { id, kind, .. } = self.calls.remove(&call)?;
                match payload(deflated, body, self.settings.max_inflated) {
                    Ok(body) if error => Record::failed(kind.end(), id, 0, String::new())
                        .server_error(ErrorPayload::read_lossy((*self.known)?, &body)),
                    Ok(body) => Record::answer(id, *self.known, body),
                    Err(close) => {
                        let text = close.reason().to_owned();
                        let record = Record::failed(kind.end(), id, PITAYA_ERROR_INFLATE, text);
                        self.inbox.push(record.with_flag(PITAYA_FLAG_SENT, true));
                        return Some(Input::Fault(close));
                    }
                }
            }
            Event::Sent(call) => Record::sent(self.calls.remove(&call)?.id),
            Event::Failed { call, error } => {
                let record = failed(&self.calls.remove(&call)?, &error);
                if record.event.status == PITAYA_ERROR_DISCONNECTED {
                    self.cut_off.push(record);
                    return None;
                }
                record
            }
            Event::Push { route, .. } if !self.routes.contains(route) => Record::unhandled(route),
            Event::Push {
                route,
                deflated,
                body,
            } => match payload(deflated, body, self.settings.max_inflated) {
                Ok(body) => Record::push(route, *self.known, body),
                Err(close) => return Some(Input::Fault(close)),
            },
            Event::Unmatched { late, .. } => Record::unmatched(late),
            Event::RoundTrip(round_trip) => Record::round_trip(round_trip),
            _ => return None,
        };
        self.inbox.push(record);
        None
    }

    fn settle(&mut self, body: &[u8]) -> Input<'static> {
        let offer = Offer {
            serializers: &self.settings.serializers,
            pinned: self.settings.pinned,
            max_inflated: self.settings.max_inflated,
        };
        match offer.settle(*self.known, body) {
            Ok((serializer, agreement)) => {
                *self.known = Some(serializer);
                if agreement
                    .capabilities
                    .contains(Capabilities::MANY_PER_FRAME)
                {
                    self.outgoing.many_per_message();
                }
                Input::Accept(agreement)
            }
            Err(close) => Input::Refuse(close),
        }
    }

    fn state(&self, state: &State) -> Record {
        match state {
            State::Connecting => Record::state(PITAYA_STATE_CONNECTING),
            State::Connected => Record::state(PITAYA_STATE_CONNECTED),
            State::Reconnecting {
                attempt,
                next,
                cause,
            } => {
                let next = next.map(|next| next.saturating_since(self.now));
                Record::reconnecting(*attempt, next, cause)
            }
            State::Closed(ended) => Record::closed(&ended.closed, ended.exhausted),
            _ => Record::state(PITAYA_STATE_IDLE),
        }
    }
}

/// Copies a body out of the machine, inflated if need be.
fn payload(deflated: bool, body: &[u8], limit: usize) -> Result<Bytes, Close> {
    match deflated {
        true => Ok(inflate(body, limit)?.into()),
        false => Ok(Bytes::copy_from_slice(body)),
    }
}

/// The end of a call that has no answer.
fn failed(call: &Ongoing, error: &CallError) -> Record {
    let status = match error {
        CallError::QueueFull => PITAYA_ERROR_QUEUE_FULL,
        CallError::Expired => PITAYA_ERROR_EXPIRED,
        CallError::Superseded => PITAYA_ERROR_SUPERSEDED,
        CallError::Timeout { .. } => PITAYA_ERROR_TIMEOUT,
        CallError::Cancelled => PITAYA_ERROR_CANCELLED,
        CallError::Disconnected { .. } => PITAYA_ERROR_DISCONNECTED,
        CallError::Encode(EncodeError::TooLarge(_)) => PITAYA_ERROR_TOO_LARGE,
        CallError::Encode(_) => PITAYA_ERROR_ROUTE,
        _ => PITAYA_ERROR_NOT_CONNECTED,
    };
    let record = Record::failed(call.kind.end(), call.id, status, error.to_string());
    let record = match error {
        CallError::Disconnected { closed, .. } => record.because(closed),
        CallError::Timeout { .. } => record.after(call.timeout),
        _ => record,
    };
    let later = matches!(
        status,
        PITAYA_ERROR_QUEUE_FULL
            | PITAYA_ERROR_EXPIRED
            | PITAYA_ERROR_TIMEOUT
            | PITAYA_ERROR_NOT_CONNECTED
    );
    record
        .with_flag(PITAYA_FLAG_SENT, error.sent())
        .with_flag(PITAYA_FLAG_RETRYABLE, later)
}
