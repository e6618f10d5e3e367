//! How connecting and calls fail.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use pitaya_client_core::{CallError, Closed, Ended};
use pitaya_protocol::compression::InflateError;
use pitaya_protocol::{
    DeserializeError, EncodeError, ErrorPayload, RouteError, SerializeError, codes,
};
use thiserror::Error;

use crate::endpoint::EndpointError;
use crate::transport::Unreachable;

/// Why [`Builder::connect`](crate::Builder::connect) gave no connected client.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// An address is no address.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The `user` value of the handshake has no JSON form or is not an object.
    #[error("the handshake's user value is not usable")]
    User(#[source] Arc<dyn Error + Send + Sync>),
    /// A header for the WebSocket upgrade cannot be sent in HTTP.
    #[error("`{name}` is not an HTTP header, or its value cannot be one")]
    Header {
        /// Its name.
        name: String,
    },
    /// There is no tokio runtime to run the client's task.
    #[error("there is no tokio runtime")]
    NoRuntime,
    /// No endpoint could be connected to.
    #[error(transparent)]
    Unreachable(Arc<Unreachable>),
    /// A server was reached, but it or this client ended the connection before it was usable: a refusal, a kick, a fault, a time-out.
    #[error("the connection was closed: {}", .0.closed.close.reason())]
    Closed(Ended),
}

impl ConnectError {
    /// Whether the same may work later, without a change of settings.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Endpoint(_) | Self::User(_) | Self::Header { .. } | Self::NoRuntime => false,
            Self::Unreachable(unreachable) => unreachable.is_retryable(),
            Self::Closed(ended) => ended.closed.close.code.reconnect(),
        }
    }
}

/// Why a request has no answer, or a bad one.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The server answered with an error; the code is its own or one of [`codes`].
    #[error("the server answered with an error: {0}")]
    Server(ErrorPayload),
    /// No answer came in time. One that comes later is dropped.
    #[error("no answer came within {after:?}")]
    Timeout {
        /// The time that was allowed.
        after: Duration,
        /// Whether the request had been handed to the transport, so that the server may have acted on it.
        sent: bool,
    },
    /// The connection ended first.
    #[error("disconnected: {}", closed.close.reason())]
    Disconnected {
        /// Whether the request had been handed to the transport, so that the server may have acted on it.
        sent: bool,
        /// How the connection ended.
        closed: Closed,
    },
    /// There is no connection and the request does not wait for one, or there never will be one.
    #[error("not connected")]
    NotConnected,
    /// It waited for a connection for as long as its policy allows.
    #[error("no connection came back in time")]
    Expired,
    /// A newer one of the same [`latest_only`](crate::RequestCall::latest_only) took its place.
    #[error("a newer call took its place")]
    Superseded,
    /// Too many calls are in flight or wait.
    #[error("too many calls are waiting")]
    QueueFull,
    /// The client cancelled it.
    #[error("cancelled")]
    Cancelled,
    /// The request is larger than a packet can be.
    #[error("the message is too large")]
    TooLarge(#[source] EncodeError),
    /// The answer is larger than [`Builder::max_inflated`](crate::Builder::max_inflated) allows when inflated, or not a zlib stream.
    #[error("the answer cannot be inflated")]
    Inflate(#[source] InflateError),
    /// The route is malformed.
    #[error("the route is malformed")]
    Route(#[source] RouteError),
    /// The payload has no form in the connection's serializer.
    #[error("the payload cannot be written")]
    Encode(#[source] SerializeError),
    /// The answer is not what the route's type says.
    #[error("the answer cannot be read")]
    Decode(#[source] DeserializeError),
}

impl RequestError {
    /// Whether the same request may work later. Whether it is safe to repeat is another question: see [`sent`](Self::sent).
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Server(error) => matches!(&*error.code, codes::TIMEOUT | codes::OVERLOADED),
            Self::Timeout { .. } | Self::NotConnected | Self::Expired | Self::QueueFull => true,
            Self::Disconnected { closed, .. } => closed.close.code.reconnect(),
            Self::Superseded
            | Self::Cancelled
            | Self::TooLarge(_)
            | Self::Inflate(_)
            | Self::Route(_)
            | Self::Encode(_)
            | Self::Decode(_) => false,
        }
    }

    /// Whether the server may have acted on the request.
    #[must_use]
    pub fn sent(&self) -> bool {
        match self {
            Self::Timeout { sent, .. } | Self::Disconnected { sent, .. } => *sent,
            Self::Server(_) | Self::Cancelled | Self::Inflate(_) | Self::Decode(_) => true,
            _ => false,
        }
    }

    pub(crate) fn of_call(error: CallError, timeout: Duration) -> Self {
        match error {
            CallError::NotConnected => Self::NotConnected,
            CallError::QueueFull => Self::QueueFull,
            CallError::Expired => Self::Expired,
            CallError::Superseded => Self::Superseded,
            CallError::Timeout { sent } => Self::Timeout {
                after: timeout,
                sent,
            },
            CallError::Disconnected { sent, closed } => Self::Disconnected { sent, closed },
            CallError::Encode(error) => Self::TooLarge(error),
            _ => Self::Cancelled,
        }
    }
}

/// Why a notify was not handed to the transport.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NotifyError {
    /// The connection ended first; the server has not seen it.
    #[error("disconnected: {}", .0.close.reason())]
    Disconnected(Closed),
    /// There is no connection and it does not wait for one, or there never will be one.
    #[error("not connected")]
    NotConnected,
    /// It waited for a connection for as long as its policy allows.
    #[error("no connection came back in time")]
    Expired,
    /// A newer one of the same [`latest_only`](crate::NotifyCall::latest_only) took its place.
    #[error("a newer call took its place")]
    Superseded,
    /// Too many calls wait.
    #[error("too many calls are waiting")]
    QueueFull,
    /// The client cancelled it.
    #[error("cancelled")]
    Cancelled,
    /// It is larger than a packet can be.
    #[error("the message is too large")]
    TooLarge(#[source] EncodeError),
    /// The route is malformed.
    #[error("the route is malformed")]
    Route(#[source] RouteError),
    /// The payload has no form in the connection's serializer.
    #[error("the payload cannot be written")]
    Encode(#[source] SerializeError),
}

impl NotifyError {
    /// Whether the same notify may work later. None of these errors leaves it with the server, so that repeating is safe.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::NotConnected | Self::Expired | Self::QueueFull => true,
            Self::Disconnected(closed) => closed.close.code.reconnect(),
            Self::Superseded
            | Self::Cancelled
            | Self::TooLarge(_)
            | Self::Route(_)
            | Self::Encode(_) => false,
        }
    }
}

impl From<CallError> for NotifyError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::NotConnected => Self::NotConnected,
            CallError::QueueFull => Self::QueueFull,
            CallError::Expired => Self::Expired,
            CallError::Superseded => Self::Superseded,
            CallError::Disconnected { closed, .. } => Self::Disconnected(closed),
            CallError::Encode(error) => Self::TooLarge(error),
            _ => Self::Cancelled,
        }
    }
}

/// A call that did not even start.
#[derive(Debug)]
pub(crate) enum Unsendable {
    Route(RouteError),
    Encode(SerializeError),
    /// Which serializer to use is settled by a handshake that has not taken place.
    NoSerializer,
}

impl From<Unsendable> for RequestError {
    fn from(error: Unsendable) -> Self {
        match error {
            Unsendable::Route(error) => Self::Route(error),
            Unsendable::Encode(error) => Self::Encode(error),
            Unsendable::NoSerializer => Self::NotConnected,
        }
    }
}

impl From<Unsendable> for NotifyError {
    fn from(error: Unsendable) -> Self {
        match error {
            Unsendable::Route(error) => Self::Route(error),
            Unsendable::Encode(error) => Self::Encode(error),
            Unsendable::NoSerializer => Self::NotConnected,
        }
    }
}
