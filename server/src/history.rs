//! The last sessions that have ended, for whoever asks why.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use pitaya_protocol::Closed;

/// How many are kept.
const KEPT: usize = 100;

/// A connection that has ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ClosedSession {
    /// The session's id; `None` when the connection ended before there was a session.
    pub id: Option<u64>,
    /// The user, if the session was bound.
    pub uid: Option<Arc<str>>,
    /// Where the client was.
    pub address: Option<SocketAddr>,
    /// Why it ended.
    pub closed: Closed,
    /// When it ended.
    pub at: SystemTime,
    /// How long the session had lasted.
    pub lasted: Duration,
}

/// The newest [`KEPT`] of them.
#[derive(Debug, Default)]
pub(crate) struct History(Mutex<VecDeque<ClosedSession>>);

impl History {
    pub(crate) fn add(&self, closed: ClosedSession) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(closed);
    }

    /// The oldest first.
    pub(crate) fn list(&self) -> Vec<ClosedSession> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .cloned()
            .collect()
    }
}
