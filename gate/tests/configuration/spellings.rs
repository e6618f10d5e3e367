//! Each setting has our name and, where Go Pitaya has it, that one, in files and in the environment.

use std::collections::BTreeMap;
use std::time::Duration;

use pitaya_gate::{Routing, Serialization, Settings, Sources, keys};

use crate::{file, read};

/// What a Go connector's file may look like.
const GO: &str = r"
pitaya:
  serializertype: 2
  heartbeat:
    interval: 20s
  handler:
    messages:
      compression: false
  session:
    unique: false
  acceptor:
    proxyprotocol: true
  buffer:
    agent:
      conntimeout: 7s
  conn:
    ratelimiting:
      limit: 50
      interval: 2s
  cluster:
    info:
      region: eu
    rpc:
      client:
        nats:
          connect: nats://n:4222
          requesttimeout: 3s
      server:
        nats:
          connect: nats://n:4222
        grpc:
          port: 3000
    sd:
      etcd:
        endpoints: [a:2379, b:2379]
        prefix: game/
        user: ann
        pass: hush
        heartbeat:
          ttl: 30s
        shutdown:
          delay: 50ms
        servertypesblacklist: [old]
  modules:
    bindingstorage:
      etcd:
        leasettl: 1h
  metrics:
    game: chess
    constlabels:
      zone: a
    prometheus:
      enabled: true
      port: 9191
";

/// The same in our spelling.
const OURS: &str = r#"
[gate]
serializer = "protobuf"
heartbeat = "20s"
compression = false
unique_sessions = false
region = "eu"
request_timeout = "3s"
leave_delay = "50ms"
[gate.proxy]
packets = true
[gate.rate]
limit = 50
interval = "2s"
[gate.limits]
stalled_timeout = "7s"
[gate.nats]
urls = ["nats://n:4222"]
[gate.grpc]
port = 3000
[gate.etcd]
endpoints = ["a:2379", "b:2379"]
prefix = "game/"
user = "ann"
password = "hush"
lease_ttl = "30s"
ignore_types = ["old"]
[gate.bindings]
ttl = "1h"
[gate.metrics]
game = "chess"
labels = { zone = "a" }
enabled = true
port = 9191
"#;

fn look(settings: &Settings) {
    assert_eq!(settings.serializer, Serialization::Protobuf);
    assert_eq!(settings.server.heartbeat, Duration::from_secs(20));
    assert!(!settings.compression.on);
    assert!(!settings.server.unique_sessions);
    assert!(settings.listen.proxy_packets);
    assert_eq!(
        settings.server.limits.stalled_timeout,
        Duration::from_secs(7)
    );
    assert_eq!(settings.rate.per_second(), Some(25));
    assert_eq!(settings.me.region.as_deref(), Some("eu"));
    assert_eq!(settings.nats.urls, ["nats://n:4222"]);
    assert_eq!(settings.cluster.request_timeout, Duration::from_secs(3));
    assert_eq!(settings.cluster.leave_delay, Duration::from_millis(50));
    assert_eq!(settings.grpc.port, 3000);
    assert_eq!(settings.etcd.endpoints, ["a:2379", "b:2379"]);
    assert_eq!(settings.etcd.prefix, "game/");
    assert_eq!(settings.etcd.user, "ann");
    assert_eq!(settings.etcd.password.reveal().as_deref(), Some("hush"));
    assert_eq!(settings.etcd.lease_ttl, Duration::from_secs(30));
    assert!(settings.etcd.ignore_types.contains("old"));
    assert_eq!(settings.bindings.ttl, Duration::from_secs(3600));
    assert!(settings.metrics.enabled);
    assert_eq!(settings.metrics.port, 9191);
    assert_eq!(settings.metrics.game.as_deref(), Some("chess"));
    assert_eq!(settings.metrics.labels["zone"], "a");
}

#[test]
fn a_file_in_either_spelling_says_the_same() {
    for (name, text) in [("go.yaml", GO), ("ours.toml", OURS)] {
        let (_folder, path) = file(name, text);
        let read = read(Sources::new().file(path));
        look(read.settings());
        assert!(read.warnings().is_empty(), "{:?}", read.warnings());
    }
}

#[test]
fn variables_in_either_spelling_say_the_same() {
    let go = [
        ("SERIALIZERTYPE", "2"),
        ("HEARTBEAT_INTERVAL", "20s"),
        ("HANDLER_MESSAGES_COMPRESSION", "false"),
        ("SESSION_UNIQUE", "f"),
        ("ACCEPTOR_PROXYPROTOCOL", "true"),
        ("BUFFER_AGENT_WRITETIMEOUT", "7s"),
        ("CONN_RATELIMITING_LIMIT", "50"),
        ("CONN_RATELIMITING_INTERVAL", "2s"),
        ("CLUSTER_INFO_REGION", "eu"),
        ("CLUSTER_RPC_CLIENT_NATS_CONNECT", "nats://n:4222"),
        ("CLUSTER_RPC_CLIENT_NATS_REQUESTTIMEOUT", "3s"),
        ("CLUSTER_RPC_SERVER_GRPC_PORT", "3000"),
        ("CLUSTER_SD_ETCD_ENDPOINTS", "a:2379,b:2379"),
        ("CLUSTER_SD_ETCD_PREFIX", "game/"),
        ("CLUSTER_SD_ETCD_USER", "ann"),
        ("CLUSTER_SD_ETCD_PASS", "hush"),
        ("CLUSTER_SD_ETCD_HEARTBEAT_TTL", "30s"),
        ("CLUSTER_SD_ETCD_SHUTDOWN_DELAY", "50ms"),
        ("CLUSTER_SD_ETCD_SERVERTYPEBLACKLIST", "old"),
        ("MODULES_BINDINGSTORAGE_ETCD_LEASETTL", "1h"),
        ("METRICS_GAME", "chess"),
        ("METRICS_CONSTLABELS", "zone=a"),
        ("METRICS_PROMETHEUS_ENABLED", "true"),
        ("METRICS_PROMETHEUS_PORT", "9191"),
    ];
    let mut sources = Sources::new();
    for (name, value) in go {
        sources = sources.variable(format!("PITAYA_{name}"), value);
    }
    let read = read(sources);
    look(read.settings());
    assert!(read.warnings().is_empty(), "{:?}", read.warnings());
}

#[test]
fn variables_of_our_own() {
    let read = read(
        Sources::new()
            .variable("PITAYA_GATE_LIMITS_PACKET_BYTES", "65536")
            .variable("PITAYA_GATE_ROUTING", "room=sticky, hall = consistent-hash")
            .variable("PITAYA_GATE_LIMITS_CONNECTIONS", "off"),
    );
    let settings = read.settings();
    assert_eq!(settings.server.limits.packet_bytes, 65_536);
    assert_eq!(settings.server.limits.connections, None);
    let routing = [("hall", Routing::ConsistentHash), ("room", Routing::Sticky)];
    let routing: BTreeMap<_, _> = routing
        .map(|(name, policy)| (name.to_owned(), policy))
        .into();
    assert_eq!(settings.routing, routing);
}

#[test]
fn a_rate_that_is_forced_off_is_off() {
    let limited = Sources::new()
        .set("gate.rate.limit", "1")
        .set("gate.rate.interval", "1h");
    assert_eq!(read(limited.clone()).settings().rate.per_second(), Some(1));
    let off = limited.set("pitaya.conn.ratelimiting.forcedisable", "true");
    assert_eq!(read(off).settings().rate.per_second(), None);
}

#[test]
fn no_two_keys_share_a_name_or_a_variable() {
    let mut seen = BTreeMap::new();
    for key in keys() {
        for name in key.names() {
            assert_eq!(name, name.to_lowercase());
            let variable = name.replace('.', "_").to_uppercase();
            let variable = variable.trim_start_matches("PITAYA_").to_owned();
            if let Some(other) = seen.insert(variable, name) {
                panic!("{name} and {other} have one variable");
            }
        }
    }
    assert!(seen.len() > 100, "{}", seen.len());
}
