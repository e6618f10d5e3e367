//! One error for everything that can fail.

use std::collections::HashMap;
use std::error::Error;

use pitaya_client as rust;
use pitaya_client::{ConnectError, NotifyError, RequestError};

use super::close::CloseReason;
use super::state::millis;

/// What every function of the surface fails with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum PitayaError {
    /// It failed, and this is why.
    #[error("{}", failure.message)]
    Failed {
        /// What is known of it.
        failure: Failure,
    },
}

/// Why something failed.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Failure {
    /// What programs tell failures apart by.
    pub kind: FailureKind,
    /// Text for people; the server's own where the kind is [`FailureKind::Server`].
    pub message: String,
    /// Whether the message may have reached the server, which may have acted on it: repeating it may do so again.
    pub sent: bool,
    /// Whether the same may work later, without a change of what was asked.
    pub retryable: bool,
    /// The server's error answer, with [`FailureKind::Server`].
    pub server: Option<ServerFailure>,
    /// The time that the request had, in milliseconds, with [`FailureKind::Timeout`].
    pub after_ms: Option<u64>,
    /// How the connection ended, with [`FailureKind::Disconnected`], [`FailureKind::Refused`] and [`FailureKind::Closed`].
    pub close: Option<CloseReason>,
    /// What went wrong at each endpoint, with [`FailureKind::Unreachable`].
    pub endpoints: Vec<EndpointFailure>,
}

/// Kinds of failure. New ones may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum FailureKind {
    /// The server answered the request with an error.
    Server,
    /// No answer came in time.
    Timeout,
    /// The connection ended before the answer came, or before a notify was written.
    Disconnected,
    /// Not sent: there is no connection and the call does not wait for one, or there never will be one.
    NotConnected,
    /// Not sent: too many calls are in flight or wait.
    QueueFull,
    /// Not sent: it waited for a connection for as long as it may.
    Expired,
    /// Not sent: a newer call of the same key took its place.
    Superseded,
    /// Not sent: no packet can carry it.
    TooLarge,
    /// Not sent: the route is malformed.
    Route,
    /// The answer cannot be inflated.
    Decode,
    /// The call was cancelled.
    Cancelled,
    /// Connecting: an address is no address.
    Url,
    /// Connecting: the handshake's user value is no JSON object.
    User,
    /// Connecting: another setting cannot be used.
    Settings,
    /// Connecting: no endpoint could be connected to, or the user value was not to be had.
    Unreachable,
    /// Connecting: the server refused this client, or threw it out at once.
    Refused,
    /// Connecting: the connection ended otherwise before it was usable.
    Closed,
    /// A fault of this library.
    Internal,
}

/// A server's error answer.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ServerFailure {
    /// By which programs tell errors apart: the server's own, or one of Pitaya's such as `PIT-404`.
    pub code: String,
    /// Text for people.
    pub message: String,
    /// Details for programs.
    pub metadata: HashMap<String, String>,
}

/// What went wrong at an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct EndpointFailure {
    /// Its URL.
    pub endpoint: String,
    /// Text for people.
    pub message: String,
    /// Whether trying again later could succeed.
    pub retryable: bool,
}

impl PitayaError {
    fn of(kind: FailureKind, message: String) -> Self {
        Self::Failed {
            failure: Failure::new(kind, message),
        }
    }

    pub(super) fn cancelled(sent: bool) -> Self {
        let mut failure = Failure::new(FailureKind::Cancelled, "cancelled".to_owned());
        failure.sent = sent;
        Self::Failed { failure }
    }

    pub(super) fn user(error: &dyn Error) -> Self {
        Self::of(
            FailureKind::User,
            format!("the handshake's user value is not usable: {}", told(error)),
        )
    }

    pub(super) fn settings(error: &dyn Error) -> Self {
        Self::of(FailureKind::Settings, told(error))
    }

    pub(super) fn setting(message: String) -> Self {
        Self::of(FailureKind::Settings, message)
    }

    pub(super) fn route(error: &dyn Error) -> Self {
        Self::of(FailureKind::Route, told(error))
    }
}

impl Failure {
    fn new(kind: FailureKind, message: String) -> Self {
        Self {
            kind,
            message,
            sent: false,
            retryable: false,
            server: None,
            after_ms: None,
            close: None,
            endpoints: Vec::new(),
        }
    }
}

/// An error with everything that led to it.
fn told(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        // Some errors tell their source themselves.
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        source = error.source();
    }
    text
}

impl From<RequestError> for PitayaError {
    fn from(error: RequestError) -> Self {
        let kind = match &error {
            RequestError::Server(_) => FailureKind::Server,
            RequestError::Timeout { .. } => FailureKind::Timeout,
            RequestError::Disconnected { .. } => FailureKind::Disconnected,
            RequestError::NotConnected => FailureKind::NotConnected,
            RequestError::Expired => FailureKind::Expired,
            RequestError::Superseded => FailureKind::Superseded,
            RequestError::QueueFull => FailureKind::QueueFull,
            RequestError::Cancelled => FailureKind::Cancelled,
            RequestError::TooLarge(_) => FailureKind::TooLarge,
            RequestError::Inflate(_) | RequestError::Decode(_) => FailureKind::Decode,
            RequestError::Route(_) => FailureKind::Route,
            _ => FailureKind::Internal,
        };
        let mut failure = Failure {
            sent: error.sent(),
            retryable: error.is_retryable(),
            ..Failure::new(kind, told(&error))
        };
        match error {
            RequestError::Server(payload) => {
                failure.message.clone_from(&payload.msg);
                failure.server = Some(ServerFailure {
                    code: payload.code,
                    message: payload.msg,
                    metadata: payload.metadata.into_iter().collect(),
                });
            }
            RequestError::Timeout { after, .. } => failure.after_ms = Some(millis(after)),
            RequestError::Disconnected { closed, .. } => {
                failure.close = Some((&closed).into());
            }
            _ => {}
        }
        Self::Failed { failure }
    }
}

impl From<NotifyError> for PitayaError {
    fn from(error: NotifyError) -> Self {
        let kind = match &error {
            NotifyError::Disconnected(_) => FailureKind::Disconnected,
            NotifyError::NotConnected => FailureKind::NotConnected,
            NotifyError::Expired => FailureKind::Expired,
            NotifyError::Superseded => FailureKind::Superseded,
            NotifyError::QueueFull => FailureKind::QueueFull,
            NotifyError::Cancelled => FailureKind::Cancelled,
            NotifyError::TooLarge(_) => FailureKind::TooLarge,
            NotifyError::Route(_) => FailureKind::Route,
            _ => FailureKind::Internal,
        };
        let mut failure = Failure {
            retryable: error.is_retryable(),
            ..Failure::new(kind, told(&error))
        };
        if let NotifyError::Disconnected(closed) = error {
            failure.close = Some((&closed).into());
        }
        Self::Failed { failure }
    }
}

impl From<ConnectError> for PitayaError {
    fn from(error: ConnectError) -> Self {
        let kind = match &error {
            ConnectError::Endpoint(_) => FailureKind::Url,
            ConnectError::User(_) => FailureKind::User,
            ConnectError::Header { .. } => FailureKind::Settings,
            ConnectError::Unreachable(_) => FailureKind::Unreachable,
            ConnectError::Closed(ended) => of_end(&ended.closed),
            _ => FailureKind::Internal,
        };
        let mut failure = Failure {
            retryable: error.is_retryable(),
            ..Failure::new(kind, told(&error))
        };
        match error {
            ConnectError::Unreachable(unreachable) => {
                let of_endpoint =
                    |(endpoint, error): &(rust::Endpoint, rust::TransportError)| EndpointFailure {
                        endpoint: endpoint.to_string(),
                        message: told(error),
                        retryable: error.is_retryable(),
                    };
                failure.endpoints = unreachable.failures.iter().map(of_endpoint).collect();
            }
            ConnectError::Closed(ended) => failure.close = Some((&ended.closed).into()),
            _ => {}
        }
        Self::Failed { failure }
    }
}

/// How a client that never was connected failed to be.
fn of_end(closed: &rust::Closed) -> FailureKind {
    let code = closed.close.code;
    match closed.origin {
        _ if code.is_kick() => FailureKind::Refused,
        rust::Origin::Transport => FailureKind::Unreachable,
        _ => FailureKind::Closed,
    }
}
