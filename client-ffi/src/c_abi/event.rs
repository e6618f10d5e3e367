//! What happened, in the form that a host reads: one flat struct of numbers and views.

use std::time::Duration;

use bytes::Bytes;
use pitaya_client_core::{Closed, Origin, RoundTrip, RoundTripSource};
use pitaya_protocol::{ErrorPayload, Serializer};

use super::memory::PitayaBytes;
use super::numbers::*;

/// Something that happened. `kind` says which of the members mean something; the others are 0 or empty.
///
/// What it points to belongs to the client, and lasts until the same thread polls this client again, `pitaya_events_done`, or
/// `pitaya_destroy`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct PitayaEvent {
    /// One of `PITAYA_EVENT_*`.
    pub kind: u32,
    /// How a call has ended, or why no connection could be opened: `PITAYA_OK` or one of `PITAYA_ERROR_*`.
    pub status: i32,
    /// Which call has ended.
    pub call: u64,
    /// One of `PITAYA_STATE_*`.
    pub state: u32,
    /// Which attempt to come back this is, from 1.
    pub attempt: u32,
    /// Why a connection ended: the number of a close (wire 5).
    pub code: u32,
    /// Who ended it: one of `PITAYA_ORIGIN_*`.
    pub origin: u32,
    /// `PITAYA_FLAG_*`.
    pub flags: u32,
    /// What `body` is written in: one of `PITAYA_SERIALIZER_*`, 0 for none. Of a round trip: one of `PITAYA_SOURCE_*`.
    pub serializer: u32,
    /// A length of time in microseconds, as `kind` and `status` say; `PITAYA_NEVER` for none.
    pub time_us: u64,
    /// How long the server asked to stay away, in microseconds; `PITAYA_NEVER` where it did not.
    pub retry_after_us: u64,
    /// How many events of this sort, all older than this one, were dropped because nobody polled.
    pub missed: u64,
    /// A route, a server's error code, or an address.
    pub name: PitayaBytes,
    /// A payload.
    pub body: PitayaBytes,
    /// For people: a reason or a message.
    pub text: PitayaBytes,
    /// An error's metadata as a JSON object, or the address that the server said to come back to.
    pub detail: PitayaBytes,
}

/// An event with what it points to.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) event: PitayaEvent,
    pub(crate) name: Bytes,
    pub(crate) body: Bytes,
    pub(crate) text: Bytes,
    pub(crate) detail: Bytes,
}

// What the pointers of `event` are is only decided by `view`, which borrows: in a record they are null.
#[expect(unsafe_code, reason = "a record owns all its memory")]
// SAFETY: the pointers of `event` are null for as long as it is in a record, and the rest is `Send`.
unsafe impl Send for Record {}

impl Record {
    pub(crate) fn new(kind: u32) -> Self {
        let event = PitayaEvent {
            kind,
            status: PITAYA_OK,
            call: 0,
            state: 0,
            attempt: 0,
            code: 0,
            origin: 0,
            flags: 0,
            serializer: 0,
            time_us: PITAYA_NEVER,
            retry_after_us: PITAYA_NEVER,
            missed: 0,
            name: PitayaBytes::EMPTY,
            body: PitayaBytes::EMPTY,
            text: PitayaBytes::EMPTY,
            detail: PitayaBytes::EMPTY,
        };
        Self {
            event,
            name: Bytes::new(),
            body: Bytes::new(),
            text: Bytes::new(),
            detail: Bytes::new(),
        }
    }

    /// The event as the host reads it, for as long as this record lives and keeps what it owns.
    pub(crate) fn view(&self) -> PitayaEvent {
        PitayaEvent {
            name: PitayaBytes::lend(&self.name),
            body: PitayaBytes::lend(&self.body),
            text: PitayaBytes::lend(&self.text),
            detail: PitayaBytes::lend(&self.detail),
            ..self.event
        }
    }

    pub(crate) fn size(&self) -> usize {
        self.name.len() + self.body.len() + self.text.len() + self.detail.len()
    }

    pub(crate) fn state(state: u32) -> Self {
        let mut record = Self::new(PITAYA_EVENT_STATE);
        record.event.state = state;
        record
    }

    pub(crate) fn reconnecting(attempt: u32, next: Option<Duration>, cause: &Closed) -> Self {
        let mut record = Self::state(PITAYA_STATE_RECONNECTING).because(cause);
        record.event.attempt = attempt;
        record.event.time_us = next.map_or(PITAYA_NEVER, micros);
        record
    }

    pub(crate) fn closed(closed: &Closed, exhausted: bool) -> Self {
        let mut record = Self::state(PITAYA_STATE_CLOSED).because(closed);
        if exhausted {
            record.event.flags |= PITAYA_FLAG_EXHAUSTED;
        }
        record
    }

    /// Adds to a state why there was no connection, and whether the same may work later.
    pub(crate) fn unreachable(mut self, status: i32, retryable: bool) -> Self {
        self.event.status = status;
        if !retryable {
            self.event.flags &= !PITAYA_FLAG_RETRYABLE;
        }
        self
    }

    pub(crate) fn answer(call: u64, serializer: Option<Serializer>, body: Bytes) -> Self {
        let mut record = Self::new(PITAYA_EVENT_ANSWER);
        record.event.call = call;
        record.event.serializer = serializer.map_or(0, number);
        record.body = body;
        record
    }

    pub(crate) fn sent(call: u64) -> Self {
        let mut record = Self::new(PITAYA_EVENT_SENT);
        record.event.call = call;
        record
    }

    /// A call that ended without success: `kind` is the event that it ends with.
    pub(crate) fn failed(kind: u32, call: u64, status: i32, text: String) -> Self {
        let mut record = Self::new(kind);
        record.event.call = call;
        record.event.status = status;
        record.text = text.into();
        record
    }

    pub(crate) fn with_flag(mut self, flag: u32, set: bool) -> Self {
        if set {
            self.event.flags |= flag;
        }
        self
    }

    pub(crate) fn after(mut self, time: Duration) -> Self {
        self.event.time_us = micros(time);
        self
    }

    pub(crate) fn server_error(mut self, payload: ErrorPayload) -> Self {
        self.event.status = PITAYA_ERROR_SERVER;
        self.name = payload.code.into();
        self.text = payload.msg.into();
        if !payload.metadata.is_empty() {
            let json = serde_json::to_vec(&payload.metadata).expect("texts have a JSON form");
            self.detail = json.into();
        }
        self
    }

    /// Adds how a connection ended.
    pub(crate) fn because(mut self, closed: &Closed) -> Self {
        let close = &closed.close;
        self.event.code = close.code.number().into();
        self.event.origin = match closed.origin {
            Origin::Local => PITAYA_ORIGIN_LOCAL,
            Origin::Peer => PITAYA_ORIGIN_PEER,
            Origin::Fault => PITAYA_ORIGIN_FAULT,
            _ => PITAYA_ORIGIN_TRANSPORT,
        };
        if let Some(delay) = close.retry_after() {
            self.event.retry_after_us = micros(delay.into());
        }
        self.text = Bytes::copy_from_slice(close.reason().as_bytes());
        if let Some(endpoint) = close.endpoint() {
            self.detail = Bytes::copy_from_slice(endpoint.as_bytes());
        }
        self.with_flag(PITAYA_FLAG_RETRYABLE, close.code.reconnect())
            .with_flag(PITAYA_FLAG_KICKED, close.code.is_kick())
    }

    pub(crate) fn push(route: &str, serializer: Option<Serializer>, body: Bytes) -> Self {
        let mut record = Self::new(PITAYA_EVENT_PUSH);
        record.event.serializer = serializer.map_or(0, number);
        record.name = Bytes::copy_from_slice(route.as_bytes());
        record.body = body;
        record
    }

    pub(crate) fn unhandled(route: &str) -> Self {
        let mut record = Self::new(PITAYA_EVENT_UNHANDLED);
        record.name = Bytes::copy_from_slice(route.as_bytes());
        record
    }

    pub(crate) fn unmatched(late: bool) -> Self {
        Self::new(PITAYA_EVENT_UNMATCHED).with_flag(PITAYA_FLAG_LATE, late)
    }

    pub(crate) fn round_trip(round_trip: RoundTrip) -> Self {
        let mut record = Self::new(PITAYA_EVENT_ROUND_TRIP);
        record.event.serializer = source(round_trip);
        record.after(round_trip.time())
    }
}

pub(crate) const fn number(serializer: Serializer) -> u32 {
    match serializer {
        Serializer::Json => PITAYA_SERIALIZER_JSON,
        Serializer::Protobuf => PITAYA_SERIALIZER_PROTOBUF,
        _ => 0,
    }
}

pub(crate) const fn source(round_trip: RoundTrip) -> u32 {
    match round_trip.source {
        RoundTripSource::Heartbeat => PITAYA_SOURCE_HEARTBEAT,
        _ => PITAYA_SOURCE_REQUESTS,
    }
}

/// What does not fit is a time that never comes.
pub(crate) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(PITAYA_NEVER)
}
