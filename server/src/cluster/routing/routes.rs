//! The policies of a server.

use std::collections::HashMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arc_swap::ArcSwap;
use pitaya_protocol::SerializerSet;
use pitaya_protocol::cluster::Member;
use tokio::time::Instant;

use super::{Candidates, For, Policy, Random, Routed};
use crate::cluster::peers::Peers;
use crate::cluster::{CallError, Members};
use crate::handle::Handle;

/// Which policy holds for which server type. Read for each message that is forwarded, changed hardly ever.
pub(crate) struct Routes<S: SerializerSet> {
    table: ArcSwap<Table<S>>,
}

struct Table<S: SerializerSet> {
    message: Policies<S>,
    remote: Policies<S>,
}

struct Policies<S: SerializerSet> {
    by_type: HashMap<String, Arc<dyn Policy<S>>>,
    others: Arc<dyn Policy<S>>,
}

impl<S: SerializerSet> Routes<S> {
    /// Chooses the server that gets this.
    ///
    /// Servers that do not answer are left out until they are tried again. Where that leaves nobody the answer is no at once: it is better
    /// known now than after a time limit.
    ///
    /// # Errors
    ///
    /// [`CallError::NoServer`] when there is no server of the type, none that can be reached, or none that the policy wants.
    pub(crate) fn choose(
        &self,
        kind: For,
        routed: &Routed<'_, S>,
        members: &Members,
        peers: &Peers,
    ) -> Result<Arc<Member>, CallError> {
        let table = self.table.load();
        let policies = table.of(kind);
        let policy = policies.by_type.get(routed.server_type);
        let policy = &**policy.unwrap_or(&policies.others);
        choose(policy, routed, members.of_type(routed.server_type), peers).ok_or_else(|| {
            CallError::NoServer {
                server_type: routed.server_type.to_owned(),
            }
        })
    }

    /// The policy for servers of a type from now on.
    pub(crate) fn set(&self, kind: For, server_type: &str, policy: impl Policy<S>) {
        let policy: Arc<dyn Policy<S>> = Arc::new(policy);
        self.change(kind, |policies| {
            let by_type = &mut policies.by_type;
            by_type.insert(server_type.to_owned(), policy.clone());
        });
    }

    /// The policy for servers of types that have none of their own, from now on.
    pub(crate) fn set_default(&self, kind: For, policy: impl Policy<S>) {
        let policy: Arc<dyn Policy<S>> = Arc::new(policy);
        self.change(kind, |policies| policies.others = policy.clone());
    }

    fn change(&self, kind: For, change: impl Fn(&mut Policies<S>)) {
        self.table.rcu(|table| {
            let mut table = Table::clone(table);
            change(match kind {
                For::Message => &mut table.message,
                For::Remote => &mut table.remote,
            });
            table
        });
    }
}

impl<S: SerializerSet> Handle<S> {
    /// Sets the policy for messages or remote calls to servers of this type, in place of the one that was. It holds from the next message on;
    /// outside of a cluster nothing is routed.
    pub fn set_routing(&self, kind: For, server_type: &str, policy: impl Policy<S>) {
        if let Some(node) = self.node() {
            node.routes.set(kind, server_type, policy);
        }
    }

    /// Sets the policy for servers of types that have none of their own, in the same way. Default [`Random`].
    pub fn set_default_routing(&self, kind: For, policy: impl Policy<S>) {
        if let Some(node) = self.node() {
            node.routes.set_default(kind, policy);
        }
    }
}

fn choose<S: SerializerSet>(
    policy: &dyn Policy<S>,
    routed: &Routed<'_, S>,
    members: &[Arc<Member>],
    peers: &Peers,
) -> Option<Arc<Member>> {
    if !peers.any_is_ejected() {
        return ask(policy, routed, &Candidates::all(members, peers));
    }
    let now = Instant::now();
    // Those whose time has come are among the candidates. Another task may be faster at trying one of them; then they are left out.
    let candidates = Candidates::some(peers.with_due(members, now), peers);
    let chosen = ask(policy, routed, &candidates)?;
    if peers.may_call(&chosen, now) {
        return Some(chosen);
    }
    let candidates = Candidates::some(peers.without_due(members), peers);
    ask(policy, routed, &candidates)
}

fn ask<S: SerializerSet>(
    policy: &dyn Policy<S>,
    routed: &Routed<'_, S>,
    candidates: &Candidates<'_>,
) -> Option<Arc<Member>> {
    if candidates.is_empty() {
        return None;
    }
    // A policy is the game's code: its panic must not end the session.
    let chosen = catch_unwind(AssertUnwindSafe(|| policy.choose(routed, candidates)));
    chosen.unwrap_or_else(|_| {
        tracing::error!(route = routed.route, "the routing policy panicked");
        None
    })
}

impl<S: SerializerSet> Table<S> {
    const fn of(&self, kind: For) -> &Policies<S> {
        match kind {
            For::Message => &self.message,
            For::Remote => &self.remote,
        }
    }
}

impl<S: SerializerSet> Clone for Table<S> {
    fn clone(&self) -> Self {
        Self {
            message: self.message.clone(),
            remote: self.remote.clone(),
        }
    }
}

impl<S: SerializerSet> Clone for Policies<S> {
    fn clone(&self) -> Self {
        Self {
            by_type: self.by_type.clone(),
            others: self.others.clone(),
        }
    }
}

impl<S: SerializerSet> Default for Policies<S> {
    fn default() -> Self {
        Self {
            by_type: HashMap::new(),
            others: Arc::new(Random),
        }
    }
}

impl<S: SerializerSet> Default for Routes<S> {
    fn default() -> Self {
        Self {
            table: ArcSwap::from_pointee(Table {
                message: Policies::default(),
                remote: Policies::default(),
            }),
        }
    }
}

impl<S: SerializerSet> fmt::Debug for Routes<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.table.load();
        f.debug_struct("Routes")
            .field("message", &table.message.by_type.keys())
            .field("remote", &table.remote.by_type.keys())
            .finish_non_exhaustive()
    }
}
