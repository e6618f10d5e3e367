//! How a server ends.

use std::time::Duration;

use pitaya_protocol::SerializerSet;
use tokio::time::{Instant, timeout, timeout_at};

use crate::drain::{Departure, DrainOptions};
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
    /// Handlers that went on without a session, and requests of other servers, that were dropped.
    pub dropped_handlers: usize,
    /// Errors of the components' hooks, each with the component's name.
    pub errors: Vec<String>,
    /// How long it took.
    pub took: Duration,
}

impl<S: SerializerSet> Handle<S> {
    /// Ends the server as its settings say: [`drain`](Self::drain) with no options of its own.
    pub async fn shutdown(&self) -> ShutdownReport {
        self.drain(DrainOptions::new()).await
    }

    /// Ends the server: takes nothing new, lets what is in flight complete, sends the sessions away with advice when and where to come back, and runs the
    /// components' hooks. What is left at the deadline is dropped.
    ///
    /// Nobody is kicked: the family's clients would not come back (wire 5). A backend leaves its cluster first, so that others send to it no more. A frontend
    /// leaves last, since the others find its sessions by it, and so its clients get pushes to their end.
    ///
    /// A second call waits for the sessions as well, but sends none away and runs no hooks; if its deadline is nearer, what is left is cut by then.
    pub async fn drain(&self, options: DrainOptions) -> ShutdownReport {
        let began = Instant::now();
        let count = self.session_count();
        let departure = options.settle(self.config(), count);
        let deadline = began + departure.time;
        let first = self.life().begin_ending();
        let frontend = self.is_frontend();
        let mut errors = Vec::new();
        self.life().stop();
        if first {
            if !frontend {
                // Nobody who looks for a server finds this one any more.
                let _ = timeout_at(deadline, self.leave_cluster(true)).await;
            }
            self.hear_before(deadline, &mut errors).await;
        }
        let mut cut = Cut::default();
        if first {
            let away = async {
                departure.send_away(self).await;
                if frontend {
                    self.emptied().await;
                }
            };
            let in_time = timeout_at(deadline, away).await.is_ok();
            if !in_time {
                self.life().refusing.cancel();
                self.cut(&departure, &mut cut).await;
            }
            if frontend {
                self.leave_cluster(in_time).await;
            }
            self.connections().close();
        }
        let ended = timeout_at(deadline, self.connections().wait()).await;
        if ended.is_err() {
            self.cut(&departure, &mut cut).await;
        }
        if first {
            self.hear_after(&mut errors).await;
            self.close_cluster().await;
            self.clear_groups();
            self.life().end();
            let mut tasks = std::mem::take(&mut *self.tasks());
            tasks.shutdown().await;
        }
        for error in &errors {
            tracing::error!(error, "a component failed to shut down");
        }
        ShutdownReport {
            sessions: count,
            cut: cut.sessions,
            dropped_handlers: cut.handlers,
            errors,
            took: began.elapsed(),
        }
    }

    async fn hear_before(&self, deadline: Instant, errors: &mut Vec<String>) {
        for component in self.components().iter().rev() {
            let hook = component.before_shutdown(self);
            match timeout_at(deadline, hook).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => errors.push(format!("{}: {error}", component.name())),
                Err(_) => errors.push(format!(
                    "{}: before_shutdown took too long",
                    component.name()
                )),
            }
        }
    }

    async fn hear_after(&self, errors: &mut Vec<String>) {
        for component in self.components().iter().rev() {
            let hook = component.shutdown(self);
            match timeout(self.config().shutdown_timeout, hook).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => errors.push(format!("{}: {error}", component.name())),
                Err(_) => errors.push(format!("{}: shutdown took too long", component.name())),
            }
        }
    }

    /// The time is over. Sessions whose turn has not come are still told where to go; of the others, and of other servers' requests, everything is dropped.
    async fn cut(&self, departure: &Departure, cut: &mut Cut) {
        let left = self.sessions();
        cut.sessions = cut.sessions.max(left.len());
        let handlers = self.orphan_count() + self.requests_of_others();
        cut.handlers = cut.handlers.max(handlers);
        self.life().abandoned.cancel();
        let (told, untold): (Vec<_>, Vec<_>) = left
            .into_iter()
            .partition(|session| departure.has_told(session));
        for session in &untold {
            let advice = departure.advice(session.id());
            session.outbox().order(Order::Close(Box::new(advice)));
        }
        for session in told.iter().chain(&self.lingering()) {
            session.outbox().order(Order::Abandon);
        }
        // What is left are ends of connections, which have short deadlines of their own.
        let grace = self.config().limits.close_timeout;
        self.connections().close();
        if timeout(grace, self.connections().wait()).await.is_ok() {
            return;
        }
        for session in untold.iter().chain(&self.lingering()) {
            session.outbox().order(Order::Abandon);
        }
        let _ = timeout(grace, self.connections().wait()).await;
    }
}

/// What a drain had to drop.
#[derive(Default)]
struct Cut {
    sessions: usize,
    handlers: usize,
}
