//! Giving up, for languages whose own cancellation does not reach a native call.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::watch;

/// Ends the calls that it is given to: cancel once, and they fail as cancelled, now or when they begin.
///
/// Dropping a call's future does the same. This is for Swift, whose tasks do not tell a native call that they were cancelled, and for code that
/// cancels from elsewhere.
#[derive(Debug, uniffi::Object)]
pub struct CancelHandle {
    cancelled: watch::Sender<bool>,
}

#[uniffi::export]
impl CancelHandle {
    /// A handle that is not cancelled.
    #[uniffi::constructor]
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Cancels, for good. More than once is as good as once.
    pub fn cancel(&self) {
        self.cancelled.send_replace(true);
    }

    /// Whether it was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        *self.cancelled.borrow()
    }
}

impl CancelHandle {
    /// Does the work, unless this is cancelled before it is done.
    pub(super) async fn unless<F: Future>(&self, work: F) -> Option<F::Output> {
        let mut cancelled = self.cancelled.subscribe();
        tokio::select! {
            biased;
            _ = cancelled.wait_for(|cancelled| *cancelled) => None,
            done = work => Some(done),
        }
    }
}

impl Default for CancelHandle {
    fn default() -> Self {
        Self {
            cancelled: watch::Sender::new(false),
        }
    }
}

/// Does the work, unless there is a handle that is cancelled before it is done.
pub(super) async fn unless_cancelled<F: Future>(
    cancel: Option<Arc<CancelHandle>>,
    work: F,
) -> Option<F::Output> {
    match cancel {
        Some(cancel) => cancel.unless(work).await,
        None => Some(work.await),
    }
}
