//! What the bus measures, through the `metrics` facade.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use metrics::{Counter, Gauge};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The names of what a [`GrpcBus`](super::GrpcBus) measures, for dashboards and for the docs.
pub mod grpc_metrics {
    /// Gauge: connections of other servers.
    pub const CONNECTIONS: &str = "pitaya_grpc_connections";
    /// Counter: connections to other servers that were made.
    pub const CONNECTS: &str = "pitaya_grpc_connects_total";
    /// Counter: connections to other servers that could not be made.
    pub const CONNECT_FAILURES: &str = "pitaya_grpc_connect_failures_total";
    /// Gauge: calls to other servers that wait for their answers.
    pub const CALLS: &str = "pitaya_grpc_calls_in_flight";
    /// Gauge: requests of other servers that were taken and not answered.
    pub const TAKEN: &str = "pitaya_grpc_taken_requests";
    /// Counter, label `what`: messages of others that could not be read.
    pub const UNDECODABLE: &str = "pitaya_grpc_undecodable_total";
    /// Counter: requests that were answered `PIT-503` since too many were taken already.
    pub const OVERLOADED: &str = "pitaya_grpc_overload_refusals_total";
    /// Counter, label `cause`: pushes, kicks and bindings that did not arrive.
    pub const UNDELIVERED: &str = "pitaya_grpc_undelivered_total";
}

/// The handles of one bus.
#[derive(Debug)]
pub(super) struct Metrics {
    pub(super) connections: Gauge,
    pub(super) connects: Counter,
    pub(super) connect_failures: Counter,
    pub(super) calls: Gauge,
    pub(super) taken: Gauge,
    pub(super) overloaded: Counter,
    /// Faults are rare, and their labels come from small closed sets.
    faults: Mutex<HashMap<(&'static str, &'static str), Counter>>,
}

impl Metrics {
    pub(super) fn new() -> Self {
        Self {
            connections: metrics::gauge!(grpc_metrics::CONNECTIONS),
            connects: metrics::counter!(grpc_metrics::CONNECTS),
            connect_failures: metrics::counter!(grpc_metrics::CONNECT_FAILURES),
            calls: metrics::gauge!(grpc_metrics::CALLS),
            taken: metrics::gauge!(grpc_metrics::TAKEN),
            overloaded: metrics::counter!(grpc_metrics::OVERLOADED),
            faults: Mutex::default(),
        }
    }

    pub(super) fn undecodable(&self, what: &'static str) {
        self.fault(grpc_metrics::UNDECODABLE, "what", what);
    }

    pub(super) fn undelivered(&self, cause: &'static str) {
        self.fault(grpc_metrics::UNDELIVERED, "cause", cause);
    }

    fn fault(&self, name: &'static str, label: &'static str, value: &'static str) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        faults
            .entry((name, value))
            .or_insert_with(|| metrics::counter!(name, label => value))
            .increment(1);
    }
}

/// A place under a limit, counted while it is taken.
#[derive(Debug)]
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    gauge: Option<Gauge>,
}

impl Place {
    /// A place, unless all are taken.
    pub(super) fn take(places: &Arc<Semaphore>, gauge: Option<&Gauge>) -> Option<Self> {
        let permit = places.clone().try_acquire_owned().ok()?;
        if let Some(gauge) = gauge {
            gauge.increment(1.0);
        }
        Some(Self {
            _permit: permit,
            gauge: gauge.cloned(),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(gauge) = &self.gauge {
            gauge.decrement(1.0);
        }
    }
}
