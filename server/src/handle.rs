//! The handle of a server that runs: what components, host programs and tests hold.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use metrics::Histogram;
use pitaya_protocol::cluster::{Body, serializer_number};
use pitaya_protocol::compression::Deflater;
use pitaya_protocol::handshake::{Agreement, HandshakeResponse, ServerInfo};
use pitaya_protocol::{
    Capabilities, Closed, Dictionary, Encode, Json, Push, Serializer, SerializerSet, Timestamp,
};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::admission::{Admission, Admitted};
use crate::agent::Validator;
use crate::cluster::{Members, Node};
use crate::component::Component;
use crate::config::ServerConfig;
use crate::group::{Group, GroupError, Groups};
use crate::history::{ClosedSession, History};
use crate::life::Life;
use crate::metrics::Metrics;
use crate::peer::Peer;
use crate::router::Router;
use crate::session::{Beginning, Hooks, PushError, Registry, Session};

/// A server that runs. A cheap handle: clone it, keep it as the state of an HTTP framework, use it from any task.
pub struct Handle<S: SerializerSet = Json>(Arc<Shared<S>>);

struct Shared<S: SerializerSet> {
    config: ServerConfig,
    dictionary: Dictionary,
    router: Router<S, Histogram>,
    components: Vec<Arc<dyn Component<S>>>,
    validators: Vec<Validator<S>>,
    hooks: Hooks<S>,
    registry: Registry<S>,
    groups: Groups<S>,
    metrics: Metrics,
    admission: Arc<Admission>,
    history: History,
    /// Handshake responses by everything that they depend on; a dictionary is not written and deflated per client.
    responses: Mutex<HashMap<(Serializer, bool, Capabilities), Bytes>>,
    origin: Instant,
    last_session: AtomicU64,
    orphans: AtomicUsize,
    /// Sessions that have ended while handlers of theirs go on.
    lingering: Mutex<HashMap<u64, Session<S>>>,
    connections: TaskTracker,
    /// Tasks of the application.
    tasks: Mutex<JoinSet<()>>,
    life: Life,
    addresses: Mutex<Vec<(Box<str>, SocketAddr)>>,
    /// The server's place in a cluster, if it is part of one.
    node: Option<Arc<Node<S>>>,
}

/// What the builder has put together.
pub(crate) struct Parts<S: SerializerSet> {
    pub(crate) config: ServerConfig,
    pub(crate) dictionary: Dictionary,
    pub(crate) router: Router<S, Histogram>,
    pub(crate) components: Vec<Arc<dyn Component<S>>>,
    pub(crate) validators: Vec<Validator<S>>,
    pub(crate) hooks: Hooks<S>,
    pub(crate) metrics: Metrics,
    pub(crate) node: Option<Node<S>>,
}

impl<S: SerializerSet> Handle<S> {
    pub(crate) fn new(parts: Parts<S>) -> Self {
        let Parts {
            config,
            dictionary,
            router,
            components,
            validators,
            hooks,
            metrics,
            node,
        } = parts;
        let admission = Arc::new(Admission::new(&config.limits, metrics.connections()));
        Self(Arc::new(Shared {
            config,
            dictionary,
            router,
            components,
            validators,
            hooks,
            registry: Registry::default(),
            groups: Groups::default(),
            metrics,
            admission,
            history: History::default(),
            responses: Mutex::default(),
            origin: Instant::now(),
            last_session: AtomicU64::new(0),
            orphans: AtomicUsize::new(0),
            lingering: Mutex::default(),
            connections: TaskTracker::new(),
            tasks: Mutex::default(),
            life: Life::default(),
            addresses: Mutex::default(),
            node: node.map(Arc::new),
        }))
    }

    /// The server's id in its cluster; `None` outside of one.
    #[must_use]
    pub fn server_id(&self) -> Option<&str> {
        self.0.node.as_ref().map(|node| node.me().id.as_str())
    }

    /// The servers of the cluster as they are known, this one included; none outside of one.
    #[must_use]
    pub fn members(&self) -> Members {
        self.0
            .node
            .as_ref()
            .map(|node| node.members())
            .unwrap_or_default()
    }

    /// The settings that the server was started with.
    #[must_use]
    pub fn config(&self) -> &ServerConfig {
        &self.0.config
    }

    /// Where the server listens, in the order of the builder's `listen` calls, with the ports that the operating system chose.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        lock(&self.0.addresses)
            .iter()
            .map(|(_, address)| *address)
            .collect()
    }

    /// Where the listener of this name listens.
    #[must_use]
    pub fn address(&self, listener: &str) -> Option<SocketAddr> {
        lock(&self.0.addresses)
            .iter()
            .find(|(name, _)| **name == *listener)
            .map(|(_, address)| *address)
    }

    /// The session with this id.
    #[must_use]
    pub fn session(&self, id: u64) -> Option<Session<S>> {
        self.0.registry.by_id(id)
    }

    /// The sessions of a user: at most one where sessions are unique.
    #[must_use]
    pub fn sessions_of(&self, uid: &str) -> Vec<Session<S>> {
        self.0.registry.by_uid(uid)
    }

    /// All sessions at this moment.
    #[must_use]
    pub fn sessions(&self) -> Vec<Session<S>> {
        self.0.registry.all()
    }

    /// The number of sessions, connected or waiting for their client.
    #[must_use]
    pub fn session_count(&self) -> usize {
        self.0.registry.count()
    }

    /// The number of connections, those included that are not through their handshake.
    #[must_use]
    pub fn connection_count(&self) -> usize {
        self.0.admission.count()
    }

    /// Sends `value` to all sessions of these users, in a cluster on every frontend. Returns the users that it was queued for nowhere; in a cluster
    /// those who have no session here count as reached, as the frontends do not say.
    ///
    /// # Errors
    ///
    /// [`PushError`] when the value cannot be written; users before the one for whom that came out have got it.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a route is a constant, written without a reference"
    )]
    pub fn push_to<T: Encode<S>, U: AsRef<str>>(
        &self,
        uids: impl IntoIterator<Item = U>,
        route: Push<T>,
        value: &T,
    ) -> Result<Vec<U>, PushError> {
        let mut missed = Vec::new();
        for uid in uids {
            let mut reached = false;
            for session in self.sessions_of(uid.as_ref()) {
                match session.push_to(route.route(), value) {
                    Ok(()) => reached = true,
                    Err(PushError::Closed | PushError::SlowConsumer) => {}
                    Err(error) => return Err(error),
                }
            }
            if !reached {
                missed.push(uid);
            }
        }
        if let Some(node) = &self.0.node
            && !missed.is_empty()
        {
            let uids = missed.iter().map(|uid| uid.as_ref().to_owned()).collect();
            let bodies = bodies(value)?;
            node.push_to_users(uids, route.route(), bodies)?;
            missed.clear();
        }
        Ok(missed)
    }

    /// Kicks all sessions of these users, in a cluster on every frontend. Returns the users that have none; in a cluster those without a session here
    /// count as kicked.
    pub async fn kick<U: AsRef<str>>(
        &self,
        uids: impl IntoIterator<Item = U>,
        reason: &str,
    ) -> Vec<U> {
        let mut missed = Vec::new();
        for uid in uids {
            let sessions = self.sessions_of(uid.as_ref());
            if sessions.is_empty() {
                missed.push(uid);
            }
            for session in sessions {
                session.kick(reason).await;
            }
        }
        if let Some(node) = &self.0.node
            && !missed.is_empty()
        {
            let uids: Vec<_> = missed.iter().map(|uid| uid.as_ref().to_owned()).collect();
            match node.kick_users(&uids) {
                Ok(()) => missed.clear(),
                Err(error) => tracing::warn!(%error, "other servers were not told to kick"),
            }
        }
        missed
    }

    /// Makes a group.
    ///
    /// # Errors
    ///
    /// [`GroupError::Exists`] when there is one of this name.
    pub fn create_group(&self, name: &str) -> Result<Group<S>, GroupError> {
        self.0.groups.create(name, self, None)
    }

    /// Makes a group that is removed after `ttl` unless it is [renewed](Group::renew).
    ///
    /// # Errors
    ///
    /// [`GroupError::Exists`] when there is one of this name.
    pub fn create_group_for(&self, name: &str, ttl: Duration) -> Result<Group<S>, GroupError> {
        self.0.groups.create(name, self, Some(ttl))
    }

    /// The group of this name.
    #[must_use]
    pub fn group(&self, name: &str) -> Option<Group<S>> {
        self.0.groups.find(name)
    }

    /// The names of all groups.
    #[must_use]
    pub fn groups(&self) -> Vec<Arc<str>> {
        self.0.groups.names()
    }

    /// Removes a group and says whether there was one.
    #[expect(
        clippy::must_use_candidate,
        reason = "whoever wants it gone seldom asks whether it was there"
    )]
    pub fn remove_group(&self, name: &str) -> bool {
        self.0.groups.remove(name)
    }

    /// The last 100 connections that have ended, the oldest first.
    #[must_use]
    pub fn recent_closes(&self) -> Vec<ClosedSession> {
        self.0.history.list()
    }

    /// Runs a task that ends with the server: it is dropped at the end of the shutdown, after the components' hooks.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = lock(&self.0.tasks);
        // Finished ones are let go here, so that they do not pile up.
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    pub(crate) fn router(&self) -> &Router<S, Histogram> {
        &self.0.router
    }

    pub(crate) fn components(&self) -> &[Arc<dyn Component<S>>] {
        &self.0.components
    }

    pub(crate) fn validators(&self) -> &[Validator<S>] {
        &self.0.validators
    }

    pub(crate) fn hooks(&self) -> &Hooks<S> {
        &self.0.hooks
    }

    pub(crate) fn registry(&self) -> &Registry<S> {
        &self.0.registry
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// How far the server is with its life.
    pub(crate) fn life(&self) -> &Life {
        &self.0.life
    }

    pub(crate) fn connections(&self) -> &TaskTracker {
        &self.0.connections
    }

    pub(crate) fn origin(&self) -> Instant {
        self.0.origin
    }

    pub(crate) fn now(&self) -> Timestamp {
        let micros = self.0.origin.elapsed().as_micros();
        Timestamp::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    pub(crate) fn listens_on(&self, name: &str, address: SocketAddr) {
        lock(&self.0.addresses).push((name.into(), address));
    }

    /// Counts a connection; one for which there is no room is `None`.
    pub(crate) fn admit(&self, address: Option<SocketAddr>) -> Option<Admitted> {
        let admitted = self
            .0
            .admission
            .admit()
            .map_err(|limit| self.metrics().limit(limit))
            .ok()?;
        self.locate(admitted, address)
    }

    /// Counts an admitted connection to its address; one that has too many is `None`.
    pub(crate) fn locate(
        &self,
        mut admitted: Admitted,
        address: Option<SocketAddr>,
    ) -> Option<Admitted> {
        let ip = address.map(|address| address.ip());
        admitted
            .locate(ip)
            .map_err(|limit| self.metrics().limit(limit))
            .ok()?;
        Some(admitted)
    }

    /// The server's place in its cluster.
    pub(crate) fn node(&self) -> Option<&Arc<Node<S>>> {
        self.0.node.as_ref()
    }

    /// A handle that does not keep the server alive.
    pub(crate) fn downgrade(&self) -> WeakHandle<S> {
        WeakHandle(Arc::downgrade(&self.0))
    }

    /// The next number of a session.
    pub(crate) fn next_id(&self) -> u64 {
        self.0.last_session.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn begin_session(&self, beginning: Beginning) -> Session<S> {
        let id = self.next_id();
        let uid = beginning.peer.uid().map(str::to_owned);
        let session = Session::new(id, self.clone(), beginning);
        self.0.registry.insert(&session);
        // The host has authenticated the peer: bound before anything else can happen.
        if let Some(uid) = uid
            && let Err(error) = session.bind_local(&uid)
        {
            tracing::warn!(%error, "the host's uid was not bound");
        }
        session
    }

    /// What is settled with a client of these capabilities.
    pub(crate) fn agreement(&self, capabilities: Capabilities) -> Agreement {
        Agreement::new(
            Some(self.0.config.heartbeat),
            self.0.dictionary.clone(),
            capabilities,
        )
    }

    /// The body of the handshake response, deflated if the client inflates and that is shorter (wire 2.4).
    pub(crate) fn handshake_response(
        &self,
        serializer: Serializer,
        compress: bool,
        capabilities: Capabilities,
    ) -> Bytes {
        let write = || {
            let sys = ServerInfo::new(&self.agreement(capabilities), serializer.name());
            let json = HandshakeResponse::accept(sys).to_json();
            let mut deflated = Vec::new();
            if compress && Deflater::default().deflate(&json, &mut deflated) {
                return deflated.into();
            }
            json.into()
        };
        let key = (serializer, compress, capabilities);
        lock(&self.0.responses)
            .entry(key)
            .or_insert_with(write)
            .clone()
    }

    pub(crate) fn record_close(
        &self,
        session: Option<&Session<S>>,
        peer: Option<&Peer>,
        closed: &Closed,
    ) {
        let code = closed.close.code;
        self.metrics().closed(code);
        let address = session.map(Session::peer).or(peer).and_then(Peer::address);
        let uid = session.and_then(Session::uid);
        let id = session.map(Session::id);
        tracing::debug!(
            id,
            ?uid,
            ?address,
            code = code.number(),
            reason = closed.close.reason(),
            "connection ended"
        );
        let lasted = session
            .map(|session| session.since().elapsed())
            .unwrap_or_default();
        let closed = closed.clone();
        self.0.history.add(ClosedSession {
            id,
            uid,
            address,
            closed,
            at: SystemTime::now(),
            lasted,
        });
    }

    /// Takes over the handlers of a session that has ended, if there is room for them.
    pub(crate) fn adopt(&self, session: &Session<S>, handlers: usize) -> Option<Orphans> {
        let limit = self.0.config.limits.orphaned_handlers;
        let before = self.0.orphans.fetch_add(handlers, Ordering::Relaxed);
        if before + handlers > limit {
            self.0.orphans.fetch_sub(handlers, Ordering::Relaxed);
            return None;
        }
        let gauge = self.metrics().orphans().clone();
        gauge.increment(handlers as f64);
        lock(&self.0.lingering).insert(session.id(), session.clone());
        let (server, id) = (self.clone(), session.id());
        Some(Orphans(Box::new(move || {
            lock(&server.0.lingering).remove(&id);
            server.0.orphans.fetch_sub(handlers, Ordering::Relaxed);
            gauge.decrement(handlers as f64);
        })))
    }

    pub(crate) fn orphan_count(&self) -> usize {
        self.0.orphans.load(Ordering::Relaxed)
    }

    pub(crate) fn lingering(&self) -> Vec<Session<S>> {
        lock(&self.0.lingering).values().cloned().collect()
    }

    pub(crate) fn tasks(&self) -> MutexGuard<'_, JoinSet<()>> {
        lock(&self.0.tasks)
    }

    pub(crate) fn clear_groups(&self) {
        self.0.groups.clear();
    }
}

/// A value in each serializer that clients of the cluster may have.
fn bodies<T: Encode<S>, S: SerializerSet>(value: &T) -> Result<Vec<Body>, PushError> {
    S::ALL
        .iter()
        .map(|&serializer| {
            let mut data = Vec::new();
            value.encode(serializer, &mut data)?;
            Ok(Body {
                serializer: serializer_number(serializer),
                data: data.into(),
            })
        })
        .collect()
}

/// Handlers that go on although their session has ended; counted until this is dropped.
pub(crate) struct Orphans(Box<dyn Fn() + Send>);

impl Drop for Orphans {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// A handle that does not keep its server alive.
pub(crate) struct WeakHandle<S: SerializerSet>(Weak<Shared<S>>);

impl<S: SerializerSet> WeakHandle<S> {
    /// The handle, if the server is still there.
    pub(crate) fn upgrade(&self) -> Option<Handle<S>> {
        self.0.upgrade().map(Handle)
    }
}

impl<S: SerializerSet> Clone for WeakHandle<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: SerializerSet> Clone for Handle<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: SerializerSet> fmt::Debug for Handle<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("addresses", &self.addresses())
            .field("sessions", &self.session_count())
            .finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing of the application runs while one of these is held.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
