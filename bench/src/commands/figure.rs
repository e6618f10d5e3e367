//! What one run on one server came to.

use std::time::Duration;

use pitaya_bench::Sample;
use serde::Serialize;

use super::subject::Subject;

/// The default of all servers of the family.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// A run's line of JSON. What a case does not measure is null.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Figure {
    pub(super) case: String,
    #[serde(serialize_with = "by_name")]
    pub(super) server: Subject,
    /// Which round, from 1.
    pub(super) run: u32,
    pub(super) connections: u32,
    pub(super) cpu_us_per_message: Option<f64>,
    pub(super) messages_per_s: Option<f64>,
    pub(super) p50_us: Option<u64>,
    pub(super) p99_us: Option<u64>,
    pub(super) p999_us: Option<u64>,
    pub(super) rss_kib_per_connection: Option<f64>,
    pub(super) idle_cpu_us_per_connection_s: Option<f64>,
    /// The share of its core that the server used; well below 1 the driver was what limited the run.
    pub(super) busy: Option<f64>,
}

fn by_name<S: serde::Serializer>(server: &Subject, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(server)
}

impl Figure {
    pub(super) fn new(case: &str, server: Subject, run: u32, connections: u32) -> Self {
        Self {
            case: case.to_owned(),
            server,
            run,
            connections,
            cpu_us_per_message: None,
            messages_per_s: None,
            p50_us: None,
            p99_us: None,
            p999_us: None,
            rss_kib_per_connection: None,
            idle_cpu_us_per_connection_s: None,
            busy: None,
        }
    }

    pub(super) fn with_messages(self, sample: &Sample) -> Self {
        Self {
            cpu_us_per_message: Some(sample.server_micros()),
            messages_per_s: Some(sample.rate()),
            p50_us: sample.latency(0.5),
            p99_us: sample.latency(0.99),
            p999_us: sample.latency(0.999),
            busy: Some(sample.server().as_secs_f64() / sample.elapsed.as_secs_f64()),
            ..self
        }
    }

    /// `grown`: bytes of resident memory that all connections together took.
    pub(super) fn with_rest(self, grown: u64, sample: &Sample) -> Self {
        let connections = f64::from(self.connections);
        let seconds = sample.elapsed.as_secs_f64();
        Self {
            rss_kib_per_connection: Some(grown as f64 / 1024.0 / connections),
            // A shorter time has not every connection's heartbeat in it.
            idle_cpu_us_per_connection_s: (sample.elapsed >= HEARTBEAT)
                .then(|| sample.server().as_secs_f64() * 1e6 / seconds / connections),
            ..self
        }
    }
}
