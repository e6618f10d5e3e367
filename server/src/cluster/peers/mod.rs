//! What a server has learned of the others by talking to them.

mod config;
mod flight;
mod peer;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use metrics::Counter;
use pitaya_protocol::cluster::Member;
use tokio::time::Instant;

pub use self::config::EjectionConfig;
pub(crate) use self::flight::Flight;
use self::peer::{Kind, Peer};
use super::Members;
use crate::metrics::names;

/// The other servers: how many calls each of them has not answered yet, and which of them are ejected.
#[derive(Debug)]
pub(crate) struct Peers {
    /// By id, those that discovery shows. Read for each call, replaced when the members change.
    by_id: ArcSwap<HashMap<String, Arc<Peer>, foldhash::fast::RandomState>>,
    /// Held while the map is replaced.
    change: Mutex<()>,
    common: Arc<Common>,
}

/// What all peers share.
#[derive(Debug)]
struct Common {
    config: EjectionConfig,
    /// Where the times in a [`Peer`] begin.
    origin: Instant,
    ejected: AtomicUsize,
    gone: Counter,
    silent: Counter,
    readmitted: Counter,
}

impl Peers {
    pub(crate) fn new(config: EjectionConfig) -> Self {
        let common = Common {
            config,
            origin: Instant::now(),
            ejected: AtomicUsize::new(0),
            gone: metrics::counter!(names::EJECTIONS, "cause" => "gone"),
            silent: metrics::counter!(names::EJECTIONS, "cause" => "silent"),
            readmitted: metrics::counter!(names::READMISSIONS),
        };
        Self {
            by_id: ArcSwap::default(),
            change: Mutex::default(),
            common: Arc::new(common),
        }
    }

    /// A call of this server begins. It counts until the guard is dropped. A server that [`seen`](Self::seen) has not told of is not counted.
    pub(crate) fn begin(&self, member: &Arc<Member>) -> Flight {
        Flight::begin(self.by_id.load().get(&member.id).cloned())
    }

    /// Whether [`seen`](Self::seen) has told of it.
    pub(crate) fn knows(&self, member: &Member) -> bool {
        self.by_id.load().contains_key(&member.id)
    }

    /// The servers have changed: those that left are forgotten, and those that were entered anew are admitted.
    ///
    /// An entry is new when its `Arc` is another one than before; a discovery keeps the one of an entry that was not written again.
    pub(crate) fn seen(&self, members: &Members, now: Instant) {
        // Nothing panics while it holds the lock.
        let _change = self.change.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.by_id.load();
        let mut kinds: HashMap<&str, Arc<Kind>> = HashMap::new();
        for peer in before.values() {
            kinds.insert(peer.server_type(), peer.kind().clone());
        }
        let mut after = HashMap::with_capacity_and_hasher(members.len(), Default::default());
        for member in members.iter() {
            let known = before.get(&member.id);
            let peer = match known.filter(|peer| peer.server_type() == member.server_type) {
                Some(peer) => {
                    peer.entered(member, now);
                    peer.clone()
                }
                None => {
                    let kind = kinds.entry(&member.server_type).or_default();
                    Arc::new(Peer::new(member, kind, &self.common))
                }
            };
            after.insert(member.id.clone(), peer);
        }
        for (id, peer) in &**before {
            let stays = after.get(id).is_some_and(|other| Arc::ptr_eq(other, peer));
            if !stays {
                peer.left();
            }
        }
        for (server_type, kind) in kinds {
            kind.set_total(members.of_type(server_type).len());
        }
        self.by_id.store(Arc::new(after));
    }

    /// Calls that the server has not answered yet.
    pub(crate) fn in_flight(&self, member: &Member) -> usize {
        let peers = self.by_id.load();
        peers.get(&member.id).map_or(0, |peer| peer.in_flight())
    }

    /// Whether any server is ejected. Where none is, nothing else has to be looked at.
    pub(crate) fn any_is_ejected(&self) -> bool {
        self.common.ejected.load(Ordering::Acquire) > 0
    }

    /// Of these servers those that are admitted or due to be tried; when there are none, those whose last trial is the first wait ago.
    pub(crate) fn with_due<'a>(
        &self,
        members: &'a [Arc<Member>],
        now: Instant,
    ) -> Vec<&'a Arc<Member>> {
        let found = self.filtered(members, |peer| peer.is_admitted() || peer.is_due(now));
        if found.is_empty() {
            return self.filtered(members, |peer| peer.may_be_tried(now));
        }
        found
    }

    /// Of these servers those that are admitted.
    pub(crate) fn without_due<'a>(&self, members: &'a [Arc<Member>]) -> Vec<&'a Arc<Member>> {
        self.filtered(members, Peer::is_admitted)
    }

    /// Whether one of the candidates can be called: always, but for an ejected one to which another task is faster.
    pub(crate) fn may_call(&self, member: &Member, now: Instant) -> bool {
        let peers = self.by_id.load();
        peers.get(&member.id).is_none_or(|peer| peer.claim(now))
    }

    fn filtered<'a>(
        &self,
        members: &'a [Arc<Member>],
        wanted: impl Fn(&Peer) -> bool,
    ) -> Vec<&'a Arc<Member>> {
        let peers = self.by_id.load();
        let wanted = |member: &&Arc<Member>| peers.get(&member.id).is_none_or(|peer| wanted(peer));
        members.iter().filter(wanted).collect()
    }
}

#[cfg(test)]
mod tests;
