//! Servers that find each other in etcd and talk over NATS: a client's message goes through, and an outage of both engines costs no client.

use std::time::Duration;

use pitaya_server::cluster::{Cluster, EtcdDiscovery, NatsBus, NatsConfig};
use pitaya_server::testing::{TestError, TestServer};
use serde_json::json;

use crate::support::etcd::Etcd;
use crate::support::game::{ECHO, LOCAL_DATA, WHO, gate, room, server};
use crate::support::nats::Nats;
use crate::support::roll::PATIENCE;

async fn start(server_type: &str, id: &str, nats: &Nats, etcd: &Etcd) -> TestServer {
    let bus = NatsBus::new(NatsConfig::new(nats.url()));
    let discovery = EtcdDiscovery::new(etcd.config());
    let builder = match server_type {
        "gate" => server("gate")
            .register(gate())
            .cluster(Cluster::frontend(bus, discovery).id(id)),
        _ => server("room")
            .register(room())
            .cluster(Cluster::backend(bus, discovery).id(id)),
    };
    TestServer::start(builder).await.expect("both engines run")
}

#[tokio::test]
async fn a_cluster_outlives_its_engines() {
    let (mut nats, mut etcd) = (Nats::start().await, Etcd::start().await);
    let _room = start("room", "r1", &nats, &etcd).await;
    let gate = start("gate", "g1", &nats, &etcd).await;
    let mut client = gate.connect().await.expect("a client");
    let who = client.request(WHO, &()).await.expect("an answer");
    assert_eq!(who["server"], "r1");

    nats.stop();
    etcd.stop();
    // What the gate does itself it goes on to do; the rest is refused, and not left unanswered.
    let away = async {
        loop {
            client.request(LOCAL_DATA, &()).await.expect("it is local");
            match client.request(ECHO, &json!(1)).await {
                Err(TestError::Server(error)) => return error,
                Ok(_) => {}
                Err(other) => panic!("the client was lost: {other:?}"),
            }
        }
    };
    let refusal = tokio::time::timeout(PATIENCE, away).await;
    refusal.expect("it is refused");

    nats.restart().await;
    etcd.restart().await;
    let back = async {
        while client.request(ECHO, &json!(2)).await.is_err() {
            // What is known to be down is refused at once.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let back = tokio::time::timeout(PATIENCE, back).await;
    back.expect("the room is reached again");
}

#[tokio::test]
async fn a_room_that_starts_later_is_found() {
    let (nats, etcd) = (Nats::start().await, Etcd::start().await);
    let gate = start("gate", "g1", &nats, &etcd).await;
    let mut client = gate.connect().await.expect("a client");
    let refused = client.request(WHO, &()).await;
    assert!(matches!(refused, Err(TestError::Server(_))), "{refused:?}");
    let _room = start("room", "r1", &nats, &etcd).await;
    let found = async {
        while client.request(WHO, &()).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, found).await;
    found.expect("the room is listed");
}
