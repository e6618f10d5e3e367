//! The sessions of a server, by id and by uid.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pitaya_protocol::SerializerSet;

use super::Session;

/// Parts of the registry that are locked on their own, so that many threads seldom meet.
const SHARDS: usize = 32;

/// The sessions of each user.
type ByUid<S> = HashMap<Arc<str>, Vec<Session<S>>>;

/// All sessions of one server.
#[derive(Debug)]
pub(crate) struct Registry<S: SerializerSet> {
    by_id: [Mutex<HashMap<u64, Session<S>>>; SHARDS],
    /// A uid has one session, or several where sessions are not unique.
    by_uid: [Mutex<ByUid<S>>; SHARDS],
    /// Uids are chosen by strangers, so they are spread by a keyed hash.
    hasher: RandomState,
}

impl<S: SerializerSet> Default for Registry<S> {
    fn default() -> Self {
        Self {
            by_id: std::array::from_fn(|_| Mutex::default()),
            by_uid: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
        }
    }
}

impl<S: SerializerSet> Registry<S> {
    pub(crate) fn insert(&self, session: &Session<S>) {
        lock(self.id_shard(session.id())).insert(session.id(), session.clone());
    }

    pub(crate) fn remove(&self, session: &Session<S>) {
        lock(self.id_shard(session.id())).remove(&session.id());
        if let Some(uid) = session.uid() {
            let mut shard = lock(self.uid_shard(&uid));
            if let Some(sessions) = shard.get_mut(&uid) {
                sessions.retain(|other| other.id() != session.id());
                if sessions.is_empty() {
                    shard.remove(&uid);
                }
            }
        }
    }

    /// Enters a session under its uid. With `unique` it takes the place of the sessions that are returned.
    pub(crate) fn bind(
        &self,
        uid: &Arc<str>,
        session: &Session<S>,
        unique: bool,
    ) -> Vec<Session<S>> {
        let mut shard = lock(self.uid_shard(uid));
        let sessions = shard.entry(uid.clone()).or_default();
        let replaced = if unique {
            std::mem::take(sessions)
        } else {
            Vec::new()
        };
        sessions.reserve_exact(1);
        sessions.push(session.clone());
        replaced
    }

    pub(crate) fn by_id(&self, id: u64) -> Option<Session<S>> {
        lock(self.id_shard(id)).get(&id).cloned()
    }

    pub(crate) fn by_uid(&self, uid: &str) -> Vec<Session<S>> {
        lock(self.uid_shard(uid))
            .get(uid)
            .cloned()
            .unwrap_or_default()
    }

    /// All sessions at this moment, one shard after another.
    pub(crate) fn all(&self) -> Vec<Session<S>> {
        self.by_id
            .iter()
            .flat_map(|shard| lock(shard).values().cloned().collect::<Vec<_>>())
            .collect()
    }

    pub(crate) fn count(&self) -> usize {
        self.by_id.iter().map(|shard| lock(shard).len()).sum()
    }

    fn id_shard(&self, id: u64) -> &Mutex<HashMap<u64, Session<S>>> {
        &self.by_id[(id % SHARDS as u64) as usize]
    }

    fn uid_shard(&self, uid: &str) -> &Mutex<HashMap<Arc<str>, Vec<Session<S>>>> {
        &self.by_uid[(self.hasher.hash_one(uid) % SHARDS as u64) as usize]
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while it holds one of these.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
