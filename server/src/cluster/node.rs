//! A server's own place in its cluster: what it knows of the others, and how it sends to them.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use metrics::Histogram;
use pitaya_protocol::SerializerSet;
use pitaya_protocol::cluster::{
    BindMsg, Member, Metadata, Msg, MsgType, Request, Response, RpcType, Watched,
};

use tokio::sync::watch;
use tokio::time::timeout;

use super::bus::{Bus, CallError};
use super::complaints::Complaints;
use super::config::{Cluster, ClusterConfig};
use super::discovery::{Discovery, Members};
use super::lanes::Lanes;
use super::peers::Peers;
use super::routing::{For, Routed, Routes};
use super::served::Served;

/// How long a frontend may be unknown to the discovery when its first message comes.
const LISTED_WITHIN: Duration = Duration::from_secs(2);

/// One server of a cluster.
pub(crate) struct Node<S: SerializerSet> {
    me: Member,
    config: ClusterConfig,
    bus: Arc<dyn Bus>,
    discovery: Arc<dyn Discovery>,
    members: watch::Receiver<Members>,
    pub(crate) routes: Routes<S>,
    pub(crate) peers: Peers,
    pub(crate) lanes: Lanes,
    pub(crate) served: Served<S>,
    /// Requests of others that are not answered yet.
    pub(crate) open: AtomicUsize,
    users: Mutex<Users>,
    /// By the id of the server that shall hear it.
    untold: Mutex<Vec<(String, Watched)>>,
    /// About what others send.
    pub(crate) complaints: Complaints,
    forwarded: Histogram,
}

/// The users who are bound here, with the number of their sessions.
#[derive(Default)]
struct Users {
    /// Whether the bus takes what servers of the family send to them.
    listed: bool,
    bound: HashMap<Arc<str>, usize>,
}

impl<S: SerializerSet> Node<S> {
    pub(crate) fn new(cluster: Cluster, server_type: &str, routes: Routes<S>) -> Self {
        let me = cluster.member(server_type);
        let Cluster {
            bus,
            discovery,
            config,
            ..
        } = cluster;
        Self {
            members: discovery.members(),
            routes,
            peers: Peers::new(config.ejection.clone()),
            lanes: Lanes::default(),
            served: Served::new(config.served_sessions),
            open: AtomicUsize::new(0),
            users: Mutex::default(),
            untold: Mutex::default(),
            complaints: Complaints::about("servers"),
            forwarded: crate::metrics::route("_forwarded"),
            me,
            config,
            bus,
            discovery,
        }
    }

    /// The latency of messages that other servers handle.
    pub(crate) const fn forwarded(&self) -> &Histogram {
        &self.forwarded
    }

    pub(crate) const fn me(&self) -> &Member {
        &self.me
    }

    pub(crate) const fn config(&self) -> &ClusterConfig {
        &self.config
    }

    pub(crate) fn bus(&self) -> &dyn Bus {
        &*self.bus
    }

    pub(crate) fn discovery(&self) -> &dyn Discovery {
        &*self.discovery
    }

    pub(crate) fn members(&self) -> Members {
        self.members.borrow().clone()
    }

    /// Waits until a frontend can be called that has asked before the discovery has listed it, which is a matter of milliseconds. A handler could
    /// neither bind nor push otherwise.
    pub(crate) async fn can_answer_to(&self, frontend: &str) {
        if !self.bus.needs_addresses() {
            return;
        }
        let mut members = self.members.clone();
        let listed = members.wait_for(|members| members.get(frontend).is_some());
        // Handlers that only answer need no address.
        let _ = timeout(LISTED_WITHIN, listed).await;
    }

    pub(crate) fn changes(&self) -> watch::Receiver<Members> {
        self.members.clone()
    }

    /// The server that shall get this.
    pub(crate) fn choose(
        &self,
        kind: For,
        routed: &Routed<'_, S>,
    ) -> Result<Arc<Member>, CallError> {
        // Not borrowed: a policy is the game's code, and may look at the members itself.
        let members = self.members();
        self.routes.choose(kind, routed, &members, &self.peers)
    }

    /// Asks a server. The request is handed over before this returns.
    pub(crate) fn call(
        &self,
        to: &Arc<Member>,
        request: Request,
        timeout: Duration,
    ) -> impl Future<Output = Result<Response, CallError>> + Send + use<S> {
        // It may be so new that the task which follows the members has not had its turn.
        if !self.peers.knows(to) {
            self.saw(&self.members());
        }
        let flight = self.peers.begin(to);
        let answer = self.bus.call(to, request, timeout);
        async move {
            let answer = answer.await;
            flight.ended(answer.as_ref().map(|_| ()));
            answer
        }
    }

    /// Tells a server of this suite something, without an answer.
    pub(crate) fn tell(
        &self,
        to: &Member,
        route: &str,
        argument: &impl prost::Message,
    ) -> Result<(), CallError> {
        let timeout = self.config.request_timeout;
        let metadata = Metadata::default();
        let request = self.remote_request(metadata, route, argument, timeout);
        self.bus.tell(to, request)
    }

    /// A request for a remote method, on whose behalf `metadata` says.
    pub(crate) fn remote_request(
        &self,
        metadata: Metadata,
        route: &str,
        argument: &impl prost::Message,
        timeout: Duration,
    ) -> Request {
        let metadata = metadata
            .from_peer(&self.me.id, &self.me.server_type)
            .with_timeout(timeout);
        let msg = Msg {
            route: route.to_owned(),
            data: argument.encode_to_vec().into(),
            r#type: MsgType::MsgRequest.into(),
            ..Msg::default()
        };
        Request {
            r#type: RpcType::User.into(),
            msg: Some(msg),
            frontend_id: self.frontend_id(),
            metadata: metadata.to_json().into(),
            session: None,
        }
    }

    /// What a request says of the calling server: its id if clients connect to it (wire 13).
    pub(crate) fn frontend_id(&self) -> String {
        if self.me.frontend {
            self.me.id.clone()
        } else {
            String::new()
        }
    }

    /// A user was bound to a session of this frontend. With `unique` the others hear of it, so that their sessions of the user end.
    pub(crate) fn bound(&self, uid: &Arc<str>, unique: bool, at: u64) {
        if !self.me.frontend {
            return;
        }
        {
            let mut users = self.users();
            let count = users.bound.entry(uid.clone()).or_default();
            *count += 1;
            if *count == 1 && users.listed {
                self.bus.add_user(uid);
            }
        }
        if unique {
            self.announce(uid, at);
        }
    }

    /// Tells the other frontends of this type that a user was bound here.
    pub(crate) fn announce(&self, uid: &str, at: u64) {
        let binding = BindMsg {
            uid: uid.to_owned(),
            fid: self.me.id.clone(),
            at,
        };
        if let Err(error) = self.bus.announce_binding(&self.me.server_type, binding) {
            tracing::warn!(%error, "other frontends were not told of a bound user");
        }
    }

    /// What watchers of sessions could not be told yet.
    pub(crate) fn untold(&self) -> MutexGuard<'_, Vec<(String, Watched)>> {
        // Nothing panics while it holds the lock.
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A session of a bound user has ended.
    pub(crate) fn unbound(&self, uid: &str) {
        let mut users = self.users();
        if let Some(count) = users.bound.get_mut(uid) {
            *count -= 1;
            if *count == 0 {
                users.bound.remove(uid);
                if users.listed {
                    self.bus.remove_user(uid);
                }
            }
        }
    }

    /// The servers have changed.
    pub(crate) fn saw(&self, members: &Members) {
        self.peers.seen(members, tokio::time::Instant::now());
        let foreign = members.iter().any(|member| !member.is_of_this_suite());
        let mut users = self.users();
        let listed = self.me.frontend && (foreign || self.bus.needs_users());
        if listed == users.listed {
            return;
        }
        users.listed = listed;
        for uid in users.bound.keys() {
            if listed {
                self.bus.add_user(uid);
            } else {
                self.bus.remove_user(uid);
            }
        }
    }

    /// Counts a request of another server, until the guard is dropped; `None` when there are too many.
    pub(crate) fn admit(self: &Arc<Self>) -> Option<Open<S>> {
        let before = self.open.fetch_add(1, Ordering::Relaxed);
        let open = Open(self.clone());
        (before < self.config.requests).then_some(open)
    }

    fn users(&self) -> MutexGuard<'_, Users> {
        // Nothing panics while it holds the lock.
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is not answered yet.
pub(crate) struct Open<S: SerializerSet>(Arc<Node<S>>);

impl<S: SerializerSet> Drop for Open<S> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Microseconds since 1970.
pub(crate) fn unix_micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(since.unwrap_or_default().as_micros()).unwrap_or(u64::MAX)
}

impl<S: SerializerSet> fmt::Debug for Node<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node")
            .field("me", &self.me)
            .field("bus", &self.bus)
            .field("discovery", &self.discovery)
            .finish_non_exhaustive()
    }
}
