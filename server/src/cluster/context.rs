//! The context in which a handler of a cluster's server runs: what it passes on when it asks others.

use std::time::Duration;

use pitaya_protocol::cluster::Metadata;
use tokio::time::Instant;

/// On whose behalf something is done, and until when it has to be done.
///
/// Handlers and remote methods that another server has asked for run within its context; what they ask of others in turn carries it on. A
/// game adds its own entries with [`with`](Self::with) and [`enter`](Self::enter).
#[derive(Clone, Debug, Default)]
pub struct Context {
    metadata: Metadata,
    deadline: Option<Instant>,
}

tokio::task_local! {
    static CURRENT: Context;
}

impl Context {
    /// The context of another server's request.
    pub(crate) fn received(metadata: Metadata, timeout: Duration) -> Self {
        Self {
            metadata,
            deadline: Instant::now().checked_add(timeout),
        }
    }

    /// The context of the handler that asks; an empty one outside of them.
    #[must_use]
    pub fn current() -> Self {
        CURRENT.try_with(Self::clone).unwrap_or_default()
    }

    /// Entries that were passed on, the peer's description among them.
    #[must_use]
    pub const fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// When the caller stops waiting.
    #[must_use]
    pub const fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// The same with one more entry, or another value of one, for everything that is asked within it.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
        self.metadata = self.metadata.with(key, value);
        self
    }

    /// The same with a deadline, unless there is a nearer one.
    #[must_use]
    pub fn within(mut self, timeout: Duration) -> Self {
        // One that no clock reaches is none.
        if let Some(deadline) = Instant::now().checked_add(timeout) {
            self.deadline = Some(self.deadline.map_or(deadline, |set| set.min(deadline)));
        }
        self
    }

    /// Runs `work` within this context.
    pub fn enter<F: Future>(self, work: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, work)
    }

    /// How long a call may take that may take `most`.
    pub(crate) fn time_left(&self, most: Duration) -> Duration {
        self.deadline.map_or(most, |deadline| {
            most.min(deadline.saturating_duration_since(Instant::now()))
        })
    }
}
