//! Which server gets a message or a remote call is for the game to say, also while it runs; servers that are gone are left out until they are back.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pitaya_protocol::Request;
use pitaya_server::cluster::memory::{Fault, Hub};
use pitaya_server::cluster::{
    Candidates, Cluster, ConsistentHash, For, LeastInFlight, Policy, RoundRobin, Routed, Sticky,
};
use pitaya_server::testing::{TestClient, TestServer};
use pitaya_server::{Functions, Session};

use crate::support::game::{BIND, DOUBLE, WHO, server, start_gate, start_room};

const ASK: Request<String, u64> = Request::new("gate.ask");
const MOVE: Request<String, ()> = Request::new("gate.move");

/// The room that serves the client's next message.
async fn room_of(client: &mut TestClient) -> String {
    let who = client.request(WHO, &()).await.expect("an answer");
    who["server"].as_str().expect("an id").to_owned()
}

/// Always this server.
fn only(id: &'static str) -> impl Policy {
    move |_: &Routed<'_>, servers: &Candidates<'_>| servers.find(id).cloned()
}

async fn rooms(hub: &Hub, ids: &[&str]) -> Vec<TestServer> {
    let mut rooms = Vec::new();
    for id in ids {
        rooms.push(start_room(hub, id).await);
    }
    rooms
}

#[tokio::test]
async fn policies_change_while_clients_play() {
    let hub = Hub::new();
    let (gate, _rooms) = (
        start_gate(&hub, "g1").await,
        rooms(&hub, &["r1", "r2"]).await,
    );
    let mut client = gate.connect().await.expect("a client");
    for id in ["r1", "r2", "r1"] {
        gate.set_routing(For::Message, "room", only(id));
        for _ in 0..5 {
            assert_eq!(room_of(&mut client).await, id);
        }
    }
    gate.set_routing(For::Message, "room", RoundRobin::new());
    let (one, two) = (room_of(&mut client).await, room_of(&mut client).await);
    assert_ne!(one, two);
}

#[tokio::test]
async fn remote_calls_have_policies_of_their_own() {
    let hub = Hub::new();
    let (gate, _rooms) = (
        start_gate(&hub, "g1").await,
        rooms(&hub, &["r1", "r2"]).await,
    );
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    gate.set_default_routing(
        For::Remote,
        move |routed: &Routed<'_>, servers: &Candidates<'_>| {
            counter.fetch_add(1, Ordering::Relaxed);
            assert_eq!(
                (routed.route, routed.server_type),
                ("room.room.double", "room")
            );
            servers.get(0).cloned()
        },
    );
    assert_eq!(gate.rpc(DOUBLE, &21).await.expect("an answer"), 42);
    let mut client = gate.connect().await.expect("a client");
    let served: BTreeSet<_> = {
        let mut served = BTreeSet::new();
        for _ in 0..50 {
            served.insert(room_of(&mut client).await);
        }
        served
    };
    assert_eq!((served.len(), asked.load(Ordering::Relaxed)), (2, 1));
}

#[tokio::test]
async fn remote_calls_for_a_session_go_by_its_user() {
    let hub = Hub::new();
    let _rooms = rooms(&hub, &["r1", "r2", "r3", "r4"]).await;
    let functions = Functions::new("gate").request(ASK, async |session: Session, uid: String| {
        session.bind(&uid).await?;
        Ok(session.rpc(DOUBLE, &21).await?)
    });
    let cluster = Cluster::frontend(hub.bus(), hub.discovery()).id("g1");
    let gate = server("gate").register(functions).cluster(cluster);
    let gate = TestServer::start(gate).await.expect("a gate");
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    gate.set_routing(
        For::Remote,
        "room",
        move |routed: &Routed<'_>, servers: &Candidates<'_>| {
            let uid = routed.session?.uid()?;
            counter.fetch_add(1, Ordering::Relaxed);
            let chosen = ConsistentHash::by_uid().choose(routed, servers);
            assert_eq!(
                chosen.as_ref().map(|room| &room.id),
                servers.owner(uid.as_bytes()).map(|room| &room.id)
            );
            chosen
        },
    );
    for uid in ["ann", "bob"] {
        let mut client = gate.connect().await.expect("a client");
        let answer = client.request(ASK, &uid.to_owned()).await;
        assert_eq!(answer.expect("an answer"), 42);
    }
    assert_eq!(asked.load(Ordering::Relaxed), 2);
    // On the server's own account there is no user, and this policy wants one.
    gate.rpc(DOUBLE, &21).await.expect_err("nobody is chosen");
}

#[tokio::test]
async fn a_session_sticks_to_its_room_until_a_handler_moves_it() {
    let hub = Hub::new();
    let _rooms = rooms(&hub, &["r1", "r2"]).await;
    let sticky = Sticky::new(LeastInFlight);
    let mover = sticky.clone();
    let functions = Functions::new("gate").request(MOVE, move |session: Session, id: String| {
        mover.bind(&session, "room", &id);
        std::future::ready(Ok(()))
    });
    let cluster = Cluster::frontend(hub.bus(), hub.discovery()).id("g1");
    let gate = server("gate").register(functions).cluster(cluster);
    let gate = gate.routing(For::Message, "room", sticky);
    let gate = TestServer::start(gate).await.expect("a gate");
    let mut client = gate.connect().await.expect("a client");
    let first = room_of(&mut client).await;
    let _more = rooms(&hub, &["r3", "r4"]).await;
    for _ in 0..10 {
        assert_eq!(room_of(&mut client).await, first);
    }
    for id in ["r4", "r1"] {
        client.request(MOVE, &id.to_owned()).await.expect("moved");
        for _ in 0..5 {
            assert_eq!(room_of(&mut client).await, id);
        }
    }
    hub.set_fault("r1", Some(Fault::Gone));
    let next = room_of(&mut client).await;
    assert_ne!(next, "r1");
    hub.set_fault("r1", None);
    assert_eq!(room_of(&mut client).await, next);
}

#[tokio::test]
async fn a_user_meets_the_same_room_behind_every_gate() {
    let hub = Hub::new();
    let _rooms = rooms(&hub, &["r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8"]).await;
    let gates = [start_gate(&hub, "g1").await, start_gate(&hub, "g2").await];
    let mut served = Vec::new();
    for gate in &gates {
        gate.set_routing(For::Message, "room", ConsistentHash::by_uid());
        let mut client = gate.connect().await.expect("a client");
        client
            .request(BIND, &"alice".to_owned())
            .await
            .expect("bound");
        served.push(room_of(&mut client).await);
    }
    assert_eq!(served[0], served[1]);
}

#[tokio::test(start_paused = true)]
async fn a_room_that_is_back_is_used_again_within_a_second() {
    let hub = Hub::new();
    let (gate, _rooms) = (
        start_gate(&hub, "g1").await,
        rooms(&hub, &["r1", "r2"]).await,
    );
    gate.set_routing(For::Message, "room", RoundRobin::new());
    let mut client = gate.connect().await.expect("a client");
    hub.set_fault("r1", Some(Fault::Gone));
    for _ in 0..10 {
        assert_eq!(room_of(&mut client).await, "r2");
    }
    hub.set_fault("r1", None);
    tokio::time::advance(Duration::from_secs(1)).await;
    let served = [room_of(&mut client).await, room_of(&mut client).await];
    assert!(served.contains(&"r1".to_owned()), "{served:?}");
}
