//! What a server measures, through the `metrics` facade. Handles are made once; a message costs no lookup.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use metrics::{Counter, Gauge, Histogram};
use pitaya_protocol::CloseCode;

/// The names, for dashboards and for the docs.
pub mod names {
    /// Gauge: connections now, counted from the accept.
    pub const CONNECTIONS: &str = "pitaya_connections";
    /// Counter: sessions whose handshake was completed.
    pub const SESSIONS: &str = "pitaya_sessions_total";
    /// Counter, label `code`: connections that have ended, by the number of their close code.
    pub const CLOSES: &str = "pitaya_closes_total";
    /// Histogram in seconds, label `route`: from a handler's start to its answer. Unknown routes fold into `_unknown`, messages that
    /// other servers handle into `_forwarded`. Handlers that
    /// answer without waiting are timed in runs of up to four of one route, and each counts with the mean.
    pub const REQUEST_SECONDS: &str = "pitaya_request_seconds";
    /// Histogram in bytes: what waited for a client when its socket took no more.
    pub const OUTBOX_BYTES: &str = "pitaya_outbox_bytes";
    /// Counter, label `limit`: times that a limit was hit, by the limit's name.
    pub const LIMITS: &str = "pitaya_limits_hit_total";
    /// Counter, label `what`: things that other servers of the cluster sent, or left in its engines, and that could not be used.
    pub const CLUSTER_FAULTS: &str = "pitaya_cluster_faults_total";
    /// Counter, label `cause` (`gone`, `silent`): times that another server of the cluster was ejected.
    pub const EJECTIONS: &str = "pitaya_peer_ejections_total";
    /// Counter: times that an ejected server was admitted again.
    pub const READMISSIONS: &str = "pitaya_peer_readmissions_total";
    /// Gauge: handlers that go on although their session has ended.
    pub const ORPHANS: &str = "pitaya_orphaned_handlers";
}

/// The handles of one server. Made when it is built: install the recorder before.
#[derive(Debug)]
pub(crate) struct Metrics {
    connections: Gauge,
    orphans: Gauge,
    sessions: Counter,
    outbox: Histogram,
    unknown: Histogram,
    /// Closes and limits are rare, and their labels come from small closed sets.
    closes: Mutex<HashMap<u16, Counter>>,
    limits: Mutex<HashMap<&'static str, Counter>>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            connections: metrics::gauge!(names::CONNECTIONS),
            orphans: metrics::gauge!(names::ORPHANS),
            sessions: metrics::counter!(names::SESSIONS),
            outbox: metrics::histogram!(names::OUTBOX_BYTES),
            unknown: route("_unknown"),
            closes: Mutex::default(),
            limits: Mutex::default(),
        }
    }

    pub(crate) fn connections(&self) -> &Gauge {
        &self.connections
    }

    pub(crate) fn orphans(&self) -> &Gauge {
        &self.orphans
    }

    pub(crate) fn opened(&self) {
        self.sessions.increment(1);
    }

    pub(crate) fn closed(&self, code: CloseCode) {
        // Numbers without a name of ours count as one, so that an application cannot make labels without end.
        let number = if CloseCode::NAMED.contains(&code) {
            code.number()
        } else {
            999
        };
        let mut closes = self.closes.lock().unwrap_or_else(PoisonError::into_inner);
        closes
            .entry(number)
            .or_insert_with(|| metrics::counter!(names::CLOSES, "code" => number.to_string()))
            .increment(1);
    }

    pub(crate) fn limit(&self, limit: &'static str) {
        let mut limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        limits
            .entry(limit)
            .or_insert_with(|| metrics::counter!(names::LIMITS, "limit" => limit))
            .increment(1);
    }

    pub(crate) fn outbox(&self, bytes: usize) {
        self.outbox.record(bytes as f64);
    }

    pub(crate) fn unknown_route(&self) {
        self.unknown.record(0.0);
    }
}

/// The latency of one route.
pub(crate) fn route(route: &str) -> Histogram {
    metrics::histogram!(names::REQUEST_SECONDS, "route" => route.to_owned())
}
