//! What the bus measures, through the `metrics` facade.

use metrics::{Counter, Gauge};

/// The names of what a [`NatsBus`](super::NatsBus) measures, for dashboards and for the docs.
pub mod nats_metrics {
    /// Gauge: 1 while the engine is connected, 0 while it is not.
    pub const UP: &str = "pitaya_nats_up";
    /// Gauge: calls to other servers that wait for their answers.
    pub const CALLS: &str = "pitaya_nats_calls_in_flight";
    /// Gauge: requests of other servers that were taken and not answered.
    pub const TAKEN: &str = "pitaya_nats_taken_requests";
    /// Counter: answers that came for no waiting call: too late, twice, or never asked for.
    pub const LATE_ANSWERS: &str = "pitaya_nats_late_answers_total";
    /// Counter: messages of others that could not be read.
    pub const UNDECODABLE: &str = "pitaya_nats_undecodable_total";
    /// Counter: requests that were answered `PIT-503` since too many were taken already.
    pub const OVERLOADED: &str = "pitaya_nats_overload_refusals_total";
    /// Counter: answers that were not sent, since the engine was away and too much waited already, or since the bus was closed.
    pub const LOST_ANSWERS: &str = "pitaya_nats_lost_answers_total";
    /// Counter: times that messages were dropped since they came faster than they were taken.
    pub const OVERRUNS: &str = "pitaya_nats_overruns_total";
}

/// The handles of one bus.
#[derive(Debug)]
pub(super) struct Metrics {
    pub(super) up: Gauge,
    pub(super) calls: Gauge,
    pub(super) taken: Gauge,
    pub(super) late_answers: Counter,
    pub(super) undecodable: Counter,
    pub(super) overloaded: Counter,
    pub(super) lost_answers: Counter,
    pub(super) overruns: Counter,
}

impl Metrics {
    pub(super) fn new() -> Self {
        Self {
            up: metrics::gauge!(nats_metrics::UP),
            calls: metrics::gauge!(nats_metrics::CALLS),
            taken: metrics::gauge!(nats_metrics::TAKEN),
            late_answers: metrics::counter!(nats_metrics::LATE_ANSWERS),
            undecodable: metrics::counter!(nats_metrics::UNDECODABLE),
            overloaded: metrics::counter!(nats_metrics::OVERLOADED),
            lost_answers: metrics::counter!(nats_metrics::LOST_ANSWERS),
            overruns: metrics::counter!(nats_metrics::OVERRUNS),
        }
    }
}
