//! Policies that look at nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pitaya_protocol::SerializerSet;
use pitaya_protocol::cluster::Member;
use xxhash_rust::xxh3::xxh3_64;

use super::{Candidates, Policy, Routed};

/// Any server, each as likely as the others. The default, as in Go Pitaya (wire 21).
#[derive(Clone, Copy, Debug, Default)]
pub struct Random;

impl<S: SerializerSet> Policy<S> for Random {
    fn choose(&self, _: &Routed<'_, S>, servers: &Candidates<'_>) -> Option<Arc<Member>> {
        servers.random().cloned()
    }
}

/// One server after the other, in the order of their ids. Each server type has its own turn.
#[derive(Debug)]
pub struct RoundRobin {
    /// By the hash of the server type: two types that fall together share a turn, which stays fair as long as they do not come strictly by turns.
    next: [AtomicUsize; TURNS],
}

const TURNS: usize = 64;

impl RoundRobin {
    /// Begins at a random server, so that servers which start together do not all begin with the same one.
    #[must_use]
    pub fn new() -> Self {
        Self {
            next: std::array::from_fn(|_| AtomicUsize::new(fastrand::u32(..) as usize)),
        }
    }
}

impl Default for RoundRobin {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: SerializerSet> Policy<S> for RoundRobin {
    fn choose(&self, routed: &Routed<'_, S>, servers: &Candidates<'_>) -> Option<Arc<Member>> {
        let turn = xxh3_64(routed.server_type.as_bytes()) % TURNS as u64;
        let turn = self.next[turn as usize].fetch_add(1, Ordering::Relaxed);
        servers.get(turn.checked_rem(servers.len())?).cloned()
    }
}
