//! A session on a backend is a handle on the one of its frontend: it can be bound, pushed to, kicked, and has its data.

use pitaya_protocol::CloseCode;
use pitaya_server::cluster::memory::Hub;
use serde_json::{Value, json};

use crate::support::game::{
    BIND, JOIN, LEAVE, LOCAL_BIND, LOCAL_DATA, MEMBERS, ON_LINE, SAY, SET, WHO, start_gate,
    start_room,
};

#[tokio::test]
async fn it_is_bound_at_its_frontend() {
    let hub = Hub::new();
    let (gate, _room) = (start_gate(&hub, "g1").await, start_room(&hub, "r1").await);
    let mut client = gate.connect().await.expect("a client");
    client
        .request(BIND, &"alice".to_owned())
        .await
        .expect("bound");
    assert_eq!(gate.sessions_of("alice").len(), 1);
    let who = client.request(WHO, &()).await.expect("an answer");
    assert_eq!(who["uid"], "alice");
    let again = client.request(BIND, &"bob".to_owned()).await;
    assert!(again.is_err(), "{again:?}");
}

#[tokio::test]
async fn a_uid_bound_at_the_frontend_is_known() {
    let hub = Hub::new();
    let (gate, _room) = (start_gate(&hub, "g1").await, start_room(&hub, "r1").await);
    let mut client = gate.connect().await.expect("a client");
    client.request(WHO, &()).await.expect("an answer");
    client
        .request(LOCAL_BIND, &"alice".to_owned())
        .await
        .expect("bound");
    let who = client.request(WHO, &()).await.expect("an answer");
    assert_eq!(who["uid"], "alice");
}

#[tokio::test]
async fn its_data_are_merged_into_those_of_the_frontend() {
    let hub = Hub::new();
    let (gate, _one, _two) = (
        start_gate(&hub, "g1").await,
        start_room(&hub, "r1").await,
        start_room(&hub, "r2").await,
    );
    let mut client = gate.connect().await.expect("a client");
    let gold = 9_007_199_254_740_993_u64;
    for (key, value) in [
        ("gold", json!(gold)),
        ("name", json!("alice")),
        ("level", json!(3)),
    ] {
        client
            .request(SET, &(key.to_owned(), value))
            .await
            .expect("set");
    }
    client
        .request(SET, &("level".to_owned(), Value::Null))
        .await
        .expect("removed");
    let data = client.request(LOCAL_DATA, &()).await.expect("data");
    assert_eq!(data["gold"].as_u64(), Some(gold));
    assert_eq!(
        (&data["name"], &data["level"]),
        (&json!("alice"), &Value::Null)
    );
    // Whichever room is asked: it knows them.
    for _ in 0..8 {
        let who = client.request(WHO, &()).await.expect("an answer");
        assert_eq!(who["data"]["gold"].as_u64(), Some(gold), "{who}");
        assert_eq!(who["data"]["level"], Value::Null);
    }
}

#[tokio::test]
async fn a_group_of_a_backend_reaches_the_clients_of_all_frontends() {
    let hub = Hub::new();
    let (one, two) = (start_gate(&hub, "g1").await, start_gate(&hub, "g2").await);
    let _room = start_room(&hub, "r1").await;
    let mut alice = one.connect().await.expect("a client");
    let mut bob = two.connect().await.expect("a client");
    alice.request(JOIN, &()).await.expect("joined");
    bob.request(JOIN, &()).await.expect("joined");
    alice.notify(SAY, &"hello".to_owned()).await.expect("said");
    assert_eq!(alice.push(ON_LINE).await.expect("a line"), "hello");
    assert_eq!(bob.push(ON_LINE).await.expect("a line"), "hello");
}

#[tokio::test]
async fn its_end_is_told_to_the_backends_that_serve_it() {
    let hub = Hub::new();
    let (gate, room) = (start_gate(&hub, "g1").await, start_room(&hub, "r1").await);
    let mut alice = gate.connect().await.expect("a client");
    let mut bob = gate.connect().await.expect("a client");
    alice.request(JOIN, &()).await.expect("joined");
    bob.request(JOIN, &()).await.expect("joined");
    let group = room.group("all").expect("the group");
    let left = group.members();
    assert_eq!(left.len(), 2);
    drop(alice);
    // One of them ends.
    tokio::select! {
        () = left[0].ended() => {}
        () = left[1].ended() => {}
    }
    assert_eq!(bob.request(MEMBERS, &()).await.expect("a number"), 1);
}

#[tokio::test]
async fn sessions_of_a_frontend_that_is_gone_end() {
    let hub = Hub::new();
    let (gate, room) = (start_gate(&hub, "g1").await, start_room(&hub, "r1").await);
    let mut alice = gate.connect().await.expect("a client");
    alice.request(JOIN, &()).await.expect("joined");
    let session = room.group("all").expect("the group").members().remove(0);
    gate.shutdown().await;
    session.ended().await;
    assert!(room.group("all").expect("the group").is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_end_during_an_outage_is_told_afterwards() {
    let hub = Hub::new();
    let (gate, room) = (start_gate(&hub, "g1").await, start_room(&hub, "r1").await);
    let mut alice = gate.connect().await.expect("a client");
    alice.request(JOIN, &()).await.expect("joined");
    let session = room.group("all").expect("the group").members().remove(0);
    let here = gate.sessions().remove(0);
    hub.set_up(false);
    drop(alice);
    here.ended().await;
    assert!(!session.is_ended());
    hub.set_up(true);
    session.ended().await;
    assert!(room.group("all").expect("the group").is_empty());
}

#[tokio::test]
async fn it_is_kicked_with_the_reason() {
    let hub = Hub::new();
    let (gate, _room) = (start_gate(&hub, "g1").await, start_room(&hub, "r1").await);
    let mut alice = gate.connect().await.expect("a client");
    let _ = alice.request(LEAVE, &()).await;
    let closed = alice.closed().await;
    assert_eq!(closed.close.code, CloseCode::KICKED);
    assert_eq!(closed.close.reason(), "enough");
}
