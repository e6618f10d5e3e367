//! A game whose gates and rooms reach each other over gRPC.

use std::sync::Arc;

use pitaya_protocol::CloseCode;
use pitaya_server::cluster::memory::Hub;
use pitaya_server::cluster::{Cluster, GrpcBus, MemoryBindings};
use pitaya_server::testing::TestServer;
use serde_json::json;

use crate::support::game::{DOUBLE, ECHO, JOIN, LOCAL_BIND, ON_LINE, SAY, WHO, gate, room, server};
use crate::support::grpc::config;

fn bus() -> GrpcBus {
    GrpcBus::new(config(), Arc::new(MemoryBindings::default())).expect("a port")
}

async fn start_gate(hub: &Hub, id: &str) -> TestServer {
    let cluster = Cluster::frontend(bus(), hub.discovery()).id(id);
    let gate = server("gate").register(gate()).cluster(cluster);
    TestServer::start(gate).await.expect("a gate")
}

async fn start_room(hub: &Hub, id: &str) -> TestServer {
    let cluster = Cluster::backend(bus(), hub.discovery()).id(id);
    let room = server("room").register(room()).cluster(cluster);
    TestServer::start(room).await.expect("a room")
}

#[tokio::test]
async fn messages_answers_and_pushes_cross() {
    let hub = Hub::new();
    let gate = start_gate(&hub, "g1").await;
    let room = start_room(&hub, "r1").await;
    let mut client = gate.connect().await.expect("a client");
    let value = json!({"gold": 9_007_199_254_740_993_u64});
    assert_eq!(client.request(ECHO, &value).await.expect("an echo"), value);
    client.request(JOIN, &()).await.expect("joined");
    client.notify(SAY, &"hello".to_owned()).await.expect("said");
    assert_eq!(client.push(ON_LINE).await.expect("a line"), "hello");
    assert_eq!(gate.rpc(DOUBLE, &21).await.expect("a number"), 42);

    client
        .request(LOCAL_BIND, &"alice".to_owned())
        .await
        .expect("bound");
    let missed = room.push_to(["alice"], ON_LINE, &"hi".to_owned());
    assert!(missed.expect("pushed").is_empty());
    assert_eq!(client.push(ON_LINE).await.expect("a line"), "hi");
    let who = client.request(WHO, &()).await.expect("an answer");
    assert_eq!(
        (&who["server"], &who["uid"]),
        (&json!("r1"), &json!("alice"))
    );
}

#[tokio::test]
async fn a_user_has_one_session_on_all_gates() {
    let hub = Hub::new();
    let (one, two) = (start_gate(&hub, "g1").await, start_gate(&hub, "g2").await);
    let mut first = one.connect().await.expect("a client");
    let mut second = two.connect().await.expect("a client");
    for client in [&mut first, &mut second] {
        let bound = client.request(LOCAL_BIND, &"alice".to_owned()).await;
        bound.expect("bound");
    }
    assert_eq!(first.closed().await.close.code, CloseCode::REPLACED);
    assert_eq!(two.sessions_of("alice").len(), 1);
}
