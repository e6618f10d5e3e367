//! A gate of Go Pitaya and ours, of one type and with one file: a user has one session over both, and either is replaced by the other.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Engines, Peer};

async fn bind(client: &mut Peer) {
    let bound = client
        .request("hall.game.bind", json!({"uid": "ann"}))
        .await;
    assert_eq!(bound["uid"], "ann", "{bound}");
}

fn address(ready: &Value) -> String {
    format!("127.0.0.1:{}", ready["port"])
}

#[tokio::test]
async fn a_user_has_one_session_over_both_over_nats() {
    a_user_has_one_session_over_both(Engines::nats().await).await;
}

#[tokio::test]
async fn a_user_has_one_session_over_both_over_grpc() {
    a_user_has_one_session_over_both(Engines::grpc().await).await;
}

async fn a_user_has_one_session_over_both(engines: Engines) {
    let (_hall, _) = engines.go(&["-type", "hall", "-frontend=false"]).await;
    let (_go, ready) = engines.go(&["-type", "connector"]).await;
    let gate = engines.gate(&["gate.type=connector"]).await;
    let mut first = Peer::client(&address(&ready)).await;
    first.listed(2).await;
    bind(&mut first).await;

    let mut second = Peer::client(&gate.address()).await;
    bind(&mut second).await;
    first.closed().await;

    // A binding of Go that comes sooner may have been made before ours, and is not taken for the later one.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let mut third = Peer::client(&address(&ready)).await;
    bind(&mut third).await;
    second.closed().await;

    let push = json!({"uids": ["ann"], "frontend": "connector", "text": "hi"});
    let mut other = Peer::client(&gate.address()).await;
    other.request("hall.game.pushuser", push).await;
    assert_eq!(third.push("onPush").await["text"], "hi");
}

#[tokio::test]
async fn one_is_replaced_by_the_other_and_back() {
    let engines = Engines::nats().await;
    let (_hall, _) = engines.go(&["-type", "hall", "-frontend=false"]).await;
    let echo = json!({"text": "hello"});

    let (go, ready) = engines.go(&["-type", "connector"]).await;
    let mut client = Peer::client(&address(&ready)).await;
    assert_eq!(client.request("hall.game.echo", echo.clone()).await, echo);
    let mut gate = engines.gate(&["gate.type=connector"]).await;
    go.end().await;
    client.closed().await;

    let mut client = Peer::client(&gate.address()).await;
    client.listed(1).await;
    assert_eq!(client.request("hall.game.echo", echo.clone()).await, echo);
    let (_go, ready) = engines.go(&["-type", "connector"]).await;
    gate.signal(nix::sys::signal::Signal::SIGTERM);
    client.closed().await;
    assert_eq!(gate.ended().await.code(), Some(0));

    let mut client = Peer::client(&address(&ready)).await;
    client.listed(1).await;
    assert_eq!(client.request("hall.game.echo", echo.clone()).await, echo);
}
