//! The policy that looks at load.

use std::sync::Arc;

use pitaya_protocol::SerializerSet;
use pitaya_protocol::cluster::Member;

use super::{Candidates, Policy, Routed};

/// Of two servers chosen at random the one that owes this server fewer answers.
///
/// Two are enough to keep away from a slow server, and as every frontend draws its own two they do not all run to the one that looks best.
#[derive(Clone, Copy, Debug, Default)]
pub struct LeastInFlight;

impl<S: SerializerSet> Policy<S> for LeastInFlight {
    fn choose(&self, _: &Routed<'_, S>, servers: &Candidates<'_>) -> Option<Arc<Member>> {
        if servers.len() < 2 {
            return servers.get(0).cloned();
        }
        let first = fastrand::usize(..servers.len());
        let other = (first + fastrand::usize(1..servers.len())) % servers.len();
        let (first, other) = (&servers[first], &servers[other]);
        let other_is_freer = servers.in_flight(other) < servers.in_flight(first);
        Some(if other_is_freer { other } else { first }.clone())
    }
}
