//! What the core says, as numbers: the page's side has the same tables in `machine.ts`.

use pitaya_client_core::{CallError, Origin};
use pitaya_protocol::EncodeError;

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
