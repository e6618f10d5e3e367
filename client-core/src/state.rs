//! Where a client stands.

use pitaya_protocol::Closed;

use crate::Timestamp;

/// What an application shows of its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// No connection was wanted yet.
    Idle,
    /// The first connection is being made.
    Connecting,
    /// Messages go both ways.
    Connected,
    /// The connection was lost, or the first one failed where that is retried, and it is tried again.
    Reconnecting {
        /// Which attempt comes or is being made, from 1.
        attempt: u32,
        /// When it starts; `None` while it is being made. Pausing and being offline put it off.
        next: Option<Timestamp>,
        /// Why the last connection or attempt ended.
        cause: Closed,
    },
    /// There is no connection and there will be none, until the application connects anew.
    Closed(Ended),
}

/// How it ended for good.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ended {
    /// How the last connection or attempt ended.
    pub closed: Closed,
    /// Whether the client would have come back and had no attempt left; otherwise the end itself was final.
    pub exhausted: bool,
}
