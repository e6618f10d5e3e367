//! A value that cannot be used is an error that names the key, the value, and where it stands.

use pitaya_gate::Sources;

use crate::{file, problems};

#[test]
fn values_of_every_kind() {
    let cases = [
        ("pitaya.heartbeat.interval", "soon"),
        ("pitaya.heartbeat.interval", "30"),
        ("pitaya.heartbeat.interval", "1500ms"),
        ("gate.heartbeat", "0"),
        ("pitaya.session.unique", "perhaps"),
        ("pitaya.cluster.rpc.server.grpc.port", "70000"),
        ("pitaya.serializertype", "3"),
        ("gate.bus", "redis"),
        ("gate.routing", "room=stiky"),
        ("gate.routing", "room"),
        ("gate.limits.packet_bytes", "-1"),
        ("gate.limits.packet_bytes", "16777216"),
        ("gate.limits.read_ahead", "0"),
        ("gate.limits.handshake_json_bytes", "5000"),
        ("gate.drain.per_second", "0"),
        ("gate.rate.limit", "0"),
        ("gate.rate.interval", "0"),
        ("gate.listen.ws", "3251"),
        ("gate.health", "here"),
        ("gate.type", "a.b"),
        ("gate.grpc.listen", "localhost"),
        ("gate.etcd.lease_ttl", "1s"),
    ];
    for (key, value) in cases {
        let problems = problems(Sources::new().set(key, value));
        assert_eq!(problems.lines().count(), 1, "{problems}");
        assert!(
            problems.starts_with(&format!("--set: {key} = ")),
            "{problems}"
        );
        let shown = value.trim_end_matches("ms").trim_start_matches("room=");
        assert!(
            problems.contains(shown) || problems.contains("1s500") || value == "0",
            "{problems}"
        );
    }
}

#[test]
fn the_file_or_the_variable_is_named() {
    let (_folder, path) = file(
        "go.yaml",
        "pitaya:\n  heartbeat:\n    interval: soon\n  session: {unique: [1]}\n",
    );
    let sources = Sources::new()
        .file(&path)
        .variable("PITAYA_METRICS_PROMETHEUS_PORT", "many");
    let problems = problems(sources);
    let lines: Vec<_> = problems.lines().collect();
    assert_eq!(lines.len(), 3, "{problems}");
    let path = path.display();
    assert!(
        lines[0].starts_with(&format!(
            "{path}: pitaya.heartbeat.interval = soon is no time"
        )),
        "{}",
        lines[0]
    );
    assert!(
        lines[1].starts_with(&format!("{path}: pitaya.session.unique = [1] is neither")),
        "{}",
        lines[1]
    );
    assert!(
        lines[2].starts_with("PITAYA_METRICS_PROMETHEUS_PORT: gate.metrics.port = many is no port"),
        "{}",
        lines[2]
    );
}

#[test]
fn a_gate_that_listens_nowhere_is_a_mistake() {
    let error = Sources::new().read().expect_err("nowhere").to_string();
    assert!(error.contains("gate.listen.tcp"), "{error}");
}

#[test]
fn a_listener_with_tls_needs_a_certificate() {
    let problems = problems(Sources::new().set("gate.listen.wss", "127.0.0.1:0"));
    assert!(
        problems.contains("gate.tls.certificate") && problems.contains("gate.tls.key"),
        "{problems}"
    );
}

#[test]
fn secrets_are_not_repeated() {
    let (_folder, path) = file("gate.yaml", "gate: {nats: {password: [hush]}}\n");
    let problems = problems(Sources::new().file(path));
    assert!(
        problems.contains("gate.nats.password = ***") && !problems.contains("hush"),
        "{problems}"
    );
}
