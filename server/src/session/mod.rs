//! The session: what a server knows of one client, from its handshake to its end.

mod data;
mod hooks;
mod outbox;
mod push;
mod registry;
mod remote;

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use pitaya_protocol::handshake::{Agreement, HandshakeRequest};
use pitaya_protocol::{Capabilities, Close, CloseCode, Closed, Json, Serializer, SerializerSet};
use serde_json::{Map, Value};
use tokio::sync::Notify;

use crate::cluster::{RpcError, unix_micros};
use crate::group::WeakGroup;
use crate::handle::Handle;
use crate::peer::Peer;

pub use self::data::DataError;
pub use self::push::PushError;
pub(crate) use self::{
    hooks::{CloseHook, Hooks},
    outbox::{Order, Outbox, Refused},
    push::{Variant, Writer},
    registry::Registry,
    remote::Remote,
};

/// A client's session. A cheap handle: clone it, keep it, use it from any task.
///
/// It outlives its connection by the server's `grace`. After its end everything can still be read, and pushes fail.
pub struct Session<S: SerializerSet = Json>(Arc<Inner<S>>);

/// In this order: what every wake-up touches lies together behind the reference count, two cache lines that a server with many sessions has
/// to fetch for each message, instead of four.
#[repr(C)]
struct Inner<S: SerializerSet> {
    outbox: Outbox,
    server: Handle<S>,
    serializer: Serializer,
    /// Whether bodies may be deflated for this client.
    compress: bool,
    life: AtomicU8,
    capabilities: Capabilities,
    id: u64,
    since: Instant,
    changed: Notify,
    state: Mutex<State<S>>,
    peer: Peer,
    handshake: HandshakeRequest,
    /// Where the client is, if it is not connected to this server.
    remote: Option<Box<Remote>>,
}

/// What changes during a session's life.
pub(crate) struct State<S: SerializerSet> {
    uid: Option<Arc<str>>,
    data: Option<Box<Map<String, Value>>>,
    pub(crate) groups: Vec<WeakGroup<S>>,
    pub(crate) on_close: Vec<CloseHook>,
    /// Other servers that want to hear of it, and when the uid was bound in microseconds since 1970.
    pub(crate) watched: Option<Box<Watched>>,
}

/// What the cluster needs to know of a session.
#[derive(Default)]
pub(crate) struct Watched {
    /// Ids of servers that serve it.
    pub(crate) by: Vec<Arc<str>>,
    /// When it was bound, in microseconds since 1970.
    pub(crate) bound_at: u64,
}

/// The values of `Inner::life`.
const CONNECTED: u8 = 0;
const DROPPED: u8 = 1;
/// Nothing is taken any more, but lists may still hold it.
const ENDING: u8 = 2;
const ENDED: u8 = 3;

/// What a session starts with.
pub(crate) struct Beginning {
    pub(crate) peer: Peer,
    pub(crate) handshake: HandshakeRequest,
    pub(crate) serializer: Serializer,
    pub(crate) compress: bool,
    pub(crate) capabilities: Capabilities,
}

/// Why a session was not bound to a uid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UidError {
    /// The uid is empty.
    #[error("a uid must not be empty")]
    Empty,
    /// There is no unbinding: the session keeps its uid to its end.
    #[error("the session is already bound to the uid `{0}`")]
    AlreadyBound(Arc<str>),
    /// The session has ended.
    #[error("the session has ended")]
    Closed,
    /// The server that the client is connected to did not bind it.
    #[error("the session was not bound by its frontend: {0}")]
    Frontend(#[source] RpcError),
}

impl<S: SerializerSet> Session<S> {
    pub(crate) fn new(id: u64, server: Handle<S>, beginning: Beginning) -> Self {
        Self::begin(id, server, beginning, None)
    }

    fn begin(
        id: u64,
        server: Handle<S>,
        beginning: Beginning,
        remote: Option<Box<Remote>>,
    ) -> Self {
        let Beginning {
            peer,
            handshake,
            serializer,
            compress,
            capabilities,
        } = beginning;
        let state = State {
            uid: None,
            data: None,
            groups: Vec::new(),
            on_close: Vec::new(),
            watched: None,
        };
        Self(Arc::new(Inner {
            remote,
            id,
            server,
            peer,
            handshake,
            serializer,
            compress,
            capabilities,
            since: Instant::now(),
            outbox: Outbox::default(),
            life: AtomicU8::new(CONNECTED),
            changed: Notify::new(),
            state: Mutex::new(state),
        }))
    }

    /// The session's number, unique in its server's life.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.0.id
    }

    /// The user whose session it is, once bound.
    #[must_use]
    pub fn uid(&self) -> Option<Arc<str>> {
        self.state().uid.clone()
    }

    /// The other end of the connection.
    #[must_use]
    pub fn peer(&self) -> &Peer {
        &self.0.peer
    }

    /// What the client said of itself, and the application's `user` object.
    #[must_use]
    pub fn handshake(&self) -> &HandshakeRequest {
        &self.0.handshake
    }

    /// The serializer of this connection's payloads.
    #[must_use]
    pub fn serializer(&self) -> Serializer {
        self.0.serializer
    }

    /// The capabilities that the client and the server share.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        self.0.capabilities
    }

    /// The server that the session belongs to.
    #[must_use]
    pub fn server(&self) -> &Handle<S> {
        &self.0.server
    }

    /// When the session began.
    #[must_use]
    pub fn since(&self) -> Instant {
        self.0.since
    }

    /// Says whose session it is. With unique sessions (the default) the user's former session is kicked with [`CloseCode::REPLACED`].
    ///
    /// # Errors
    ///
    /// [`UidError`]: an empty uid, a second bind, or a session that has ended.
    pub async fn bind(&self, uid: &str) -> Result<(), UidError> {
        match self.remote() {
            None => self.bind_local(uid),
            Some(remote) => self.bind_remote(remote, uid).await,
        }
    }

    /// Ends the session as final: the client stays away. Hooks run when the connection is gone.
    #[expect(
        clippy::unused_async,
        reason = "on a backend this is a call to the frontend; the signature is the same everywhere"
    )]
    pub async fn kick(&self, reason: impl Into<String>) {
        self.close(Close::new(CloseCode::KICKED).with_reason(reason.into()));
    }

    /// Ends the session like that, after what is queued for it was sent. The close's code says whether the client comes back.
    pub fn close(&self, close: Close) {
        if let Some(remote) = self.remote() {
            return self.close_remote(remote, &close);
        }
        self.0.outbox.order(Order::Close(Box::new(close)));
    }

    /// Waits until the connection is gone; at once if it is.
    pub async fn dropped(&self) {
        self.reached(DROPPED).await;
    }

    /// Waits until the session has ended and is in no list and no group any more; at once if it is so.
    pub async fn ended(&self) {
        self.reached(ENDED).await;
    }

    /// Whether the client is connected.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.0.life.load(Ordering::Acquire) == CONNECTED
    }

    /// Whether the session has ended.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.0.life.load(Ordering::Acquire) >= ENDING
    }

    /// Runs `hook` once when the session ends, with the reason. At once when it has ended already is not possible: such a hook is dropped.
    pub fn on_close<F>(&self, hook: impl FnOnce(Closed) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut state = self.state();
        if !self.is_ended() {
            state
                .on_close
                .push(Box::new(move |closed| Box::pin(hook(closed))));
        }
    }

    pub(crate) fn bind_local(&self, uid: &str) -> Result<(), UidError> {
        if uid.is_empty() {
            return Err(UidError::Empty);
        }
        let uid: Arc<str> = uid.into();
        {
            let mut state = self.state();
            if let Some(bound) = &state.uid {
                return Err(UidError::AlreadyBound(bound.clone()));
            }
            if self.is_ended() {
                return Err(UidError::Closed);
            }
            state.uid = Some(uid.clone());
            // Before it can be found by its uid: a binding elsewhere is compared with this one at once.
            if self.0.server.node().is_some() {
                state.watched.get_or_insert_default().bound_at = unix_micros();
            }
        }
        let server = &self.0.server;
        let unique = server.config().unique_sessions;
        for replaced in server.registry().bind(&uid, self, unique) {
            replaced.close(Close::new(CloseCode::REPLACED));
        }
        // The session may have ended in between, before it was entered.
        if self.is_ended() {
            server.registry().remove(self);
            return Err(UidError::Closed);
        }
        if let Some(node) = server.node() {
            node.bound_session(self, &uid, unique);
        }
        Ok(())
    }

    pub(crate) fn outbox(&self) -> &Outbox {
        &self.0.outbox
    }

    pub(crate) fn compresses(&self) -> bool {
        self.0.compress
    }

    /// How the client may be written to.
    pub(crate) fn agreement(&self) -> Agreement {
        self.0.server.agreement(self.0.capabilities)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State<S>> {
        // Nothing panics while it holds the lock.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection is gone.
    pub(crate) fn mark_dropped(&self) {
        self.0.life.fetch_max(DROPPED, Ordering::AcqRel);
        self.0.changed.notify_waiters();
    }

    /// Its frontend has bound it.
    pub(crate) fn bound_by_frontend(&self, uid: &str) {
        self.state().uid.get_or_insert_with(|| uid.into());
    }

    /// The session ends: it is in no list any more, and nothing can be sent. Returns the hooks that are due.
    pub(crate) fn end(&self) -> Vec<CloseHook> {
        let (hooks, groups) = {
            let mut state = self.state();
            self.0.life.store(ENDING, Ordering::Release);
            (
                std::mem::take(&mut state.on_close),
                std::mem::take(&mut state.groups),
            )
        };
        self.0.outbox.close();
        if self.0.remote.is_none() {
            self.0.server.registry().remove(self);
        }
        for group in groups {
            group.forget(self);
        }
        self.0.life.store(ENDED, Ordering::Release);
        self.0.changed.notify_waiters();
        hooks
    }

    async fn reached(&self, life: u8) {
        loop {
            let changed = self.0.changed.notified();
            tokio::pin!(changed);
            // Registered before the look, so that no change is missed.
            changed.as_mut().enable();
            if self.0.life.load(Ordering::Acquire) >= life {
                return;
            }
            changed.await;
        }
    }
}

impl<S: SerializerSet> Clone for Session<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: SerializerSet> PartialEq for Session<S> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<S: SerializerSet> Eq for Session<S> {}

impl<S: SerializerSet> fmt::Debug for Session<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("id", &self.id())
            .field("uid", &self.uid())
            .field("peer", &self.0.peer)
            .finish_non_exhaustive()
    }
}
