//! A backend drains under load, over each bus with a real discovery: no request is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use pitaya_server::DrainOptions;
use pitaya_server::cluster::{
    Bus, Cluster, EtcdDiscovery, GrpcBus, MemoryBindings, NatsBus, NatsConfig,
};
use pitaya_server::testing::TestServer;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::support::etcd::Etcd;
use crate::support::game::{ECHO, WHO, gate, room, server};
use crate::support::grpc::config;
use crate::support::nats::Nats;

/// Longer than anything takes; only a test that fails waits so long.
const SOON: Duration = Duration::from_secs(30);
/// Between two looks at something that no event tells of.
const LOOK: Duration = Duration::from_millis(5);

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let waiting = async {
        while !is_so() {
            sleep(LOOK).await;
        }
    };
    timeout(SOON, waiting).await.expect(what);
}

async fn drained_under_load<B: Bus>(bus: impl Fn() -> B) {
    let etcd = Etcd::start().await;
    let discovery = || EtcdDiscovery::new(etcd.config());
    let start_room = async |id| {
        let cluster = Cluster::backend(bus(), discovery()).id(id);
        let room = server("room").register(room()).cluster(cluster);
        TestServer::start(room).await.expect("a room")
    };
    let (leaves, stays) = (start_room("r1").await, start_room("r2").await);
    let cluster = Cluster::frontend(bus(), discovery()).id("g1");
    let gate = server("gate").register(gate()).cluster(cluster);
    let gate = TestServer::start(gate).await.expect("a gate");
    until("both rooms", || gate.members().of_type("room").len() == 2).await;

    let enough = Arc::new(AtomicBool::new(false));
    let answered = Arc::new(AtomicUsize::new(0));
    let mut players = JoinSet::new();
    for _ in 0..8 {
        let mut client = gate.connect().await.expect("a client");
        let (enough, answered) = (enough.clone(), answered.clone());
        players.spawn(async move {
            while !enough.load(Ordering::Relaxed) {
                client.request(ECHO, &json!(1)).await.expect("an answer");
                answered.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    until("load", || answered.load(Ordering::Relaxed) >= 100).await;
    assert!(leaves.ready().is_ready());
    let report = leaves.drain(DrainOptions::new()).await;
    assert_eq!((report.cut, report.dropped_handlers), (0, 0));
    assert_eq!(report.errors, Vec::<String>::new());
    let before = answered.load(Ordering::Relaxed);
    until("more load", || {
        answered.load(Ordering::Relaxed) >= before + 100
    })
    .await;
    enough.store(true, Ordering::Relaxed);
    players.join_all().await;
    let mut client = gate.connect().await.expect("a client");
    let who = client.request(WHO, &()).await.expect("an answer");
    assert_eq!(who["server"], "r2");
    drop(stays);
}

#[tokio::test]
async fn over_nats_no_request_is_lost() {
    let nats = Nats::start().await;
    drained_under_load(|| NatsBus::new(NatsConfig::new(nats.url()))).await;
}

#[tokio::test]
async fn over_grpc_no_request_is_lost() {
    let bus = || GrpcBus::new(config(), Arc::new(MemoryBindings::default())).expect("a port");
    drained_under_load(bus).await;
}
