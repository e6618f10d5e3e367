//! What is measured, where Prometheus reads it.

use std::net::SocketAddr;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder};
use pitaya_server::metrics::names;

use crate::settings::Settings;

/// Bounds in seconds: from what a hop takes on a good network to the time limit of a request.
const SECONDS: [f64; 12] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];
/// Bounds in bytes, up to the default of `gate.limits.outbox_bytes`.
const BYTES: [f64; 6] = [0.0, 1024.0, 4096.0, 16_384.0, 65_536.0, 262_144.0];

/// Answers `/metrics`, where the settings say so. To be called in a tokio runtime, before the gate is started.
///
/// # Errors
///
/// When the address is taken, or another recorder is installed.
pub fn install(settings: &Settings) -> Result<(), BuildError> {
    let metrics = &settings.metrics;
    if !metrics.enabled {
        return Ok(());
    }
    let address = SocketAddr::new(metrics.address, metrics.port);
    let mut builder = PrometheusBuilder::new()
        .with_http_listener(address)
        .set_buckets_for_metric(Matcher::Full(names::REQUEST_SECONDS.to_owned()), &SECONDS)?
        .set_buckets_for_metric(Matcher::Full(names::OUTBOX_BYTES.to_owned()), &BYTES)?
        // As Go Pitaya names it.
        .add_global_label("serverType", &settings.server.server_type);
    if let Some(game) = &metrics.game {
        builder = builder.add_global_label("game", game);
    }
    for (label, value) in &metrics.labels {
        builder = builder.add_global_label(label, value);
    }
    builder.install()?;
    tracing::info!(%address, "metrics are answered");
    Ok(())
}
