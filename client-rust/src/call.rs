//! What requests and notifies have in common: a route, a payload, a policy for being offline.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use pitaya_client_core as core;
use pitaya_client_core::{CallError, CallId, QueueLimits};
use tokio::sync::oneshot;

use crate::error::Unsendable;
use crate::shared::{Outcome, Shared};

/// A message that is ready to be sent.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) shared: Arc<Shared>,
    pub(crate) route: String,
    pub(crate) body: Result<Bytes, Unsendable>,
    pub(crate) offline: Offline,
}

impl Outgoing {
    pub(crate) fn new(shared: &Arc<Shared>, route: &str, body: Result<Bytes, Unsendable>) -> Self {
        Self {
            shared: Arc::clone(shared),
            route: route.to_owned(),
            body,
            offline: Offline::Fail,
        }
    }
}

/// What becomes of a call while there is no connection.
#[derive(Debug)]
pub(crate) enum Offline {
    Fail,
    Queue(QueueLimits),
    LatestOnly(String),
}

impl Offline {
    pub(crate) fn as_core(&self) -> core::Offline<'_> {
        match self {
            Self::Fail => core::Offline::Fail,
            Self::Queue(limits) => core::Offline::Queue(*limits),
            Self::LatestOnly(key) => core::Offline::LatestOnly { key },
        }
    }
}

/// A call that goes on; dropping it gives the call up.
#[derive(Debug)]
pub(crate) struct Ongoing {
    shared: Arc<Shared>,
    call: CallId,
    outcome: oneshot::Receiver<Outcome>,
    done: bool,
}

impl Ongoing {
    pub(crate) fn new(
        shared: Arc<Shared>,
        (call, outcome): (CallId, oneshot::Receiver<Outcome>),
    ) -> Self {
        Self {
            shared,
            call,
            outcome,
            done: false,
        }
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        let outcome = ready!(Pin::new(&mut self.outcome).poll(cx));
        self.done = true;
        // No sender: the client has ended.
        Poll::Ready(outcome.unwrap_or(Outcome::Failed(CallError::NotConnected)))
    }
}

impl Drop for Ongoing {
    fn drop(&mut self) {
        if !self.done {
            self.shared.cancel(self.call);
        }
    }
}
