//! The way to the engine, and what waits to go out on it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use async_nats::connection::State;
use async_nats::{Client, PublishError, PublishErrorKind, Statistics, Subject};
use bytes::Bytes;
use futures_util::FutureExt as _;
use pitaya_protocol::cluster::{Member, NameError, Request, server_subject};
use pitaya_protocol::codes;
use prost::Message as _;
use tokio::runtime::Handle;

use super::config::NatsConfig;
use super::metrics::Metrics;
use super::pending::{Entry, Outcome, Pending};
use crate::cluster::CallError;
use crate::cluster::bus::refusal;

/// The engine ends a connection whose line is longer than 4,096 bytes; a reply subject and two lengths stand in it as well.
const LONGEST_SUBJECT: usize = 3_072;

/// What all parts of a bus share.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) config: NatsConfig,
    pub(super) metrics: Metrics,
    pub(super) pending: Arc<Pending>,
    running: OnceLock<Running>,
    closed: AtomicBool,
    queued_bytes: Arc<AtomicUsize>,
    taken: AtomicUsize,
}

/// A connection that was made once, and comes back by itself.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) client: Client,
    /// What the subjects of our answers begin with.
    pub(super) inbox: String,
    statistics: Arc<Statistics>,
    runtime: Handle,
}

impl Running {
    pub(super) fn new(client: Client) -> Self {
        Self {
            inbox: client.new_inbox(),
            statistics: client.statistics(),
            runtime: Handle::current(),
            client,
        }
    }

    /// The number of the present connection, or of the last one.
    pub(super) fn connection(&self) -> u64 {
        self.statistics.connects.load(Ordering::Relaxed)
    }

    fn is_up(&self) -> bool {
        self.client.connection_state() == State::Connected
    }
}

impl Link {
    pub(super) fn new(config: NatsConfig) -> Self {
        let metrics = Metrics::new();
        let pending = Pending::new(config.limits.pending_calls, metrics.calls.clone());
        Self {
            config,
            pending: Arc::new(pending),
            metrics,
            running: OnceLock::new(),
            closed: AtomicBool::new(false),
            queued_bytes: Arc::default(),
            taken: AtomicUsize::new(0),
        }
    }

    /// Takes the connection. Only the first one counts.
    pub(super) fn run(&self, running: Running) {
        let _ = self.running.set(running);
    }

    pub(super) fn running(&self) -> Option<&Running> {
        self.running.get()
    }

    pub(super) fn is_up(&self) -> bool {
        !self.is_closed() && self.running().is_some_and(Running::is_up)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Nothing goes out from now on but what is queued. Returns whether it was open.
    pub(super) fn close(&self) -> bool {
        !self.closed.swap(true, Ordering::Relaxed)
    }

    /// Hands a request over and enters it as a call.
    pub(super) fn request(&self, to: &Member, request: &Request) -> Result<Entry, CallError> {
        let subject = subject(server_subject(&to.server_type, &to.id))?;
        let running = self.up()?;
        let entry = self.pending.enter(running.connection());
        let entry = entry.ok_or(CallError::Full)?;
        let reply = format!("{}.{}", running.inbox, entry.number);
        // Whether the engine is there is looked at again behind this: the call is in the table when the connection's calls are given up.
        self.publish(subject, Some(reply), request.encode_to_vec())?;
        Ok(entry)
    }

    /// Hands a request over whose answer goes nowhere. The family cannot take requests without a reply subject, so it names one that
    /// nobody hears.
    pub(super) fn tell(&self, to: &Member, request: &Request) -> Result<(), CallError> {
        let subject = subject(server_subject(&to.server_type, &to.id))?;
        let reply = self.up()?.inbox.clone();
        self.publish(subject, Some(reply), request.encode_to_vec())
    }

    /// Hands a message over, at once or not at all.
    pub(super) fn publish(
        &self,
        to: String,
        reply: Option<String>,
        message: Vec<u8>,
    ) -> Result<(), CallError> {
        let running = self.up()?;
        let client = &running.client;
        // Looked at before the engine would: it ends a connection that sends more.
        if message.len() > client.max_payload() {
            return Err(CallError::Unsendable(too_large(
                message.len(),
                client.max_payload(),
            )));
        }
        let queued = self.queued_bytes.load(Ordering::Relaxed);
        if queued.saturating_add(message.len()) > self.config.limits.queued_bytes {
            return Err(CallError::Full);
        }
        let message = self.queue(message);
        let taken = match reply {
            Some(reply) => at_once(client.publish_with_reply(to, reply, message)),
            None => at_once(client.publish(to, message)),
        };
        match taken {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => Err(match error.kind() {
                PublishErrorKind::MaxPayloadExceeded | PublishErrorKind::InvalidSubject => {
                    CallError::Unsendable(error.to_string())
                }
                PublishErrorKind::Send => self.down(),
            }),
            None => Err(CallError::Full),
        }
    }

    /// Sends an answer. One to a request that was taken is sent as soon as there is room, if need be, and the request counts until then.
    pub(super) fn answer(&self, to: Subject, answer: &impl prost::Message, taken: Option<Taken>) {
        let Some(running) = self.running() else {
            return;
        };
        let client = &running.client;
        let mut message = answer.encode_to_vec();
        if message.len() > client.max_payload() {
            let why = too_large(message.len(), client.max_payload());
            message = refusal(codes::INTERNAL, why).encode_to_vec();
        }
        let queued = self.queued_bytes.load(Ordering::Relaxed);
        let is_full = queued.saturating_add(message.len()) > self.config.limits.queued_bytes;
        // While the engine is there, waiting answers are bounded by the requests that may be taken.
        if self.is_closed() || is_full && !running.is_up() {
            self.metrics.lost_answers.increment(1);
            return;
        }
        let message = self.queue(message);
        match (at_once(client.publish(to.clone(), message.clone())), taken) {
            (Some(Ok(())), _) => {}
            (None, Some(taken)) => {
                let (client, lost) = (client.clone(), self.metrics.lost_answers.clone());
                running.runtime.spawn(async move {
                    if client.publish(to, message).await.is_err() {
                        lost.increment(1);
                    }
                    drop(taken);
                });
            }
            // Nothing bounds how many others could wait.
            (Some(Err(_)), _) | (None, None) => self.metrics.lost_answers.increment(1),
        }
    }

    /// Waits until the engine has taken everything that was handed over before.
    pub(super) async fn flush(&self) -> Result<(), CallError> {
        let running = self.running().filter(|running| running.is_up());
        let running = running.ok_or_else(|| self.down())?;
        let mut echo = self
            .pending
            .enter(running.connection())
            .ok_or(CallError::Full)?;
        let to = format!("{}.{}", running.inbox, echo.number);
        let sent = running.client.publish(to, Bytes::new()).await;
        sent.map_err(|_| self.down())?;
        match echo.outcome().await {
            Outcome::Answer(_) => Ok(()),
            Outcome::Gone | Outcome::Lost => Err(self.down()),
        }
    }

    /// Takes a request of another server. `None` when there are too many.
    pub(super) fn take(self: &Arc<Self>) -> Option<Taken> {
        if self.taken.fetch_add(1, Ordering::Relaxed) >= self.config.limits.taken_requests {
            self.taken.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        self.metrics.taken.increment(1);
        Some(Taken(self.clone()))
    }

    fn up(&self) -> Result<&Running, CallError> {
        let running = self.running().filter(|_| self.is_up());
        running.ok_or_else(|| self.down())
    }

    fn down(&self) -> CallError {
        let state = match self.running() {
            None => "not connected yet",
            Some(_) if self.is_closed() => "closed",
            Some(_) => "away",
        };
        // Clients may read it, so that it has no address in it.
        CallError::Down {
            reason: format!("NATS is {state}"),
        }
    }

    /// Counts the bytes until they are on the wire.
    fn queue(&self, bytes: Vec<u8>) -> Bytes {
        self.queued_bytes.fetch_add(bytes.len(), Ordering::Relaxed);
        let total = self.queued_bytes.clone();
        Bytes::from_owner(Queued { bytes, total })
    }
}

/// A subject that can be sent to without harm.
pub(super) fn subject(name: Result<String, NameError>) -> Result<String, CallError> {
    let name = name.map_err(|error| CallError::Unsendable(error.to_string()))?;
    if name.len() > LONGEST_SUBJECT {
        return Err(CallError::Unsendable(format!(
            "a subject of {} bytes is longer than the {LONGEST_SUBJECT} that are sent",
            name.len()
        )));
    }
    Ok(name)
}

fn too_large(bytes: usize, limit: usize) -> String {
    format!("a message of {bytes} bytes is larger than the {limit} that the engine takes")
}

/// The client's queue takes what there is room for at the first look. `None` when there is none.
fn at_once(
    publish: impl Future<Output = Result<(), PublishError>>,
) -> Option<Result<(), PublishError>> {
    // The runtime's turn limit would look like a full queue.
    tokio::task::unconstrained(publish).now_or_never()
}

/// Bytes that wait for the wire.
struct Queued {
    bytes: Vec<u8>,
    total: Arc<AtomicUsize>,
}

impl AsRef<[u8]> for Queued {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        self.total.fetch_sub(self.bytes.len(), Ordering::Relaxed);
    }
}

/// A request that was taken and not answered.
#[derive(Debug)]
pub(super) struct Taken(Arc<Link>);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
        self.0.metrics.taken.decrement(1);
    }
}
