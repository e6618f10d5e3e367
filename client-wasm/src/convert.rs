//! Between the page's numbers and texts and the core's terms. The TypeScript side has the same numbers in `machine.ts`.

use pitaya_client_core::{CallError, Close, CloseCode, Offline, Origin, QueueLimits, Timestamp};
use pitaya_protocol::{EncodeError, Span};

/// A point of the page's clock, which counts milliseconds.
pub(crate) fn timestamp(millis: f64) -> Timestamp {
    Timestamp::from_millis_f64(millis)
}

/// The same for the page.
pub(crate) fn millis(time: Timestamp) -> f64 {
    time.as_millis_f64()
}

/// A close that the page has read: negative and empty stand for what was not said.
pub(crate) fn close(code: CloseCode, reason: &str, retry_after: f64, endpoint: &str) -> Close {
    Close::from_parts(
        code,
        text(reason),
        (retry_after >= 0.0).then(|| Span::from_millis(retry_after)),
        text(endpoint),
    )
}

fn text(text: &str) -> Option<Box<str>> {
    (!text.is_empty()).then(|| text.into())
}

/// What becomes of a call without a connection.
pub(crate) fn offline<'a>(
    queue: u8,
    items: usize,
    bytes: usize,
    age: f64,
    key: &'a str,
) -> Offline<'a> {
    match queue {
        0 => Offline::Fail,
        1 => Offline::Queue(QueueLimits::new(items, bytes, Span::from_millis(age))),
        _ => Offline::LatestOnly { key },
    }
}

/// Why a call failed.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub(crate) enum Failure {
    NotConnected = 0,
    QueueFull = 1,
    Expired = 2,
    Superseded = 3,
    Timeout = 4,
    Cancelled = 5,
    Disconnected = 6,
    RouteTooLong = 7,
    BodyTooLong = 8,
}

impl From<&CallError> for Failure {
    fn from(error: &CallError) -> Self {
        match error {
            CallError::QueueFull => Self::QueueFull,
            CallError::Expired => Self::Expired,
            CallError::Superseded => Self::Superseded,
            CallError::Timeout { .. } => Self::Timeout,
            CallError::Cancelled => Self::Cancelled,
            CallError::Disconnected { .. } => Self::Disconnected,
            CallError::Encode(EncodeError::TooLarge(_)) => Self::BodyTooLong,
            CallError::Encode(_) => Self::RouteTooLong,
            _ => Self::NotConnected,
        }
    }
}

/// Where the client stands.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub(crate) enum Standing {
    Idle = 0,
    Connecting = 1,
    Connected = 2,
    Reconnecting = 3,
    Closed = 4,
}

/// The side that ended a connection.
pub(crate) const fn origin(origin: Origin) -> u8 {
    match origin {
        Origin::Local => 0,
        Origin::Peer => 1,
        Origin::Fault => 2,
        _ => 3,
    }
}
