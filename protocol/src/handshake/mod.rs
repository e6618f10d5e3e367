//! The handshake: what both sides agree on, and its JSON (wire 2).

#[cfg(all(feature = "compression", feature = "json"))]
mod offer;
#[cfg(feature = "json")]
mod request;
#[cfg(feature = "json")]
mod response;

use std::time::Duration;

use crate::capabilities::Capabilities;
use crate::dictionary::Dictionary;
use crate::message::{MessageKind, RouteRef};
use crate::time::Span;

#[cfg(all(feature = "compression", feature = "json"))]
pub use self::offer::Offer;
#[cfg(feature = "json")]
pub use self::{
    request::{ClientInfo, HandshakeRequest},
    response::{HandshakeResponse, ServerInfo},
};

/// The response code of an accepted handshake (wire 2.2).
pub const CODE_OK: u16 = 200;
/// The response code of a refused handshake (wire 2.3).
pub const CODE_REFUSED: u16 = 400;
/// Pomelo's response code for a client that is too old (wire 2.3).
pub const CODE_TOO_OLD: u16 = 501;

/// What a handshake has settled for a connection.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Agreement {
    /// Time between heartbeats; `None` means that there are none (wire 4).
    pub heartbeat: Option<Span>,
    /// Codes for routes.
    pub dictionary: Dictionary,
    /// Extensions that both sides may use.
    pub capabilities: Capabilities,
}

impl Agreement {
    /// An agreement on these terms.
    #[must_use]
    pub fn new(
        heartbeat: Option<Duration>,
        dictionary: Dictionary,
        capabilities: Capabilities,
    ) -> Self {
        Self {
            heartbeat: heartbeat.map(Span::from),
            dictionary,
            capabilities,
        }
    }

    /// How `route` is written in a message of `kind`: by its code where the dictionary has one, but pushes only under
    /// `push-dict`, as the family's C client cannot read their codes (wire 6.3).
    #[must_use]
    pub fn route_ref<'a>(&self, kind: MessageKind, route: &'a str) -> RouteRef<'a> {
        if kind == MessageKind::Push && !self.capabilities.contains(Capabilities::PUSH_DICT) {
            return RouteRef::Name(route);
        }
        self.dictionary
            .code(route)
            .map_or(RouteRef::Name(route), RouteRef::Code)
    }
}

/// Why a handshake body was not taken.
#[cfg(feature = "json")]
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// It is not JSON.
    #[error("the handshake is not JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    /// It nests deeper than the limit.
    #[error("the handshake nests deeper than {limit} levels")]
    TooDeep {
        /// The limit in levels.
        limit: usize,
    },
    /// A member has another type than it should.
    #[error("`{member}` of the handshake is not {expected}")]
    WrongType {
        /// Path of the member.
        member: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// The body is a compressed stream that cannot be inflated.
    #[cfg(feature = "compression")]
    #[error(transparent)]
    Inflate(#[from] crate::compression::InflateError),
}

/// Refuses JSON that nests deeper than `limit`, before a parser recurses into it.
#[cfg(feature = "json")]
fn check_depth(body: &[u8], limit: usize) -> Result<(), HandshakeError> {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for &byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                depth += 1;
                if depth > limit {
                    return Err(HandshakeError::TooDeep { limit });
                }
            }
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// Looks a member up as Go's decoder does: the exact name first, else any spelling of its letters; `null` counts as absent (wire 2.1).
#[cfg(feature = "json")]
fn member<'a>(
    object: &'a serde_json::Map<String, serde_json::Value>,
    name: &str,
) -> Option<&'a serde_json::Value> {
    object
        .get(name)
        .or_else(|| {
            object
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        })
        .filter(|value| !value.is_null())
}
