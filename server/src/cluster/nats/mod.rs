//! The bus over NATS, with the subjects and messages of the family (wire 15).
//!
//! One connection carries everything. A call is a message to the other server's subject with a reply subject of its own; one subscription takes
//! the answers to all calls, and a table says who waits for which. The client behind it connects again by itself and asks for all
//! subjects anew.

mod config;
mod connect;
mod intake;
mod link;
mod metrics;
mod pending;
mod users;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_core::future::BoxFuture;
use pitaya_protocol::cluster::{
    BindMsg, KickMsg, Member, Push, Request, Response, bindings_subject, server_subject,
    user_kick_subject, user_push_subject,
};
use prost::Message as _;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

pub use self::config::{NatsConfig, NatsLimits, NatsTls};
use self::connect::connect;
use self::intake::Intake;
use self::link::{Link, Running, subject};
pub use self::metrics::nats_metrics;
use self::pending::{Entry, Outcome};
use self::users::Users;
use super::{Bus, BusError, CallError, Inbox, PendingAnswer};

/// The bus over a NATS server or a cluster of them.
///
/// While the engine is away, calls are refused at once; those that were under way end with [`CallError::Lost`]. The engine is looked for until
/// the bus is closed. A call for which nobody listens ends at once with [`CallError::Gone`].
///
/// A user who is heard of by subjects of his own costs about 10 KiB, since the client keeps a queue for each of the two. Servers of this suite do
/// not need them; they are there while servers of the family are in the cluster.
///
/// ```
/// use pitaya_server::cluster::{NatsBus, NatsConfig};
///
/// let bus = NatsBus::new(NatsConfig::new("nats://127.0.0.1:4222"));
/// ```
#[derive(Debug)]
pub struct NatsBus {
    link: Arc<Link>,
    users: Arc<Users>,
    tasks: Mutex<JoinSet<()>>,
    /// Begins the drain.
    stop: CancellationToken,
    /// No request will come any more.
    stopped: CancellationToken,
}

impl NatsBus {
    /// A bus that connects when the server starts.
    #[must_use]
    pub fn new(config: NatsConfig) -> Self {
        Self {
            link: Arc::new(Link::new(config)),
            users: Arc::default(),
            tasks: Mutex::default(),
            stop: CancellationToken::new(),
            stopped: CancellationToken::new(),
        }
    }

    fn failed(&self, reason: impl fmt::Display) -> BusError {
        BusError::new(format!("NATS at {}", self.link.config.hosts()), reason)
    }

    async fn run(&self, me: Member, inbox: Arc<dyn Inbox>) -> Result<(), BusError> {
        let named = |name| subject(name).map_err(|error| self.failed(error));
        let requests = named(server_subject(&me.server_type, &me.id))?;
        let bindings = named(bindings_subject(&me.server_type))?;
        let client = connect(&self.link, &me).await?;
        let running = Running::new(client.clone());
        let answers = format!("{}.*", running.inbox);
        self.link.run(running);

        let intake = Intake {
            link: self.link.clone(),
            subject: requests.clone().into(),
            inbox,
        };
        let subscribe = async |subject: String| client.subscribe(subject).await;
        let answers = subscribe(answers).await;
        let answers = answers.map_err(|error| self.failed(error))?;
        let requests = subscribe(requests).await;
        let requests = requests.map_err(|error| self.failed(error))?;
        let bindings = subscribe(bindings).await;
        let bindings = bindings.map_err(|error| self.failed(error))?;
        self.spawn(intake.clone().answers(answers));
        self.spawn(intake.clone().bindings(bindings));
        let (stop, stopped) = (self.stop.clone(), self.stopped.clone());
        let taken = intake.clone().requests(requests, stop);
        self.spawn(async move {
            taken.await;
            stopped.cancel();
        });
        let users = self.users.clone();
        let heard = client.clone();
        self.spawn(async move { users.run(intake, heard, me.server_type).await });

        let flushed = timeout(self.link.config.connect_timeout, self.link.flush()).await;
        match flushed {
            Ok(flushed) => flushed.map_err(|error| self.failed(error)),
            Err(_) => Err(self.failed("it did not answer in time")),
        }
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.spawn(task);
    }

    /// Ends the connection and everything that lives on it.
    async fn end(&self) {
        if let Some(running) = self.link.running() {
            // A client that looks for its engine hears of it later.
            let drained = running.client.drain();
            let _ = timeout(self.link.config.close_timeout, drained).await;
        }
        let tasks = {
            let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *tasks)
        };
        { tasks }.shutdown().await;
        self.stopped.cancel();
        self.link.pending.lose(u64::MAX);
        self.link.metrics.up.set(0);
    }
}

impl Bus for NatsBus {
    fn start(&self, me: Member, inbox: Arc<dyn Inbox>) -> BoxFuture<'_, Result<(), BusError>> {
        Box::pin(async move {
            if self.link.running().is_some() || self.link.is_closed() {
                return Err(self.failed("a bus starts once"));
            }
            let started = self.run(me, inbox).await;
            if started.is_err() {
                self.link.close();
                self.end().await;
            }
            started
        })
    }

    fn call(&self, to: &Member, request: Request, timeout: Duration) -> PendingAnswer {
        match self.link.request(to, &request) {
            Ok(entry) => Box::pin(answer(entry, to.id.clone(), timeout)),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }

    fn tell(&self, to: &Member, request: Request) -> Result<(), CallError> {
        self.link.tell(to, &request)
    }

    fn push_to_user(&self, frontend_type: &str, push: Push) -> Result<(), CallError> {
        let to = subject(user_push_subject(frontend_type, &push.uid))?;
        self.link.publish(to, None, push.encode_to_vec())
    }

    fn kick_user(&self, frontend_type: &str, kick: KickMsg) -> Result<(), CallError> {
        let to = subject(user_kick_subject(frontend_type, &kick.user_id))?;
        self.link.publish(to, None, kick.encode_to_vec())
    }

    fn announce_binding(&self, server_type: &str, binding: BindMsg) -> Result<(), CallError> {
        let to = subject(bindings_subject(server_type))?;
        self.link.publish(to, None, binding.encode_to_vec())
    }

    fn add_user(&self, uid: &str) {
        self.users.add(uid);
    }

    fn remove_user(&self, uid: &str) {
        self.users.remove(uid);
    }

    fn is_up(&self) -> bool {
        self.link.is_up()
    }

    fn stop_receiving(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if self.link.running().is_some() {
                self.stop.cancel();
                // Over the time the drain goes on by itself.
                let _ = timeout(self.link.config.close_timeout, self.stopped.cancelled()).await;
            }
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if self.link.is_closed() {
                return;
            }
            self.stop_receiving().await;
            if !self.link.close() {
                return;
            }
            let _ = timeout(self.link.config.close_timeout, self.link.flush()).await;
            self.end().await;
        })
    }
}

/// Waits for the end of a call, from now on for so long.
fn answer(
    mut entry: Entry,
    server: String,
    after: Duration,
) -> impl Future<Output = Result<Response, CallError>> {
    let deadline = Instant::now().checked_add(after);
    async move {
        let outcome = match deadline {
            Some(deadline) => timeout_at(deadline, entry.outcome()).await,
            None => Ok(entry.outcome().await),
        };
        match outcome {
            Ok(Outcome::Answer(answer)) => {
                Response::decode(answer).map_err(|error| CallError::Unreadable {
                    server,
                    reason: error.to_string(),
                })
            }
            Ok(Outcome::Gone) => Err(CallError::Gone { server }),
            Ok(Outcome::Lost) => Err(CallError::Lost { server }),
            Err(_) => Err(CallError::Timeout { server, after }),
        }
    }
}
