//! A call that is under way.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::peer::Peer;
use crate::cluster::CallError;

/// Counts a call to a server as in flight until it is dropped. One that is dropped without an outcome says nothing of the server.
#[derive(Debug)]
pub(crate) struct Flight(Option<Counted>);

#[derive(Debug)]
struct Counted {
    peer: Arc<Peer>,
    /// In which of the peer's times it began: what it says of an earlier time is not news.
    era: u64,
    /// Whether it is the one call that tries an ejected server.
    tries: bool,
}

/// What the end of a call says of the server.
enum Verdict {
    Alive,
    Gone,
    Silent,
    Nothing,
}

impl Flight {
    pub(super) fn begin(peer: Option<Arc<Peer>>) -> Self {
        Self(peer.map(|peer| {
            let (era, tries) = peer.begin();
            Counted { peer, era, tries }
        }))
    }

    /// The call has ended.
    pub(crate) fn ended(mut self, outcome: Result<(), &CallError>) {
        let Some(Counted { peer, era, tries }) = &mut self.0 else {
            return;
        };
        match Verdict::of(outcome, peer.shortest_timeout()) {
            Verdict::Alive => peer.answered(*era),
            Verdict::Gone | Verdict::Silent if *tries => {
                peer.tried_in_vain(*era, Instant::now());
            }
            Verdict::Gone => peer.is_gone(*era, Instant::now()),
            Verdict::Silent => peer.is_silent(*era),
            Verdict::Nothing => return,
        }
        *tries = false;
    }
}

impl Verdict {
    fn of(outcome: Result<(), &CallError>, shortest: Duration) -> Self {
        match outcome {
            // What cannot be read was sent by somebody.
            Ok(()) | Err(CallError::Unreadable { .. }) => Self::Alive,
            Err(CallError::Gone { .. }) => Self::Gone,
            // It had no chance.
            Err(CallError::Timeout { after, .. }) if *after < shortest => Self::Nothing,
            Err(CallError::Timeout { .. } | CallError::Lost { .. }) => Self::Silent,
            // It never left this server.
            Err(
                CallError::Down { .. }
                | CallError::Full
                | CallError::Unsendable(_)
                | CallError::NoServer { .. },
            ) => Self::Nothing,
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if let Some(Counted { peer, era, tries }) = &self.0 {
            if *tries {
                peer.not_tried(*era);
            }
            peer.end();
        }
    }
}
