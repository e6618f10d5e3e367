//! A frontend of ours and a backend of Go Pitaya: clients do not notice, and servers call each other.

use pitaya_protocol::{CloseCode, Push, Remote, Request};
use pitaya_server::cluster::Context;
use pitaya_server::testing::{TestClient, TestError, TestServer};
use pitaya_server::{Error, Functions};
use serde_json::{Value, json};

use crate::support::engines::Engines;
use crate::support::game;
use crate::support::go_peer::{Peer, listed};

const ON_PUSH: Push<Value> = Push::new("onPush");
const GO_ECHO: Remote<Text, Text> = Remote::new("hall.gameremote.echo");
const GO_FAIL: Remote<Text, Text> = Remote::new("hall.gameremote.fail");
const GO_CONTEXT: Remote<Text, Text> = Remote::new("hall.gameremote.context");

/// The argument and reply of the Go peers' remotes.
#[derive(Clone, PartialEq, prost::Message)]
struct Text {
    #[prost(string, tag = "1")]
    text: String,
}

fn text(text: &str) -> Text {
    Text {
        text: text.to_owned(),
    }
}

struct Mixed {
    gate: TestServer,
    _hall: Peer,
    hall_id: String,
    _engines: Engines,
}

impl Mixed {
    async fn start(engines: Engines) -> Self {
        let remotes = Functions::new("gameremote")
            .remote(
                Remote::new("gate.gameremote.echo"),
                async |_, said: Text| Ok(said),
            )
            .remote(
                Remote::new("gate.gameremote.fail"),
                async |_, _: Text| -> Result<Text, Error> {
                    Err(Error::new("GATE-3", "closed").with("until", "noon"))
                },
            );
        let gate = game::server("gate")
            .register(game::gate())
            .register(remotes)
            .cluster(engines.cluster("g1", true));
        let gate = TestServer::start(gate).await.expect("a gate");
        let arguments = ["-type", "hall", "-frontend=false"];
        let (hall, ready) = Peer::server(&engines, &arguments).await;
        listed(&gate, "hall").await;
        Self {
            gate,
            _hall: hall,
            hall_id: ready["id"].as_str().expect("an id").to_owned(),
            _engines: engines,
        }
    }
}

async fn ask(client: &mut TestClient, route: &'static str, body: Value) -> Value {
    let route: Request<Value, Value> = Request::new(route);
    client.request(route, &body).await.expect("an answer")
}

#[tokio::test]
async fn messages_errors_sessions_and_pushes_over_nats() {
    messages_errors_sessions_and_pushes(Engines::nats().await).await;
}

#[tokio::test]
async fn messages_errors_sessions_and_pushes_over_grpc() {
    messages_errors_sessions_and_pushes(Engines::grpc().await).await;
}

async fn messages_errors_sessions_and_pushes(engines: Engines) {
    let mixed = Mixed::start(engines).await;
    let mut client = mixed.gate.connect().await.expect("a client");
    let value = json!({"a": [1, "x", null]});
    assert_eq!(
        ask(&mut client, "hall.game.echo", value.clone()).await,
        value
    );

    let fail: Request<Value, Value> = Request::new("hall.game.fail");
    match client.request(fail, &json!({})).await {
        Err(TestError::Server(error)) => {
            assert_eq!(
                (&*error.code, &*error.msg),
                ("GAME-7", "the season is over")
            );
            assert_eq!(error.metadata["season"], "winter");
        }
        other => panic!("{other:?}"),
    }

    ask(&mut client, "hall.game.bind", json!({"uid": "ann"})).await;
    assert_eq!(mixed.gate.sessions_of("ann").len(), 1);
    ask(
        &mut client,
        "hall.game.data",
        json!({"key": "gold", "value": 7}),
    )
    .await;
    let data = client.request(game::LOCAL_DATA, &()).await.expect("data");
    assert_eq!(data["gold"], 7);
    let who = ask(&mut client, "hall.game.whoami", json!({})).await;
    assert_eq!(
        (&who["id"], &who["uid"]),
        (&json!(mixed.hall_id), &json!("ann"))
    );
    assert_eq!(who["data"]["gold"], 7, "{who}");

    ask(&mut client, "hall.game.pushme", json!({"count": 2})).await;
    for expected in ["push 1", "push 2"] {
        assert_eq!(
            client.push(ON_PUSH).await.expect("a push")["text"],
            expected
        );
    }
    let pushed = json!({"uids": ["ann"], "frontend": "gate", "text": "hi"});
    ask(&mut client, "hall.game.pushuser", pushed).await;
    assert_eq!(client.push(ON_PUSH).await.expect("a push")["text"], "hi");

    let kicked: Request<Value, Value> = Request::new("hall.game.kickuser");
    // The answer may come too late for the kicked client.
    let kick = json!({"uids": ["ann"], "frontend": "gate"});
    let _ = client.request(kicked, &kick).await;
    assert_eq!(client.closed().await.close.code, CloseCode::KICKED);
}

#[tokio::test]
async fn remote_methods_in_both_directions_over_nats() {
    remote_methods_in_both_directions(Engines::nats().await).await;
}

#[tokio::test]
async fn remote_methods_in_both_directions_over_grpc() {
    remote_methods_in_both_directions(Engines::grpc().await).await;
}

async fn remote_methods_in_both_directions(engines: Engines) {
    let mixed = Mixed::start(engines).await;
    assert_eq!(mixed.gate.rpc(GO_ECHO, &text("hi")).await, Ok(text("hi")));
    assert_eq!(
        mixed
            .gate
            .rpc_to(&mixed.hall_id, GO_ECHO, &text("you"))
            .await,
        Ok(text("you"))
    );
    let error = Error::from(
        mixed
            .gate
            .rpc(GO_FAIL, &text(""))
            .await
            .expect_err("a refusal"),
    );
    assert_eq!(
        (error.code(), error.message()),
        ("GAME-7", "the season is over")
    );
    assert_eq!(error.metadata()["season"], "winter");

    let context = Context::default().with("season", "summer");
    let seen = context.enter(mixed.gate.rpc(GO_CONTEXT, &text(""))).await;
    let seen: Value = serde_json::from_str(&seen.expect("an answer").text).expect("JSON");
    assert_eq!(
        (&seen["peer.id"], &seen["peer.service"]),
        (&json!("g1"), &json!("gate"))
    );
    assert_eq!(
        (&seen["season"], &seen["reqTimeout"]),
        (&json!("summer"), &json!("5s"))
    );

    let mut client = mixed.gate.connect().await.expect("a client");
    let echo = json!({"route": "gate.gameremote.echo", "text": "back"});
    assert_eq!(
        ask(&mut client, "hall.game.rpc", echo).await["text"],
        "back"
    );
    let fail: Request<Value, Value> = Request::new("hall.game.rpc");
    match client
        .request(fail, &json!({"route": "gate.gameremote.fail", "text": ""}))
        .await
    {
        Err(TestError::Server(error)) => {
            assert_eq!((&*error.code, &*error.msg), ("GATE-3", "closed"));
            assert_eq!(error.metadata["until"], "noon");
        }
        other => panic!("{other:?}"),
    }
}
