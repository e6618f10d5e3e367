//! A server's life in its cluster: it joins, follows the others, tells them of its sessions, leaves.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use pitaya_protocol::cluster::{BindMsg, Member, Watched as Told, remotes};
use pitaya_protocol::{Close, CloseCode, Closed, Origin, SerializerSet};

use super::bus::CallError;
use super::config::JoinError;
use super::discovery::Members;
use super::inbox::ServerInbox;
use super::node::{Node, unix_micros};
use crate::handle::Handle;
use crate::session::{Session, Watched};

/// How often sessions of frontends that do not tell of their end are looked through.
const SWEEP: Duration = Duration::from_secs(60);
/// How often what could not be told is told again.
const RETRY: Duration = Duration::from_secs(1);
/// A user who is bound on two frontends within this time is bound on both at once.
const SAME_TIME: Duration = Duration::from_secs(2);
/// A binding of a server of the family that comes so soon after one here may have been made before it: messages are not longer under way.
const UNDER_WAY: Duration = Duration::from_secs(1);
/// After these pauses a binding is announced again to frontends of the family. Go Pitaya's make a binding of their own known before they find its session, and not at all
/// when it replaces one of the same frontend: one that hears of ours in between keeps its session, and the user has two. All of it is within [`UNDER_WAY`], so that no
/// session ends that is well after the binding.
const AGAIN: [Duration; 3] = [
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(500),
];
/// What is kept to be told again: more than a gate has sessions that end during an outage.
const UNTOLD: usize = 100_000;

impl<S: SerializerSet> Handle<S> {
    /// Joins the cluster, if the server is part of one: the bus first, so that whoever finds the server can send to it.
    pub(crate) async fn join_cluster(&self) -> Result<(), JoinError> {
        let Some(node) = self.node() else {
            return Ok(());
        };
        let me = node.me().clone();
        pitaya_protocol::cluster::server_subject(&me.server_type, &me.id)?;
        let inbox = Arc::new(ServerInbox(self.downgrade()));
        node.bus().follow(node.changes());
        node.bus().start(me.clone(), inbox).await?;
        if let Err(error) = node.discovery().join(me).await {
            node.bus().close().await;
            return Err(error.into());
        }
        let server = self.downgrade();
        let mut changes = node.changes();
        self.spawn(async move {
            let mut sweep = tokio::time::interval(SWEEP);
            let mut retry = tokio::time::interval(RETRY);
            loop {
                let Some(handle) = server.upgrade() else {
                    return;
                };
                if let Some(node) = handle.node() {
                    let members = changes.borrow_and_update().clone();
                    node.saw(&members);
                    handle.forget_served(node, &members);
                    node.tell_again();
                }
                drop(handle);
                tokio::select! {
                    changed = changes.changed() => if changed.is_err() { return },
                    _ = sweep.tick() => {}
                    _ = retry.tick() => {}
                }
            }
        });
        Ok(())
    }

    /// Whether clients connect to this server of a cluster.
    pub(crate) fn is_frontend(&self) -> bool {
        self.node().is_some_and(|node| node.me().frontend)
    }

    /// Leaves the directory, so that nothing new comes, and takes what still does for a moment, if there is time: others hear of it a little later.
    pub(crate) async fn leave_cluster(&self, in_time: bool) {
        if let Some(node) = self.node() {
            node.discovery().leave().await;
            if in_time {
                tokio::time::sleep(node.config().leave_delay).await;
            }
            node.bus().stop_receiving().await;
        }
    }

    /// Work for another server, which is dropped when the time of a drain is over.
    pub(crate) fn spawn_for_others(&self, work: impl Future<Output = ()> + Send + 'static) {
        let abandoned = self.life().abandoned.clone();
        self.connections().spawn(async move {
            abandoned.run_until_cancelled_owned(work).await;
        });
    }

    /// Requests of other servers that are not answered yet.
    pub(crate) fn requests_of_others(&self) -> usize {
        self.node()
            .map_or(0, |node| node.open.load(Ordering::Relaxed))
    }

    /// Ends the bus, when nothing uses it any more.
    pub(crate) async fn close_cluster(&self) {
        if let Some(node) = self.node() {
            node.bus().close().await;
        }
    }

    /// Ends sessions whose frontend is gone, and those of frontends of the family that were not heard of for long.
    fn forget_served(&self, node: &Node<S>, members: &Members) {
        let idle = node.config().foreign_session_idle;
        let gone = node.served.retain(|frontend, session| {
            members.get(frontend).is_some_and(|member| {
                let heard = session.remote().map(|remote| remote.used().elapsed());
                member.is_of_this_suite() || heard.is_some_and(|heard| heard < idle)
            })
        });
        for session in gone {
            let close = Close::new(CloseCode::EOF).with_reason("its frontend is gone");
            self.end_served(session, Closed::new(close, Origin::Transport));
        }
    }

    /// The session of another server has ended: it leaves groups, its hooks run.
    pub(crate) fn end_served(&self, session: Session<S>, closed: Closed) {
        session.mark_dropped();
        let hooks = session.end();
        let server = self.clone();
        self.connections().spawn(async move {
            for hook in hooks {
                hook(closed.clone()).await;
            }
            for hook in &server.hooks().on_close {
                hook(session.clone(), closed.clone()).await;
            }
        });
    }
}

impl<S: SerializerSet> Node<S> {
    /// A session of this server was bound.
    pub(crate) fn bound_session(&self, session: &Session<S>, uid: &Arc<str>, unique: bool) {
        let (at, watchers) = {
            let state = session.state();
            let watched = state.watched.as_deref();
            watched.map_or_else(Default::default, |watched| {
                (watched.bound_at, watched.by.clone())
            })
        };
        self.bound(uid, unique, at);
        if unique && self.me().frontend {
            self.announce_again(session, uid, at);
        }
        let told = Told {
            session: number(session),
            uid: (**uid).to_owned(),
            ..Told::default()
        };
        self.tell_watchers(&watchers, &told);
    }

    /// Announces a binding a few times more, where frontends of the family may have missed it.
    fn announce_again(&self, session: &Session<S>, uid: &Arc<str>, at: u64) {
        let members = self.members();
        let gates = members.of_type(&self.me().server_type);
        if gates.iter().all(|gate| gate.is_of_this_suite()) {
            return;
        }
        let (session, uid) = (session.clone(), uid.clone());
        session.server().clone().spawn(async move {
            for pause in AGAIN {
                tokio::time::sleep(pause).await;
                let Some(node) = session.server().node() else {
                    return;
                };
                // Who has left may have come back elsewhere.
                if !session.is_connected() {
                    return;
                }
                node.announce(&uid, at);
            }
        });
    }

    /// A session of this server has ended.
    pub(crate) fn ended_session(&self, session: &Session<S>, watched: &Watched, closed: &Closed) {
        if let Some(uid) = session.uid() {
            self.unbound(&uid);
        }
        self.tell_watchers(&watched.by, &ended(session, &closed.close));
    }

    /// Another server wants to hear of the session's end.
    pub(crate) fn watch(&self, session: &Session<S>, by: &Member) {
        let id: Arc<str> = by.id.as_str().into();
        let late = {
            let mut state = session.state();
            let late = session.is_ended();
            if !late {
                let watched = state.watched.get_or_insert_default();
                if !watched.by.contains(&id) {
                    watched.by.push(id.clone());
                }
            }
            late
        };
        if late {
            self.tell_watchers(&[id], &ended(session, &Close::new(CloseCode::EOF)));
        }
    }

    /// A user was bound on another server of this type: with unique sessions the later binding stays, and both servers decide alike.
    pub(crate) fn bound_elsewhere(&self, server: &Handle<S>, binding: &BindMsg) {
        if binding.fid == self.me().id || !server.config().unique_sessions {
            return;
        }
        for session in server.sessions_of(&binding.uid) {
            let mine = session
                .state()
                .watched
                .as_ref()
                .map_or(0, |watched| watched.bound_at);
            let age = Duration::from_micros(unix_micros().saturating_sub(mine));
            let replaced = if binding.at == 0 {
                // Servers of the family do not say when. If theirs was the earlier one, they have closed its session when they heard of this one: who
                // gave way as well would leave the user without any. One that gives no way is announced again, below, and theirs does.
                age >= UNDER_WAY
            } else {
                // Every one that comes well after this one is the later one: only for those at the same time the clocks are compared, which may
                // differ a little from server to server.
                age >= SAME_TIME || (mine, &self.me().id) < (binding.at, &binding.fid)
            };
            // A client that has no connection here has come back elsewhere.
            if replaced || !session.is_connected() {
                session.close(Close::new(CloseCode::REPLACED));
                continue;
            }
            // The other one may not have been bound yet when this one was announced.
            self.announce(&binding.uid, mine);
        }
    }

    fn tell_watchers(&self, watchers: &[Arc<str>], told: &Told) {
        if watchers.is_empty() {
            return;
        }
        let members = self.members();
        for watcher in watchers.iter().filter_map(|id| members.get(id)) {
            self.tell_or_keep(watcher, told.clone());
        }
    }

    /// Tells a server, or keeps it for the time when the bus is back.
    fn tell_or_keep(&self, watcher: &Arc<Member>, told: Told) {
        match self.tell(watcher, remotes::WATCHED, &told) {
            // With the server goes what it knew.
            Ok(()) | Err(CallError::Gone { .. }) => {}
            Err(error) => {
                let mut untold = self.untold();
                if untold.len() < UNTOLD {
                    untold.push((watcher.id.clone(), told));
                } else {
                    tracing::warn!(%error, "a server is not told of a session that it serves");
                }
            }
        }
    }

    /// Tells what could not be told before.
    fn tell_again(&self) {
        if !self.bus().is_up() {
            return;
        }
        let untold = std::mem::take(&mut *self.untold());
        if untold.is_empty() {
            return;
        }
        let members = self.members();
        for (id, told) in untold {
            if let Some(watcher) = members.get(&id) {
                self.tell_or_keep(watcher, told);
            }
        }
    }
}

fn ended<S: SerializerSet>(session: &Session<S>, close: &Close) -> Told {
    Told {
        session: number(session),
        uid: String::new(),
        closed: u32::from(close.code.number()),
        reason: close.reason().to_owned(),
    }
}

fn number<S: SerializerSet>(session: &Session<S>) -> i64 {
    i64::try_from(session.id()).unwrap_or(i64::MAX)
}
