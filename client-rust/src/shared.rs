//! What the handles of a client and its driver share.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Context;

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use pitaya_client_core as core;
use pitaya_client_core::{CallError, CallId, Input};
use pitaya_protocol::Serializer;
use pitaya_protocol::compression::InflateError;
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::events::Listeners;
use crate::subscription::Subscribers;
use crate::transport::Unreachable;

/// The machine and everything that its events go to.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) machine: core::Client,
    pub(crate) calls: HashMap<CallId, oneshot::Sender<Outcome>>,
    pub(crate) subscribers: Subscribers,
    pub(crate) listeners: Listeners,
    /// Settled by the set when it has one member, by the application, or by the first handshake.
    pub(crate) serializer: Option<Serializer>,
    /// Why the last attempt reached no server.
    pub(crate) unreachable: Option<Arc<Unreachable>>,
    next_call: u32,
    /// Whether the driver is gone: nobody would end a call any more.
    ended: bool,
}

/// How a call ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A request was answered, with success or with an error payload.
    Answer {
        error: bool,
        serializer: Serializer,
        body: Bytes,
    },
    /// A request was answered with a body that cannot be inflated.
    NotInflated(InflateError),
    /// A notify is with the transport.
    Sent,
    /// It failed.
    Failed(CallError),
}

/// Behind every handle and the driver.
#[derive(Debug)]
pub(crate) struct Shared {
    inner: Mutex<Inner>,
    driver: AtomicWaker,
    pub(crate) clock: Clock,
}

impl Shared {
    pub(crate) fn new(machine: core::Client, serializer: Option<Serializer>) -> Self {
        let inner = Inner {
            machine,
            calls: HashMap::new(),
            subscribers: Subscribers::default(),
            listeners: Listeners::default(),
            serializer,
            unreachable: None,
            next_call: 0,
            ended: false,
        };
        Self {
            inner: Mutex::new(inner),
            driver: AtomicWaker::new(),
            clock: Clock::start(),
        }
    }

    /// The lock is never held across an await. A panic inside would be a bug of ours, and closing must still work after it.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn register_driver(&self, waker: &std::task::Waker) {
        self.driver.register(waker);
    }

    /// Tells the machine something that is always allowed, and lets the driver act on it.
    pub(crate) fn tell(&self, input: Input<'_>) {
        let mut inner = self.lock();
        let told = inner.machine.handle_input(self.clock.now(), input);
        drop(inner);
        debug_assert!(told.is_ok(), "only answers can be misplaced: {told:?}");
        self.driver.wake();
    }

    /// Starts a call; its end arrives at the receiver, or the receiver fails because there is nobody to end it.
    ///
    /// Who asks waits for that end before it can come: whoever reads at the moment of being woken reads answers and pushes in the order in
    /// which they came.
    pub(crate) fn call<'a>(
        &self,
        cx: &mut Context<'_>,
        input: impl FnOnce(CallId) -> Input<'a>,
    ) -> (CallId, oneshot::Receiver<Outcome>) {
        let (sender, mut receiver) = oneshot::channel();
        let mut inner = self.lock();
        // The numbers go round; one whose call has not ended is not given away again.
        while inner.calls.contains_key(&CallId(inner.next_call)) {
            inner.next_call = inner.next_call.wrapping_add(1);
        }
        let call = CallId(inner.next_call);
        inner.next_call = inner.next_call.wrapping_add(1);
        if !inner.ended {
            let waiting = Pin::new(&mut receiver).poll(cx);
            debug_assert!(waiting.is_pending(), "nobody has the sender");
            inner.calls.insert(call, sender);
            let told = inner.machine.handle_input(self.clock.now(), input(call));
            drop(inner);
            debug_assert!(told.is_ok(), "calls are always allowed: {told:?}");
            self.driver.wake();
        }
        (call, receiver)
    }

    /// Gives up a call whose future was dropped.
    pub(crate) fn cancel(&self, call: CallId) {
        if self.lock().calls.remove(&call).is_some() {
            self.tell(Input::Cancel(call));
        }
    }

    /// The driver is gone.
    pub(crate) fn end(&self) {
        let mut inner = self.lock();
        inner.ended = true;
        inner.calls.clear();
        inner.subscribers.end();
        inner.listeners.end();
    }
}

/// Ends a call, unless its future was dropped.
pub(crate) fn complete(
    calls: &mut HashMap<CallId, oneshot::Sender<Outcome>>,
    call: CallId,
    outcome: Outcome,
) {
    if let Some(waiting) = calls.remove(&call) {
        // The future may be dropped at this very moment; then nobody wants to know.
        let _ = waiting.send(outcome);
    }
}
