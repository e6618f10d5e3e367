//! What is wrong in what others send: all of it is counted, and little of it is logged.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use metrics::Counter;
use tokio::time::Instant;

use crate::metrics::names;

/// One line per cause in this time, however often it comes.
const ONCE_IN: Duration = Duration::from_secs(60);

/// Complaints about one source, such as etcd's entries. Causes are few and fixed, so that neither the metrics nor this grow.
#[derive(Debug)]
pub(crate) struct Complaints {
    source: &'static str,
    causes: Mutex<HashMap<&'static str, Cause>>,
}

struct Cause {
    counter: Counter,
    logged: Option<Instant>,
    since: u64,
}

impl Complaints {
    pub(crate) fn about(source: &'static str) -> Self {
        Self {
            source,
            causes: Mutex::default(),
        }
    }

    /// Counts it, and logs it when nothing was logged of this cause for a minute.
    pub(crate) fn add(&self, cause: &'static str, detail: impl fmt::Display) {
        let mut causes = self.causes.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = causes.entry(cause).or_insert_with(|| Cause {
            counter: metrics::counter!(names::CLUSTER_FAULTS, "what" => cause),
            logged: None,
            since: 0,
        });
        entry.counter.increment(1);
        entry.since += 1;
        if entry
            .logged
            .is_none_or(|logged| logged.elapsed() >= ONCE_IN)
        {
            let (source, times) = (self.source, entry.since);
            tracing::warn!(source, cause, times, %detail, "ignored");
            entry.logged = Some(Instant::now());
            entry.since = 0;
        }
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cause")
            .field("since", &self.since)
            .finish_non_exhaustive()
    }
}
