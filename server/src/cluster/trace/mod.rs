//! Requests between servers as spans of a trace.

#[cfg(not(feature = "otel"))]
mod none;
#[cfg(feature = "otel")]
mod otel;

use crate::call::Reply;

#[cfg(not(feature = "otel"))]
pub(crate) use self::none::Span;
#[cfg(feature = "otel")]
pub(crate) use self::otel::Span;

/// Code and text of an answer that is an error.
pub(crate) fn failure(reply: &Reply) -> Option<(&str, String)> {
    let error = reply.as_ref().err()?;
    Some((error.code(), error.message().to_owned()))
}
