//! The policy that keeps a session where it is.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use pitaya_protocol::SerializerSet;
use pitaya_protocol::cluster::Member;

use super::{Candidates, Policy, Random, Routed};
use crate::session::Session;

/// Keeps a session at one server of each type: the one that another policy chose first, or that a handler has named.
///
/// A session whose server is gone, or does not answer, is bound to another one in the same way. What is bound is forgotten when the session
/// ends, so there are never more entries than sessions and server types. What has no session goes where the other policy says.
///
/// Clones share what is bound: give the server one and keep one for [`bind`](Self::bind).
pub struct Sticky<P = Random>(Arc<Shared<P>>);

struct Shared<P> {
    first: P,
    bindings: Arc<Bindings>,
}

/// Parts that are locked on their own, so that many threads seldom meet.
const SHARDS: usize = 32;

/// By session; a session has one entry for each server type.
#[derive(Default)]
struct Bindings([Mutex<Shard>; SHARDS]);

type Shard = HashMap<Key, Vec<Bound>, foldhash::fast::RandomState>;

/// Where the session lies in memory: no two that live share it, of one server or of several.
type Key = usize;

struct Bound {
    server_type: Box<str>,
    id: Box<str>,
}

impl<P> Sticky<P> {
    /// With the policy that chooses where there is no server yet.
    #[must_use]
    pub fn new(first: P) -> Self {
        let bindings = Arc::default();
        Self(Arc::new(Shared { first, bindings }))
    }

    /// Keeps the session at this server from now on, wherever it was before.
    ///
    /// A server that is not there when the next message is routed is as one that is gone: the session is bound to another.
    pub fn bind<S: SerializerSet>(&self, session: &Session<S>, server_type: &str, id: &str) {
        self.0.bindings.set(session, server_type, id);
    }

    /// Chooses anew for the session's next message.
    pub fn unbind<S: SerializerSet>(&self, session: &Session<S>, server_type: &str) {
        let key = key(session);
        if let Some(bound) = self.0.bindings.shard(key).get_mut(&key) {
            bound.retain(|bound| *bound.server_type != *server_type);
        }
    }

    /// The id of the server at which the session is kept.
    #[must_use]
    pub fn bound<S: SerializerSet>(
        &self,
        session: &Session<S>,
        server_type: &str,
    ) -> Option<Box<str>> {
        let key = key(session);
        let shard = self.0.bindings.shard(key);
        shard.find(key, server_type).map(Into::into)
    }

    /// Sessions of which something is kept.
    #[cfg(test)]
    pub(super) fn sessions(&self) -> usize {
        let shards = self.0.bindings.0.iter();
        shards
            .map(|shard| shard.lock().expect("no panic").len())
            .sum()
    }
}

impl<S: SerializerSet, P: Policy<S>> Policy<S> for Sticky<P> {
    fn choose(&self, routed: &Routed<'_, S>, servers: &Candidates<'_>) -> Option<Arc<Member>> {
        let Some(session) = routed.session else {
            return self.0.first.choose(routed, servers);
        };
        let (bindings, key) = (&self.0.bindings, key(session));
        if let Some(id) = bindings.shard(key).find(key, routed.server_type)
            && let Some(member) = servers.find(id)
        {
            return Some(member.clone());
        }
        let chosen = self.0.first.choose(routed, servers)?;
        bindings.set(session, routed.server_type, &chosen.id);
        Some(chosen)
    }
}

impl Bindings {
    fn set<S: SerializerSet>(self: &Arc<Self>, session: &Session<S>, server_type: &str, id: &str) {
        let key = key(session);
        let is_new = {
            let mut shard = self.shard(key);
            let is_new = !shard.contains_key(&key);
            let bound = shard.entry(key).or_default();
            bound.retain(|bound| *bound.server_type != *server_type);
            bound.reserve_exact(1);
            bound.push(Bound {
                server_type: server_type.into(),
                id: id.into(),
            });
            is_new
        };
        if is_new {
            // Not under the lock: a session that has ended drops the hook at once.
            let entry = Entry {
                key,
                bindings: Arc::downgrade(self),
            };
            session.on_close(move |_| {
                drop(entry);
                std::future::ready(())
            });
        }
    }

    fn shard(&self, key: Key) -> MutexGuard<'_, Shard> {
        // The lowest bits of all places are the same. Nothing panics while it holds one of these locks.
        let shard = &self.0[(key >> 7) % SHARDS];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Finds what is bound in one shard.
trait Find {
    fn find(&self, key: Key, server_type: &str) -> Option<&str>;
}

impl Find for Shard {
    fn find(&self, key: Key, server_type: &str) -> Option<&str> {
        let mut bound = self.get(&key)?.iter();
        let found = bound.find(|bound| *bound.server_type == *server_type)?;
        Some(&found.id)
    }
}

fn key<S: SerializerSet>(session: &Session<S>) -> Key {
    std::ptr::from_ref(session.peer()).addr()
}

/// Lives in the session's hook: goes when the session ends, or when it is dropped without an end.
struct Entry {
    key: Key,
    bindings: Weak<Bindings>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        if let Some(bindings) = self.bindings.upgrade() {
            bindings.shard(self.key).remove(&self.key);
        }
    }
}

impl Default for Sticky {
    fn default() -> Self {
        Self::new(Random)
    }
}

impl<P> Clone for Sticky<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<P: fmt::Debug> fmt::Debug for Sticky<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sticky")
            .field("first", &self.0.first)
            .finish_non_exhaustive()
    }
}
