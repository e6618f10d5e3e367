//! The game of gates and rooms over a real NATS and a real etcd, which come and go: no client is lost, what is local goes on.

use std::time::Duration;

use pitaya_protocol::codes;
use pitaya_server::cluster::{Cluster, EtcdDiscovery, NatsBus, NatsConfig};
use pitaya_server::testing::{TestClient, TestError, TestServer};
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

use crate::support::etcd::Etcd;
use crate::support::game::{
    BIND, DOUBLE, ECHO, JOIN, LOCAL_DATA, ON_LINE, SAY, WHO, gate, room, server,
};
use crate::support::nats::Nats;

/// Longer than anything takes; only a test that fails waits so long.
const SOON: Duration = Duration::from_secs(20);
/// Between two looks at something that no event tells of.
const LOOK: Duration = Duration::from_millis(10);

struct Game {
    nats: Nats,
    etcd: Etcd,
    gate: TestServer,
    room: TestServer,
}

impl Game {
    async fn start() -> Self {
        let (nats, etcd) = (Nats::start().await, Etcd::start().await);
        let bus = || NatsBus::new(NatsConfig::new(nats.url()));
        let discovery = || EtcdDiscovery::new(etcd.config());
        let cluster = Cluster::backend(bus(), discovery()).id("r1");
        let room = server("room").register(room()).cluster(cluster);
        let room = TestServer::start(room).await.expect("a room");
        let cluster = Cluster::frontend(bus(), discovery()).id("g1");
        let gate = server("gate").register(gate()).cluster(cluster);
        let gate = TestServer::start(gate).await.expect("a gate");
        Self {
            gate,
            room,
            nats,
            etcd,
        }
    }

    /// Asks until a room answers.
    async fn answered(client: &mut TestClient) -> Duration {
        let began = Instant::now();
        let asked = async {
            while client.request(ECHO, &json!(1)).await.is_err() {
                sleep(LOOK).await;
            }
        };
        timeout(SOON, asked).await.expect("an answer");
        began.elapsed()
    }
}

#[tokio::test]
async fn clients_are_served_by_a_backend() {
    let game = Game::start().await;
    let mut alice = game.gate.connect().await.expect("a client");
    let mut bob = game.gate.connect().await.expect("a client");
    Game::answered(&mut alice).await;
    assert_eq!(
        alice.request(WHO, &()).await.expect("an answer")["server"],
        "r1"
    );
    alice
        .request(BIND, &"alice".to_owned())
        .await
        .expect("bound");
    assert_eq!(game.gate.sessions_of("alice").len(), 1);
    alice.request(JOIN, &()).await.expect("joined");
    bob.request(JOIN, &()).await.expect("joined");
    bob.notify(SAY, &"hello".to_owned()).await.expect("said");
    assert_eq!(alice.push(ON_LINE).await.expect("a line"), "hello");
    let missed = game.room.push_to(["alice"], ON_LINE, &"you".to_owned());
    assert!(missed.expect("pushed").is_empty());
    assert_eq!(alice.push(ON_LINE).await.expect("a line"), "you");
    assert_eq!(game.gate.rpc(DOUBLE, &21).await, Ok(42));
    // The end of a session is told as well.
    let group = game.room.group("all").expect("the group");
    drop(bob);
    let left = async {
        while group.len() > 1 {
            sleep(LOOK).await;
        }
    };
    timeout(SOON, left).await.expect("one has left");
}

#[tokio::test]
async fn an_outage_of_nats_costs_no_client_and_is_said_at_once() {
    let mut game = Game::start().await;
    let mut client = game.gate.connect().await.expect("a client");
    Game::answered(&mut client).await;
    game.nats.stop();
    let said = async {
        loop {
            match client.request(ECHO, &json!(1)).await {
                Err(TestError::Server(error)) if error.code == codes::OVERLOADED => return,
                // The first ones may have been under way.
                Err(TestError::Server(_)) | Ok(_) => sleep(LOOK).await,
                Err(error) => panic!("{error}"),
            }
        }
    };
    timeout(SOON, said).await.expect("the outage is known");
    client
        .request(LOCAL_DATA, &())
        .await
        .expect("the gate answers");
    game.nats.restart().await;
    Game::answered(&mut client).await;
    assert_eq!(game.gate.rpc(DOUBLE, &21).await, Ok(42));
    // What the backend sends reaches the gate as well: all subscriptions are back.
    client.request(JOIN, &()).await.expect("joined");
    client.notify(SAY, &"hello".to_owned()).await.expect("said");
    assert_eq!(client.push(ON_LINE).await.expect("a line"), "hello");
}

#[tokio::test]
async fn an_outage_of_etcd_is_not_noticed() {
    let mut game = Game::start().await;
    let mut client = game.gate.connect().await.expect("a client");
    Game::answered(&mut client).await;
    game.etcd.stop();
    for _ in 0..20 {
        client.request(ECHO, &json!(1)).await.expect("an answer");
    }
    game.etcd.restart().await;
    client.request(ECHO, &json!(1)).await.expect("an answer");
    assert_eq!(game.gate.members().of_type("room").len(), 1);
}

#[tokio::test]
async fn a_server_that_leaves_is_asked_no_more_and_ends_what_it_has() {
    let game = Game::start().await;
    let mut client = game.gate.connect().await.expect("a client");
    Game::answered(&mut client).await;
    let slow = client.send_request("room.room.slow", &400_u64).await;
    // It is under way when the answer to the next one of another session is there.
    let mut other = game.gate.connect().await.expect("a client");
    other.request(ECHO, &json!(1)).await.expect("an answer");
    let report = game.room.shutdown().await;
    assert_eq!(report.errors, Vec::<String>::new());
    client
        .answer(slow.expect("sent"))
        .await
        .expect("its answer");
    match other.request(ECHO, &json!(1)).await {
        Err(TestError::Server(error)) => {
            assert_eq!(error.msg, "no servers available of this type");
        }
        answer => panic!("{answer:?}"),
    }
}
