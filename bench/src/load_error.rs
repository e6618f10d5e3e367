use std::io;

use crate::{DialError, FramingError, MAX_DEPTH, Mismatch};

/// Why a load run was given up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A connection could not be opened.
    #[error("connection {number} could not be opened")]
    Dial {
        /// Which one, from zero.
        number: usize,
        /// Why.
        source: DialError,
    },
    /// A depth outside 1 to [`MAX_DEPTH`].
    #[error("{0} requests in flight are not between 1 and {MAX_DEPTH}")]
    Depth(u8),
    /// The sockets, the readiness queue or the process account failed.
    #[error("driving the connections failed")]
    Io(#[from] io::Error),
    /// The server closed a connection.
    #[error("the server closed connection {0}")]
    Closed(usize),
    /// The bytes of a connection are not packets.
    #[error("the server's bytes are not packets")]
    Framing(#[from] FramingError),
    /// A packet that nothing asked for.
    #[error("a request was answered wrongly")]
    Answer(#[from] Mismatch),
    /// An answer to a request that is not in flight.
    #[error("request {0} was answered without being in flight")]
    NotInFlight(u8),
    /// No connection made progress for five seconds.
    #[error("nothing came for five seconds")]
    Stalled,
    /// At a fixed rate, all connections have all their requests in flight.
    #[error("the server does not keep up with {0} requests a second")]
    Overloaded(u32),
}
