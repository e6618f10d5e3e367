//! The policy that brings the same user to the same server.

use std::sync::Arc;

use pitaya_protocol::SerializerSet;
use pitaya_protocol::cluster::Member;

use super::{Candidates, Policy, Routed};

/// The same user, or the same session, always goes to the same server, without a table: see [`Candidates::owner`].
///
/// What has no session goes to any server.
#[derive(Clone, Copy, Debug)]
pub struct ConsistentHash {
    by_uid: bool,
}

impl ConsistentHash {
    /// By the user, on whichever frontend; a session that is not bound yet goes by its own id, so it may move when it is bound.
    #[must_use]
    pub const fn by_uid() -> Self {
        Self { by_uid: true }
    }

    /// By the session, so that it does not move when it is bound.
    #[must_use]
    pub const fn by_session() -> Self {
        Self { by_uid: false }
    }
}

impl<S: SerializerSet> Policy<S> for ConsistentHash {
    fn choose(&self, routed: &Routed<'_, S>, servers: &Candidates<'_>) -> Option<Arc<Member>> {
        let Some(session) = routed.session else {
            return servers.random().cloned();
        };
        let uid = if self.by_uid { session.uid() } else { None };
        let owner = match uid {
            Some(uid) => servers.owner(uid.as_bytes()),
            None => servers.owner(&session.id().to_le_bytes()),
        };
        owner.cloned()
    }
}
