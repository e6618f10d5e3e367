//! What those who run a gate see of it over HTTP.

use pitaya_engines::free_port;

use crate::support::{Engines, get, until};

#[tokio::test]
async fn readiness_liveness_and_metrics() {
    let engines = Engines::nats().await;
    let (health, metrics) = (free_port(), free_port());
    let keys = [
        format!("gate.health=127.0.0.1:{health}"),
        "pitaya.metrics.prometheus.enabled=true".to_owned(),
        format!("pitaya.metrics.prometheus.port={metrics}"),
        "gate.metrics.address=127.0.0.1".to_owned(),
        "pitaya.metrics.game=chess".to_owned(),
        "pitaya.metrics.constlabels=zone=a".to_owned(),
    ];
    let gate = engines.gate(&keys.each_ref().map(String::as_str)).await;
    let health = format!("127.0.0.1:{health}");
    for path in ["/ready", "/live"] {
        let answer = get(&health, path).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{path}: {answer}");
    }
    let client = gate.client().await;
    let metrics = format!("127.0.0.1:{metrics}");
    let counted = |text: &String| {
        text.lines().any(|line| {
            let labels = [
                r#"game="chess""#,
                r#"serverType="connector""#,
                r#"zone="a""#,
            ];
            line.starts_with("pitaya_sessions_total{")
                && line.ends_with(" 1")
                && labels.iter().all(|label| line.contains(label))
        })
    };
    let text = until(async || get(&metrics, "/metrics").await, counted).await;
    assert!(text.contains("pitaya_nats_up"), "{text}");
    drop(client);
}
