//! Frontends of one type, one of ours and one of Go Pitaya: a user has one session on both.

use std::time::Duration;

use pitaya_protocol::{CloseCode, Request};
use pitaya_server::testing::TestServer;
use serde_json::{Value, json};

use crate::support::engines::Engines;
use crate::support::game;
use crate::support::go_peer::{Peer, listed};

#[tokio::test]
async fn the_later_session_of_a_user_stays_over_nats() {
    the_later_session_of_a_user_stays(Engines::nats().await).await;
}

#[tokio::test]
async fn the_later_session_of_a_user_stays_over_grpc() {
    the_later_session_of_a_user_stays(Engines::grpc().await).await;
}

async fn the_later_session_of_a_user_stays(engines: Engines) {
    let gate = game::server("connector")
        .register(game::gate())
        .cluster(engines.cluster("g1", true));
    let gate = TestServer::start(gate).await.expect("a gate");
    let arguments = ["-type", "connector", "-unique"];
    let (_peer, ready) = Peer::server(&engines, &arguments).await;
    listed(&gate, "connector").await;

    let mut on_go = Peer::client(&ready).await;
    let bound = on_go.request("game.bind", json!({"uid": "ann"})).await;
    assert!(bound["code"].is_null(), "{bound}");

    let mut on_ours = gate.connect().await.expect("a client");
    let bind: Request<String, Value> = Request::new("gate.bind");
    let bound = on_ours.request(bind, &"ann".to_owned()).await;
    bound.expect("bound");
    on_go.closed().await;
    assert_eq!(gate.sessions_of("ann").len(), 1);

    // A binding of Go that comes sooner may have been made before ours.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let mut again = Peer::client(&ready).await;
    let bound = again.request("game.bind", json!({"uid": "ann"})).await;
    assert!(bound["code"].is_null(), "{bound}");
    assert_eq!(on_ours.closed().await.close.code, CloseCode::REPLACED);
    let who = again.request("game.whoami", json!({})).await;
    assert_eq!(who["uid"], "ann", "{who}");
}
