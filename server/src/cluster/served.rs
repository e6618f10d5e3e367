//! The sessions of other servers that this one serves.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pitaya_protocol::SerializerSet;
use pitaya_protocol::cluster::Member;

use crate::session::Session;

/// By the frontend's id, and by the number there.
type ByFrontend<S> = HashMap<Arc<str>, HashMap<i64, Session<S>>>;

/// Sessions by their frontend and their number there.
#[derive(Debug)]
pub(crate) struct Served<S: SerializerSet> {
    limit: usize,
    frontends: Mutex<ByFrontend<S>>,
}

impl<S: SerializerSet> Served<S> {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            frontends: Mutex::default(),
        }
    }

    /// The session with this number of that frontend, or the one that `make` makes, and whether it is remembered. When there are
    /// too many, a new one is not.
    pub(crate) fn find_or(
        &self,
        frontend: &Arc<str>,
        number: i64,
        make: impl FnOnce() -> Session<S>,
    ) -> (Session<S>, bool) {
        let mut frontends = self.lock();
        let found = frontends
            .get(frontend)
            .and_then(|sessions| sessions.get(&number));
        if let Some(session) = found {
            return (session.clone(), true);
        }
        let count: usize = frontends.values().map(HashMap::len).sum();
        let session = make();
        if count >= self.limit {
            return (session, false);
        }
        let sessions = frontends.entry(frontend.clone()).or_default();
        sessions.insert(number, session.clone());
        (session, true)
    }

    /// The session with this number of that frontend.
    pub(crate) fn find(&self, frontend: &str, number: i64) -> Option<Session<S>> {
        self.lock().get(frontend)?.get(&number).cloned()
    }

    /// The frontends that have sessions here.
    pub(crate) fn frontends(&self) -> Vec<Arc<Member>> {
        let frontends = self.lock();
        let sessions = frontends.values().filter_map(|all| all.values().next());
        sessions
            .filter_map(|session| Some(session.remote()?.frontend().clone()))
            .collect()
    }

    /// Forgets a session.
    pub(crate) fn remove(&self, frontend: &str, number: i64) -> Option<Session<S>> {
        let mut frontends = self.lock();
        let sessions = frontends.get_mut(frontend)?;
        let removed = sessions.remove(&number);
        if sessions.is_empty() {
            frontends.remove(frontend);
        }
        removed
    }

    /// Forgets the sessions for which `stays` is false, and returns them.
    pub(crate) fn retain(&self, stays: impl Fn(&str, &Session<S>) -> bool) -> Vec<Session<S>> {
        let mut gone = Vec::new();
        self.lock().retain(|frontend, sessions| {
            sessions.retain(|_, session| {
                let stays = stays(frontend, session);
                if !stays {
                    gone.push(session.clone());
                }
                stays
            });
            !sessions.is_empty()
        });
        gone
    }

    fn lock(&self) -> MutexGuard<'_, ByFrontend<S>> {
        // Nothing panics while it holds the lock.
        self.frontends
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
