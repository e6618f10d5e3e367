//! The program in front of a backend of Go Pitaya, with Go's own client: it is configured by Go's own file.

use serde_json::json;

use crate::support::{Engines, Peer};

#[tokio::test]
async fn messages_errors_sessions_and_pushes_over_nats() {
    messages_errors_sessions_and_pushes(Engines::nats().await).await;
}

#[tokio::test]
async fn messages_errors_sessions_and_pushes_over_grpc() {
    messages_errors_sessions_and_pushes(Engines::grpc().await).await;
}

async fn messages_errors_sessions_and_pushes(engines: Engines) {
    // A backend that is ready is in etcd, so that the gate lists it when it is ready.
    let (_hall, ready) = engines.go(&["-type", "hall", "-frontend=false"]).await;
    let gate = engines.gate(&[]).await;
    let mut client = Peer::client(&gate.address()).await;

    // It binds a session and pushes to it by what it knows of the gate.
    client.listed(1).await;
    let value = json!({"a": [1, "x", null]});
    assert_eq!(client.request("hall.game.echo", value.clone()).await, value);
    assert_eq!(
        client.request("hall.game.fail", json!(null)).await,
        json!({"code": "GAME-7", "msg": "the season is over", "metadata": {"season": "winter"}})
    );
    let unknown = client.request("cellar.game.echo", json!(null)).await;
    assert_eq!(unknown["code"], "PIT-500", "{unknown}");
    // What a connector's own handlers would be.
    for own in ["connector.game.echo", "game.echo"] {
        let unknown = client.request(own, json!(null)).await;
        assert_eq!(unknown["code"], "PIT-404", "{unknown}");
    }

    client
        .request("hall.game.bind", json!({"uid": "ann"}))
        .await;
    let gold = json!({"key": "gold", "value": 7});
    client.request("hall.game.data", gold.clone()).await;
    let who = client.request("hall.game.whoami", json!(null)).await;
    assert_eq!(
        (&who["uid"], &who["id"]),
        (&json!("ann"), &ready["id"]),
        "{who}"
    );
    assert_eq!(who["data"]["gold"], 7, "{who}");

    client
        .request("hall.game.pushme", json!({"count": 2}))
        .await;
    for text in ["push 1", "push 2"] {
        assert_eq!(client.push("onPush").await["text"], text);
    }
    let push = json!({"uids": ["ann"], "frontend": "connector", "text": "hi"});
    client.request("hall.game.pushuser", push).await;
    assert_eq!(client.push("onPush").await["text"], "hi");
    let mut other = Peer::client(&gate.address()).await;
    let kick = json!({"uids": ["ann"], "frontend": "connector"});
    other.request("hall.game.kickuser", kick).await;
    client.closed().await;
}
