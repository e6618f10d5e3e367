//! What a handler returns when it has no answer.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::fmt;

use pitaya_protocol::{ErrorPayload, codes};

use crate::cluster::{CallError, RpcError};

/// What handlers, middleware and lifecycle hooks return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a handler has no answer: a code for programs, a text for people and details, all of which the client gets.
///
/// `?` turns every error of the standard kind into one with the code `PIT-000` and the error's own text, as servers of the
/// family do it (wire 8.3). An [`ErrorPayload`] or a [`CallError`], itself or somewhere among the
/// sources, keeps its code and metadata. A game's
/// own error enum that picks codes implements `From` for this type, and not [`std::error::Error`].
///
/// Like other catch-all errors this one does not implement [`std::error::Error`], since it could not be made from all of them then.
///
/// ```
/// use pitaya_server::{Error, Result};
///
/// fn seat(number: &str) -> Result<u8> {
///     let number: u8 = number.parse()?;
///     if number > 4 {
///         return Err(Error::new("ROOM-002", "there is no such seat").with("seats", "4"));
///     }
///     Ok(number)
/// }
///
/// assert_eq!(seat("9").map_err(|error| error.code().to_owned()), Err("ROOM-002".to_owned()));
/// assert_eq!(seat("x").map_err(|error| error.code().to_owned()), Err("PIT-000".to_owned()));
/// ```
pub struct Error {
    // Boxed: every reply has room for an error, most replies have none.
    inner: Box<Inner>,
}

struct Inner {
    code: Cow<'static, str>,
    message: Cow<'static, str>,
    metadata: BTreeMap<String, String>,
    source: Option<Source>,
}

type Source = Box<dyn StdError + Send + Sync>;

impl Error {
    /// An error with a code of the game's own, or one of [`codes`], and a text for people.
    #[must_use]
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            inner: Box::new(Inner {
                code: code.into(),
                message: message.into(),
                metadata: BTreeMap::new(),
                source: None,
            }),
        }
    }

    /// An error that the client need not understand: it gets `PIT-000` and the text `internal error`, the log gets the cause with
    /// all its sources. Takes errors, boxed errors and plain text.
    #[must_use]
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error = Self::new(codes::UNKNOWN, "internal error");
        error.inner.source = Some(cause.into());
        error
    }

    /// The same error with one more detail for programs; a name that is there already gets the new value.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.inner.metadata.insert(name.into(), value.into());
        self
    }

    /// The code by which programs tell errors apart.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.inner.code
    }

    /// The text for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// The details for programs.
    #[must_use]
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.inner.metadata
    }

    /// The error that this one was made from; it stays in the server.
    #[must_use]
    pub fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.inner.source.as_deref().map(|source| source as _)
    }

    /// What the client gets.
    #[must_use]
    pub fn to_payload(&self) -> ErrorPayload {
        ErrorPayload {
            code: self.code().to_owned(),
            msg: self.message().to_owned(),
            metadata: self.metadata().clone(),
        }
    }

    /// Logs an unexpected error of the handler behind `route` in full; one with a code of its own is an answer, not an incident.
    pub(crate) fn log(&self, route: &str) {
        if let Some(source) = self.source()
            && self.code() == codes::UNKNOWN
        {
            tracing::error!(route, error = %Chain(source), "a handler failed");
        }
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        let mut converted = Self::new(codes::UNKNOWN, error.to_string());
        let first: &(dyn StdError + 'static) = &error;
        let chain = std::iter::successors(Some(first), |&link| link.source());
        for link in chain {
            if let Some(payload) = payload(link) {
                converted.inner.code = payload.code.clone().into();
                converted.inner.metadata = payload.metadata.clone();
                break;
            }
            if let Some(call) = call(link) {
                converted.inner.code = call.code().into();
                break;
            }
        }
        if let Some(payload) = payload(first) {
            converted.inner.message = payload.msg.clone().into();
        }
        converted.inner.source = Some(Box::new(error));
        converted
    }
}

/// The error that another server has answered with, if `link` is one.
fn payload<'a>(link: &'a (dyn StdError + 'static)) -> Option<&'a ErrorPayload> {
    match link.downcast_ref() {
        Some(RpcError::Refused(payload)) => Some(payload),
        _ => link.downcast_ref(),
    }
}

/// Why another server has not answered, if `link` is that.
fn call<'a>(link: &'a (dyn StdError + 'static)) -> Option<&'a CallError> {
    match link.downcast_ref() {
        Some(RpcError::Call(call)) => Some(call),
        _ => link.downcast_ref(),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.message())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("code", &self.inner.code)
            .field("message", &self.inner.message)
            .field("metadata", &self.inner.metadata)
            .field("source", &self.inner.source)
            .finish()
    }
}

/// An error and its sources in one line.
struct Chain<'a>(&'a (dyn StdError + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut link = self.0.source();
        while let Some(source) = link {
            write!(f, ": {source}")?;
            link = source.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the shop is closed")]
    struct Shop(#[source] ErrorPayload);

    #[derive(Debug, thiserror::Error)]
    #[error("cannot load the map")]
    struct Map(#[source] fmt::Error);

    #[test]
    fn a_plain_error_is_sent_with_its_text() {
        let error = Error::from("x".parse::<u8>().expect_err("not a number"));
        assert_eq!(
            error.to_payload(),
            ErrorPayload::new("PIT-000", "invalid digit found in string")
        );
    }

    #[test]
    fn details_are_sent() {
        let error = Error::new("ROOM-001", "a name is needed").with("field", "name");
        let mut payload = ErrorPayload::new("ROOM-001", "a name is needed");
        payload
            .metadata
            .insert("field".to_owned(), "name".to_owned());
        assert_eq!(error.to_payload(), payload);
        assert_eq!(Error::from(payload.clone()).to_payload(), payload);
    }

    #[test]
    fn a_wrapped_payload_keeps_its_code() {
        let payload = Error::from(Shop(ErrorPayload::new("SHOP-7", "after hours"))).to_payload();
        assert_eq!(payload, ErrorPayload::new("SHOP-7", "the shop is closed"));
    }

    #[test]
    fn an_internal_error_keeps_its_cause_to_itself() {
        let error = Error::internal(Map(fmt::Error));
        assert_eq!(
            error.to_payload(),
            ErrorPayload::new("PIT-000", "internal error")
        );
        let cause = Chain(error.source().expect("the cause")).to_string();
        assert_eq!(cause, format!("cannot load the map: {}", fmt::Error));
        assert_eq!(
            Error::internal("the disk is full").message(),
            "internal error"
        );
    }

    #[test]
    fn a_game_enum_picks_its_codes() {
        enum Game {
            Full,
        }
        impl From<Game> for Error {
            fn from(error: Game) -> Self {
                match error {
                    Game::Full => Self::new("ROOM-003", "the room is full"),
                }
            }
        }
        let join = || -> Result<()> { Err(Game::Full)? };
        assert_eq!(join().expect_err("full").code(), "ROOM-003");
    }
}
