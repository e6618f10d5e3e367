//! The servers that a policy may choose from.

use std::ops::Index;
use std::sync::Arc;

use pitaya_protocol::cluster::Member;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::cluster::peers::Peers;

/// The servers of a type that can be reached as far as is known, ordered by id: those that were ejected for not answering are left out, but for
/// the moment in which one of them is tried again.
#[derive(Debug)]
pub struct Candidates<'a> {
    list: List<'a>,
    peers: &'a Peers,
}

#[derive(Debug)]
enum List<'a> {
    /// Nearly always: no copy is made.
    All(&'a [Arc<Member>]),
    Some(Vec<&'a Arc<Member>>),
}

impl<'a> Candidates<'a> {
    pub(crate) const fn all(members: &'a [Arc<Member>], peers: &'a Peers) -> Self {
        Self {
            list: List::All(members),
            peers,
        }
    }

    pub(crate) const fn some(members: Vec<&'a Arc<Member>>, peers: &'a Peers) -> Self {
        Self {
            list: List::Some(members),
            peers,
        }
    }

    /// The number of servers.
    #[must_use]
    pub const fn len(&self) -> usize {
        match &self.list {
            List::All(members) => members.len(),
            List::Some(members) => members.len(),
        }
    }

    /// Whether there is none. A policy never sees that.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The server at a place; `None` past the end.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&Arc<Member>> {
        match &self.list {
            List::All(members) => members.get(index),
            List::Some(members) => members.get(index).copied(),
        }
    }

    /// All of them.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<Member>> {
        (0..self.len()).map(|index| &self[index])
    }

    /// The server with this id; `None` when it is not among them.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Arc<Member>> {
        let found = match &self.list {
            List::All(members) => members.binary_search_by(|member| (*member.id).cmp(id)),
            List::Some(members) => members.binary_search_by(|member| (*member.id).cmp(id)),
        };
        self.get(found.ok()?)
    }

    /// Any of them, each as likely as the others.
    #[must_use]
    pub fn random(&self) -> Option<&Arc<Member>> {
        (!self.is_empty()).then(|| &self[fastrand::usize(..self.len())])
    }

    /// The server to which a key belongs: the same one on every server of the cluster, whatever its version. When a server comes, it
    /// takes over its share of the keys (one in n); when one goes, its keys are spread over the others; no other key moves.
    #[must_use]
    pub fn owner(&self, key: &[u8]) -> Option<&Arc<Member>> {
        // The highest score wins. XXH3 is a fixed function, unlike the hashes for tables, which change with their versions.
        let key = xxh3_64(key);
        self.iter()
            .max_by_key(|member| xxh3_64_with_seed(member.id.as_bytes(), key))
    }

    /// Calls of this server that this one has not answered yet.
    #[must_use]
    pub fn in_flight(&self, member: &Member) -> usize {
        self.peers.in_flight(member)
    }
}

impl Index<usize> for Candidates<'_> {
    type Output = Arc<Member>;

    fn index(&self, index: usize) -> &Arc<Member> {
        match &self.list {
            List::All(members) => &members[index],
            List::Some(members) => members[index],
        }
    }
}
