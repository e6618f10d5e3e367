//! A frontend of Go Pitaya with its own client, and a backend of ours: neither notices.

use pitaya_server::testing::TestServer;
use serde_json::json;

use crate::support::engines::Engines;
use crate::support::game;
use crate::support::go_peer::{Peer, listed};

#[tokio::test]
async fn messages_errors_sessions_and_pushes_over_nats() {
    messages_errors_sessions_and_pushes(Engines::nats().await).await;
}

#[tokio::test]
async fn messages_errors_sessions_and_pushes_over_grpc() {
    messages_errors_sessions_and_pushes(Engines::grpc().await).await;
}

async fn messages_errors_sessions_and_pushes(engines: Engines) {
    let room = game::server("room")
        .register(game::room())
        .cluster(engines.cluster("r1", false));
    let room = TestServer::start(room).await.expect("a room");
    // It lists the room when it is ready: etcd had it before.
    let (_gate, ready) = Peer::server(&engines, &["-type", "connector"]).await;
    // Over gRPC the room knows from etcd alone where the gate is.
    listed(&room, "connector").await;
    let mut client = Peer::client(&ready).await;

    let value = json!({"a": [1, "x", null]});
    assert_eq!(client.request("room.room.echo", value.clone()).await, value);
    assert_eq!(
        client.request("room.room.fail", json!(null)).await,
        json!({"code": "ROOM-7", "msg": "no entry", "metadata": {"seats": "4"}})
    );
    let unknown = client.request("room.room.nowhere", json!(null)).await;
    assert_eq!(
        unknown,
        json!({"code": "PIT-404", "msg": "pitaya/handler: room.room.nowhere not found"})
    );

    let bound = client.request("room.room.bind", json!("ann")).await;
    assert_eq!(bound, json!(null));
    let set = client.request("room.room.set", json!(["gold", 7])).await;
    assert_eq!(set, json!(null));
    let gate = client.request("connector.game.whoami", json!({})).await;
    assert_eq!(
        (&gate["uid"], &gate["data"]["gold"]),
        (&json!("ann"), &json!(7)),
        "{gate}"
    );
    let who = client.request("room.room.who", json!(null)).await;
    assert_eq!(
        (&who["server"], &who["uid"]),
        (&json!("r1"), &json!("ann")),
        "{who}"
    );
    assert_eq!(who["data"]["gold"], 7);

    // A group of ours reaches clients of a Go frontend by their uids.
    client.request("room.room.join", json!(null)).await;
    client.notify("room.room.say", json!("hello")).await;
    assert_eq!(client.push("onLine").await, json!("hello"));
    let missed = room.push_to(["ann"], game::ON_LINE, &"you".to_owned());
    assert!(missed.expect("pushed").is_empty());
    assert_eq!(client.push("onLine").await, json!("you"));

    // Go calls a method of ours.
    let call = json!({"route": "room.room.nowhere", "text": "x"});
    let answer = client.request("connector.game.rpc", call).await;
    assert_eq!(
        (&answer["code"], &answer["msg"]),
        (&json!("PIT-404"), &json!("route not found"))
    );

    assert!(room.kick(["ann"], "enough").await.is_empty());
    client.closed().await;
}
