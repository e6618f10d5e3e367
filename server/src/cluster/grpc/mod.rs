//! The bus over gRPC (wire 16): every server listens, and calls the others where discovery says that they are.

mod address;
mod config;
mod connection;
mod lanes;
mod listener;
mod messages;
mod metrics;
mod parcel;
mod receiver;
mod roll;
mod turns;
mod users;

use std::fmt;
use std::net::TcpListener as StdListener;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use futures_core::future::BoxFuture;
use pitaya_protocol::cluster::{BindMsg, KickMsg, Member, Push, Request, binding_key};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::DropGuard;
use tokio_util::task::TaskTracker;

pub use self::config::{GrpcConfig, GrpcLimits};
pub use self::metrics::grpc_metrics;

use self::address::Address;
use self::lanes::Lanes;
use self::listener::Ending;
use self::metrics::{Metrics, Place};
use self::parcel::{Letter, Parcel, Sender};
use self::receiver::Receiver;
use self::roll::Roll;
use self::users::{Errand, Errands, Users};
use super::{BindingStore, Bus, BusError, CallError, Inbox, Members, PendingAnswer};

/// How long the end may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// A [`Bus`] over gRPC, as Go Pitaya has it, for clusters without NATS.
///
/// There is no engine between the servers: each listens on a port of its own, says so in its metadata, and keeps one connection to every other
/// server that it has something for. Where a user is bound stands in a [`BindingStore`].
///
/// ```no_run
/// use std::sync::Arc;
/// use pitaya_server::cluster::{GrpcBus, GrpcConfig, MemoryBindings};
///
/// # fn example() -> Result<(), pitaya_server::cluster::BusError> {
/// let bus = GrpcBus::new(GrpcConfig::default(), Arc::new(MemoryBindings::default()))?;
/// assert_eq!(bus.port(), 3434);
/// # Ok(())
/// # }
/// ```
pub struct GrpcBus {
    config: Arc<GrpcConfig>,
    bindings: Arc<dyn BindingStore>,
    port: u16,
    /// Until the start.
    listener: Mutex<Option<StdListener>>,
    members: Mutex<watch::Receiver<Members>>,
    metrics: Arc<Metrics>,
    calls: Arc<Semaphore>,
    pushes: Arc<Semaphore>,
    /// What hands over to lanes: ends before they do.
    feeders: TaskTracker,
    tasks: TaskTracker,
    ending: Ending,
    running: OnceLock<Running>,
    /// A bus that is dropped without being closed listens no longer.
    _ends: [DropGuard; 2],
}

struct Running {
    /// This server's.
    id: String,
    members: watch::Receiver<Members>,
    lanes: Arc<Lanes>,
    errands: Errands,
    roll: Roll,
}

impl GrpcBus {
    /// Takes the port. Nobody is served before the start.
    ///
    /// # Errors
    ///
    /// [`BusError`] when the port cannot be had.
    pub fn new(config: GrpcConfig, bindings: Arc<dyn BindingStore>) -> Result<Self, BusError> {
        let (listener, port) = listener::bind(&config).map_err(|error| failure(&config, error))?;
        let ending = Ending::default();
        Ok(Self {
            calls: Arc::new(Semaphore::new(config.limits.pending_calls)),
            pushes: Arc::new(Semaphore::new(config.limits.queued_pushes)),
            config: Arc::new(config),
            bindings,
            port,
            listener: Mutex::new(Some(listener)),
            members: Mutex::new(watch::channel(Members::default()).1),
            metrics: Arc::new(Metrics::new()),
            feeders: TaskTracker::new(),
            tasks: TaskTracker::new(),
            running: OnceLock::new(),
            _ends: [
                ending.leave.clone().drop_guard(),
                ending.end.clone().drop_guard(),
            ],
            ending,
        })
    }

    /// The port that is listened on.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    async fn begin(&self, me: Member, inbox: Arc<dyn Inbox>) -> Result<(), BusError> {
        let failure = |error: &dyn fmt::Display| failure(&self.config, error);
        let listener = self
            .listener
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let listener = listener.ok_or_else(|| failure(&"the bus was started before"))?;
        let listener = TcpListener::from_std(listener).map_err(|error| failure(&error))?;
        let started = self.bindings.start(&me.id).await;
        started.map_err(|error| BusError::new("the table of bindings", error))?;

        let (config, metrics, tasks) = (&self.config, &self.metrics, &self.tasks);
        let lanes = Arc::new(Lanes::new(config.clone(), metrics.clone(), tasks.clone()));
        let members = self
            .members
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let receiver = Receiver::new(inbox.clone(), config.limits.clone(), metrics.clone());
        let id = me.id.clone();
        let users = Users {
            me: Arc::new(me),
            inbox,
            bindings: self.bindings.clone(),
            members: members.clone(),
            lanes: lanes.clone(),
            config: config.clone(),
            metrics: metrics.clone(),
        };
        let roll = Roll::open(&users, &self.feeders);
        let (errands, run) = Errands::open(users);
        self.feeders.spawn(run);
        let ending = self.ending.clone();
        let keep = keep(lanes.clone(), members.clone());
        tokio::spawn(ending.end.clone().run_until_cancelled_owned(keep));
        tasks.spawn(listener::serve(
            listener,
            Arc::new(receiver),
            ending,
            tasks.clone(),
        ));
        let running = Running {
            id,
            members,
            lanes,
            errands,
            roll,
        };
        let first = self.running.set(running).is_ok();
        debug_assert!(first, "there is one listener to start with");
        Ok(())
    }

    fn running(&self) -> Result<&Running, CallError> {
        self.running.get().ok_or_else(|| CallError::Down {
            reason: "the bus was not started".to_owned(),
        })
    }

    fn fits(&self, letter: &Letter) -> Result<(), CallError> {
        let (bytes, limit) = (letter.bytes(), self.config.limits.message_bytes);
        if bytes > limit {
            let text = format!("{bytes} bytes are more than the {limit} of a message");
            return Err(CallError::Unsendable(text));
        }
        Ok(())
    }

    fn hand_over(
        &self,
        to: &Member,
        request: Request,
        limit: Duration,
        sender: Sender,
    ) -> Result<(), CallError> {
        let running = self.running()?;
        let letter = Letter::Call(Box::new(request));
        self.fits(&letter)?;
        let place = Place::take(&self.calls, Some(&self.metrics.calls)).ok_or(CallError::Full)?;
        let parcel = Parcel::new(letter, limit, sender, place);
        if Address::of(to, &self.config.region).is_some() {
            return running.lanes.hand_over(to, parcel);
        }
        // A frontend that is known by its message only; meanwhile it may be listed.
        let listed = running.members.borrow().get(&to.id).cloned();
        running
            .lanes
            .hand_over(listed.as_deref().unwrap_or(to), parcel)
    }

    fn send_to_user(&self, frontend_type: &str, letter: Letter) -> Result<(), CallError> {
        let running = self.running()?;
        let name = binding_key("", frontend_type, letter.uid());
        name.map_err(|error| CallError::Unsendable(error.to_string()))?;
        self.fits(&letter)?;
        let place = Place::take(&self.pushes, None).ok_or(CallError::Full)?;
        running.errands.add(Errand {
            frontend_type: frontend_type.to_owned(),
            letter,
            place,
        })
    }

    fn unwritten(&self, uid: &str) {
        tracing::warn!(uid, "too many bindings wait to be written");
        self.metrics.undelivered("overrun");
    }
}

fn failure(config: &GrpcConfig, error: impl fmt::Display) -> BusError {
    BusError::new(format!("gRPC on {}:{}", config.listen, config.port), error)
}

/// Connections to servers that are gone are closed.
async fn keep(lanes: Arc<Lanes>, mut members: watch::Receiver<Members>) {
    while members.changed().await.is_ok() {
        let now = members.borrow_and_update().clone();
        lanes.keep(&now);
    }
}

impl Bus for GrpcBus {
    fn start(&self, me: Member, inbox: Arc<dyn Inbox>) -> BoxFuture<'_, Result<(), BusError>> {
        Box::pin(self.begin(me, inbox))
    }

    fn follow(&self, members: watch::Receiver<Members>) {
        *self.members.lock().unwrap_or_else(PoisonError::into_inner) = members;
    }

    fn describe(&self, me: &mut Member) {
        address::describe(me, &self.config, self.port);
    }

    fn needs_addresses(&self) -> bool {
        true
    }

    fn call(&self, to: &Member, request: Request, timeout: Duration) -> PendingAnswer {
        let (sender, answer) = oneshot::channel();
        if let Err(error) = self.hand_over(to, request, timeout, Sender::Waits(sender)) {
            return Box::pin(std::future::ready(Err(error)));
        }
        let (server, deadline) = (to.id.clone(), Instant::now() + timeout);
        Box::pin(async move {
            match timeout_at(deadline, answer).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(_)) => Err(CallError::Lost { server }),
                Err(_) => Err(CallError::Timeout {
                    server,
                    after: timeout,
                }),
            }
        })
    }

    fn tell(&self, to: &Member, request: Request) -> Result<(), CallError> {
        let sender = Sender::Counts(self.metrics.clone());
        self.hand_over(to, request, self.config.request_timeout, sender)
    }

    fn push_to_user(&self, frontend_type: &str, push: Push) -> Result<(), CallError> {
        self.send_to_user(frontend_type, Letter::Push(push))
    }

    fn kick_user(&self, frontend_type: &str, kick: KickMsg) -> Result<(), CallError> {
        self.send_to_user(frontend_type, Letter::Kick(kick))
    }

    /// To all of them, where servers in Go tell the one that their table names: who is bound in one instant is not in it.
    fn announce_binding(&self, server_type: &str, binding: BindMsg) -> Result<(), CallError> {
        let running = self.running()?;
        let members = running.members.borrow().clone();
        let others = members.of_type(server_type).iter();
        for other in others.filter(|other| other.id != running.id) {
            let place = Place::take(&self.pushes, None).ok_or(CallError::Full)?;
            let sender = Sender::Counts(self.metrics.clone());
            let letter = Letter::Bind(binding.clone());
            let parcel = Parcel::new(letter, self.config.request_timeout, sender, place);
            match running.lanes.hand_over(other, parcel) {
                // Its sessions have gone with it.
                Ok(()) | Err(CallError::Gone { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn add_user(&self, uid: &str) {
        let added = self.running.get().map(|running| running.roll.add(uid));
        if added == Some(false) {
            self.unwritten(uid);
        }
    }

    fn remove_user(&self, uid: &str) {
        let removed = self.running.get().map(|running| running.roll.remove(uid));
        if removed == Some(false) {
            self.unwritten(uid);
        }
    }

    fn is_up(&self) -> bool {
        true
    }

    fn stop_receiving(&self) -> BoxFuture<'_, ()> {
        self.ending.leave.cancel();
        Box::pin(std::future::ready(()))
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.ending.leave.cancel();
            let Some(running) = self.running.get() else {
                return;
            };
            let deadline = Instant::now() + CLOSE_TIMEOUT;
            running.errands.close();
            running.roll.close();
            self.feeders.close();
            let fed = timeout_at(deadline, self.feeders.wait()).await;
            // What feeds the lanes has ended, or has had its time.
            running.lanes.close();
            self.tasks.close();
            let done = timeout_at(deadline, self.tasks.wait()).await;
            if fed.is_err() || done.is_err() {
                tracing::warn!(
                    "not everything that was under way to or from other servers has ended in time"
                );
            }
            self.ending.end.cancel();
            self.bindings.close().await;
        })
    }
}

impl fmt::Debug for GrpcBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GrpcBus")
            .field("config", &self.config)
            .field("port", &self.port)
            .field("started", &self.running.get().is_some())
            .finish_non_exhaustive()
    }
}
