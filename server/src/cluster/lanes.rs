//! The order of one session's requests on a server that serves it: one after another, as on its own frontend.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_core::future::BoxFuture;

/// A session's work: its frontend's id and its number there.
type Key = (Arc<str>, i64);
type Job = BoxFuture<'static, ()>;

/// Parts that are locked on their own.
const SHARDS: usize = 32;

/// A lane per session that has something to do.
#[derive(Debug)]
pub(crate) struct Lanes {
    shards: [Mutex<HashMap<Key, VecDeque<Queued>>>; SHARDS],
    hasher: RandomState,
}

struct Queued(Job);

impl Default for Lanes {
    fn default() -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
        }
    }
}

/// What becomes of a job.
pub(crate) enum Turn {
    /// It is the first of its lane: run it, and then [`Lanes::next`] until there is none.
    Now(Job),
    /// It waits behind others.
    Later,
    /// Too many wait.
    Full,
}

impl Lanes {
    /// Enters a job into its lane, in which at most `limit` wait.
    pub(crate) fn enter(&self, key: &Key, job: Job, limit: usize) -> Turn {
        let mut shard = self.shard(key);
        match shard.get_mut(key) {
            Some(waiting) if waiting.len() >= limit => Turn::Full,
            Some(waiting) => {
                waiting.push_back(Queued(job));
                Turn::Later
            }
            None => {
                shard.insert(key.clone(), VecDeque::new());
                Turn::Now(job)
            }
        }
    }

    /// The lane's next job when one has ended; without one the lane is gone.
    pub(crate) fn next(&self, key: &Key) -> Option<Job> {
        let mut shard = self.shard(key);
        let next = shard.get_mut(key).and_then(VecDeque::pop_front);
        if next.is_none() {
            shard.remove(key);
        }
        next.map(|Queued(job)| job)
    }

    fn shard(&self, key: &Key) -> MutexGuard<'_, HashMap<Key, VecDeque<Queued>>> {
        let shard = &self.shards[(self.hasher.hash_one(key) % SHARDS as u64) as usize];
        // Nothing panics while it holds the lock.
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Queued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Queued")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Job {
        Box::pin(std::future::ready(()))
    }

    #[test]
    fn a_lane_has_one_job_at_a_time_and_a_limit() {
        let lanes = Lanes::default();
        let (alice, bob): (Key, Key) = (("g1".into(), 1), ("g1".into(), 2));
        assert!(matches!(lanes.enter(&alice, job(), 1), Turn::Now(_)));
        assert!(matches!(lanes.enter(&alice, job(), 1), Turn::Later));
        assert!(matches!(lanes.enter(&alice, job(), 1), Turn::Full));
        assert!(matches!(lanes.enter(&bob, job(), 1), Turn::Now(_)));
        assert!(lanes.next(&alice).is_some());
        assert!(lanes.next(&alice).is_none());
        assert!(matches!(lanes.enter(&alice, job(), 1), Turn::Now(_)));
    }
}
