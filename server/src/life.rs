//! How far a server is with its life: it starts, runs, and goes in steps.

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use pitaya_protocol::SerializerSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::handle::Handle;

/// The steps of a server's life, each taken once.
#[derive(Debug)]
pub(crate) struct Life {
    started: AtomicBool,
    /// Whether somebody has begun to end it.
    ending: AtomicBool,
    ended: AtomicBool,
    /// It was told to stop: hosts and components look at this.
    pub(crate) stopping: CancellationToken,
    /// Nothing is accepted any more. It is stopped, or another process has its listeners.
    pub(crate) deaf: CancellationToken,
    /// Another process has its listeners.
    pub(crate) replaced: CancellationToken,
    /// Whoever is not through the handshake by now is sent away, and every new session at once.
    pub(crate) refusing: CancellationToken,
    /// The time is over: what is still done for other servers is dropped.
    pub(crate) abandoned: CancellationToken,
    /// Connections that have no session yet.
    arrivals: TaskTracker,
    /// Listeners that accept.
    accepting: AtomicUsize,
    pub(crate) health: OnceLock<SocketAddr>,
    #[cfg(unix)]
    pub(crate) lent: crate::hand_over::Lent,
}

impl Default for Life {
    fn default() -> Self {
        let stopping = CancellationToken::new();
        Self {
            started: AtomicBool::new(false),
            ending: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            deaf: stopping.child_token(),
            stopping,
            replaced: CancellationToken::new(),
            refusing: CancellationToken::new(),
            abandoned: CancellationToken::new(),
            arrivals: TaskTracker::new(),
            accepting: AtomicUsize::new(0),
            health: OnceLock::new(),
            #[cfg(unix)]
            lent: crate::hand_over::Lent::default(),
        }
    }
}

impl Life {
    /// Everything that the start has to do is done.
    pub(crate) fn start(&self) {
        self.started.store(true, Ordering::Release);
    }

    pub(crate) fn has_started(&self) -> bool {
        self.started.load(Ordering::Acquire)
    }

    /// Whether this is the call that ends the server.
    pub(crate) fn begin_ending(&self) -> bool {
        !self.ending.swap(true, Ordering::AcqRel)
    }

    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Tells everybody that the server stops; it accepts nothing more.
    pub(crate) fn stop(&self) {
        self.stopping.cancel();
        self.arrivals.close();
        #[cfg(unix)]
        self.lent.take_back();
    }

    /// Another process accepts from now on.
    pub(crate) fn be_replaced(&self) {
        self.replaced.cancel();
        self.deaf.cancel();
        #[cfg(unix)]
        self.lent.take_back();
    }

    /// Counts a connection without a session, until the token is dropped.
    pub(crate) fn arrival(&self) -> TaskTrackerToken {
        self.arrivals.token()
    }

    /// Waits until every connection has its session or has ended. Only after the stop.
    pub(crate) async fn arrived(&self) {
        self.arrivals.wait().await;
    }

    /// Listeners that accept at this moment.
    pub(crate) fn accepting(&self) -> usize {
        self.accepting.load(Ordering::Acquire)
    }
}

/// A listener that accepts, as long as this is there.
pub(crate) struct Accepting<S: SerializerSet> {
    server: Handle<S>,
    /// What it accepts last has no session yet either.
    _arrival: TaskTrackerToken,
}

impl<S: SerializerSet> Accepting<S> {
    pub(crate) fn new(server: &Handle<S>) -> Self {
        server.life().accepting.fetch_add(1, Ordering::AcqRel);
        Self {
            server: server.clone(),
            _arrival: server.life().arrival(),
        }
    }
}

impl<S: SerializerSet> Drop for Accepting<S> {
    fn drop(&mut self) {
        self.server.life().accepting.fetch_sub(1, Ordering::AcqRel);
    }
}

impl<S: SerializerSet> Handle<S> {
    /// Waits until the server has been told to stop.
    pub async fn stopping(&self) {
        self.life().stopping.cancelled().await;
    }

    /// Whether the server takes connections: false once it was told to stop.
    #[must_use]
    pub fn is_running(&self) -> bool {
        !self.life().stopping.is_cancelled()
    }

    /// Waits until another process has taken the listeners over; see [`ServerBuilder::hand_over`](crate::ServerBuilder::hand_over).
    /// Nothing new comes from then on: it is time to [`drain`](Self::drain). Without a hand-over it waits for ever.
    pub async fn replaced(&self) {
        self.life().replaced.cancelled().await;
    }
}
