//! Calls: what the application asks for, and how that can fail.

use pitaya_protocol::{Closed, EncodeError, Span};

/// The driver's name for a request or notify. It chooses the number, and chooses another one for every call that has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "the driver makes it from whatever it has"
)]
pub struct CallId(pub u32);

/// What becomes of a call that cannot be sent now. Whatever is queued is bounded by the totals of [`Config`](crate::Config) too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Offline<'a> {
    /// It fails at once. A call that acts on what the player sees now is better repeated by the player.
    #[default]
    Fail,
    /// It waits for the connection, within these limits.
    Queue(QueueLimits),
    /// It waits, and takes the place of the call of the same kind, route and key that waits already: for positions and other
    /// values of which only the newest counts.
    LatestOnly {
        /// Tells the values of one route apart; empty where there is one.
        key: &'a str,
    },
}

/// How much may wait, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueLimits {
    /// The call is refused where this many calls wait already. Default: 64, more than a player does by hand in an outage.
    pub items: usize,
    /// The call is refused where more than this many bytes of routes and bodies would wait. Default: 64 KiB, what a slow link takes
    /// within a second.
    pub bytes: usize,
    /// The call fails when it has waited this long. Default: 30 s; an order that old surprises the player.
    pub age: Span,
}

impl QueueLimits {
    /// These limits.
    #[must_use]
    pub fn new(items: usize, bytes: usize, age: impl Into<Span>) -> Self {
        let age = age.into();
        Self { items, bytes, age }
    }
}

impl Default for QueueLimits {
    fn default() -> Self {
        Self::new(64, 64 * 1024, Span::from_secs(30))
    }
}

/// Why a call ended without an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// There is no connection and the call does not wait for one, or there never will be one.
    #[error("not connected")]
    NotConnected,
    /// Too many calls are in flight or wait, or the transport takes no more bytes.
    #[error("too many calls are waiting")]
    QueueFull,
    /// It waited for a connection for as long as its [`QueueLimits::age`] allows.
    #[error("no connection came back in time")]
    Expired,
    /// A newer call of the same [`Offline::LatestOnly`] took its place.
    #[error("a newer call took its place")]
    Superseded,
    /// The answer did not come in time. One that comes later is dropped.
    #[error("no answer came in time")]
    Timeout {
        /// Whether the request had been handed to the transport.
        sent: bool,
    },
    /// The application cancelled it.
    #[error("cancelled")]
    Cancelled,
    /// The connection ended first.
    #[error("disconnected: {}", closed.close.reason())]
    Disconnected {
        /// Whether it had been handed to the transport: the server may have acted on it, and sending it again may repeat that.
        sent: bool,
        /// How the connection ended.
        closed: Closed,
    },
    /// No message can carry it.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl CallError {
    /// Whether the message had been handed to the transport, so that the server may have acted on it. An answer that was not waited for
    /// counts as sent.
    #[must_use]
    pub const fn sent(&self) -> bool {
        match self {
            Self::Timeout { sent } | Self::Disconnected { sent, .. } => *sent,
            Self::Cancelled => true,
            Self::NotConnected
            | Self::QueueFull
            | Self::Expired
            | Self::Superseded
            | Self::Encode(_) => false,
        }
    }
}
