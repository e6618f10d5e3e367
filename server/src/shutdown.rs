//! How a server ends.

use std::time::Duration;

use pitaya_protocol::{Close, CloseCode, SerializerSet};
use tokio::time::Instant;

use crate::handle::Handle;
use crate::session::Order;

/// What a shutdown did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShutdownReport {
    /// Sessions that there were when it began.
    pub sessions: usize,
    /// Of them, those that had to be cut because the time was over: handlers of theirs were dropped, or their clients did not read.
    pub cut: usize,
    /// Handlers that went on without a session and were dropped.
    pub dropped_handlers: usize,
    /// Errors of the components' hooks, each with the component's name.
    pub errors: Vec<String>,
    /// How long it took.
    pub took: Duration,
}

impl<S: SerializerSet> Handle<S> {
    /// Ends the server: accepts nothing more, lets what is in flight complete, closes the sessions with advice when to come back, and runs the
    /// components' hooks; all of it within [`shutdown_timeout`](crate::ServerConfig::shutdown_timeout), after which what is left is dropped.
    ///
    /// Nobody is kicked: the family's clients would not come back (wire 5). A second call waits for the sessions as well, but runs no hooks.
    pub async fn shutdown(&self) -> ShutdownReport {
        let began = Instant::now();
        let deadline = began + self.config().shutdown_timeout;
        let first = self.begin_shutdown();
        let mut errors = Vec::new();
        self.stop_token().cancel();
        if first {
            // Nobody who looks for a server finds this one any more.
            let _ = tokio::time::timeout_at(deadline, self.leave_cluster()).await;
            for component in self.components().iter().rev() {
                let hook = component.before_shutdown(self);
                match tokio::time::timeout_at(deadline, hook).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => errors.push(format!("{}: {error}", component.name())),
                    Err(_) => errors.push(format!(
                        "{}: before_shutdown took too long",
                        component.name()
                    )),
                }
            }
        }
        let sessions = self.sessions();
        let count = sessions.len();
        if first {
            for session in &sessions {
                session
                    .outbox()
                    .order(Order::Drain(Box::new(self.drain_advice())));
            }
            self.connections().close();
        }
        drop(sessions);
        let (mut cut, mut dropped_handlers) = (0, 0);
        let drained = tokio::time::timeout_at(deadline, self.connections().wait()).await;
        if drained.is_err() {
            let left = self.sessions();
            cut = left.len();
            dropped_handlers = self.orphan_count();
            for session in left.iter().chain(&self.lingering()) {
                session.outbox().order(Order::Abandon);
            }
            // What is left are connections without a session, which end with their own short deadlines.
            let grace = self.config().limits.close_timeout;
            let _ = tokio::time::timeout(grace, self.connections().wait()).await;
        }
        if first {
            for component in self.components().iter().rev() {
                let hook = component.shutdown(self);
                match tokio::time::timeout(self.config().shutdown_timeout, hook).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => errors.push(format!("{}: {error}", component.name())),
                    Err(_) => errors.push(format!("{}: shutdown took too long", component.name())),
                }
            }
            self.close_cluster().await;
            self.clear_groups();
            let mut tasks = std::mem::take(&mut *self.tasks());
            tasks.shutdown().await;
        }
        for error in &errors {
            tracing::error!(error, "a component failed to shut down");
        }
        ShutdownReport {
            sessions: count,
            cut,
            dropped_handlers,
            errors,
            took: began.elapsed(),
        }
    }

    /// Clients come back spread over some time, so that the next server is not stormed.
    pub(crate) fn drain_advice(&self) -> Close {
        let spread = self.config().reconnect_spread;
        Close::new(CloseCode::DRAINING).with_retry_after(spread.mul_f64(fastrand::f64()))
    }
}
