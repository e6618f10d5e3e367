//! What a connection is made with.

#[cfg(feature = "server")]
use std::time::Duration;

use crate::packet::MAX_BODY;
use crate::time::Span;

/// Limits of the accepting side.
#[cfg(feature = "server")]
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServerConfig {
    /// Time from the connection to the ack. Default: 5 s; a fast mobile network needs well under one second, and a silent connection must
    /// not be held for a heartbeat's minutes (wire 3).
    pub handshake_timeout: Duration,
    /// Longest packet body before the ack, in bytes. Default: 4 KiB, as a handshake of the family has about 150 bytes.
    pub max_handshake_packet: usize,
    /// Longest packet body after the ack, in bytes. Default: 16,777,215, the most that the wire can say.
    pub max_packet: usize,
}

#[cfg(feature = "server")]
impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            handshake_timeout: Duration::from_secs(5),
            max_handshake_packet: 4 * 1024,
            max_packet: MAX_BODY,
        }
    }
}

/// Limits of the opening side, and what it says first.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientConfig<'a> {
    /// Body of the handshake request: JSON, never compressed (wire 2.1).
    pub handshake: &'a [u8],
    /// Time from the connection to the server's response. Default: 10 s, twice the server's, as the answer may be on its way.
    pub handshake_timeout: Span,
    /// Longest packet body, in bytes. Default: 16,777,215, the most that the wire can say.
    pub max_packet: usize,
}

impl<'a> ClientConfig<'a> {
    /// The defaults with this handshake body.
    #[must_use]
    pub const fn new(handshake: &'a [u8]) -> Self {
        Self {
            handshake,
            handshake_timeout: Span::from_secs(10),
            max_packet: MAX_BODY,
        }
    }
}
