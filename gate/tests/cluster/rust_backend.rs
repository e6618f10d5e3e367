//! Clients of a gate and a backend of this suite: messages, errors, bindings, pushes, and policies by name.

use pitaya_client::{Client, Push, Request};
use pitaya_server::{Error, Functions, Handle, Server, Session};
use serde_json::{Value, json};

use crate::support::{Engines, connected, until};

const ECHO: Request<Value, Value> = Request::new("room.room.echo");
const WHERE: Request<(), String> = Request::new("room.room.where");
const BIND: Request<String, ()> = Request::new("room.room.bind");
const FAIL: Request<(), ()> = Request::new("room.room.fail");
const NOWHERE: Request<(), ()> = Request::new("hall.hall.enter");
const ON_LINE: Push<String> = Push::new("onLine");

async fn room(engines: &Engines, id: &str) -> Handle {
    let functions = Functions::new("room")
        .request(
            Request::new("room.echo"),
            async |_: Session, value: Value| Ok(value),
        )
        .request(
            Request::new("room.where"),
            async |session: Session, (): ()| {
                Ok(session.server().server_id().unwrap_or_default().to_owned())
            },
        )
        .request(
            Request::new("room.bind"),
            async |session: Session, uid: String| Ok(session.bind(&uid).await?),
        )
        .request(
            Request::new("room.fail"),
            async |_: Session, (): ()| -> Result<(), Error> {
                Err(Error::new("ROOM-7", "no entry").with("seats", "4"))
            },
        );
    let room = Server::builder()
        .configure(|config| config.server_type = "room".into())
        .register(functions)
        .cluster(engines.backend(id));
    room.start().await.expect("a room")
}

async fn place(client: &Client) -> String {
    client.request(WHERE, &()).await.expect("an answer")
}

#[tokio::test]
async fn messages_errors_bindings_and_pushes_over_nats() {
    messages_errors_bindings_and_pushes(Engines::nats().await).await;
}

#[tokio::test]
async fn messages_errors_bindings_and_pushes_over_grpc() {
    messages_errors_bindings_and_pushes(Engines::grpc().await).await;
}

async fn messages_errors_bindings_and_pushes(engines: Engines) {
    let room = room(&engines, "r1").await;
    let gate = engines
        .gate(&["gate.listen.ws=127.0.0.1:0", "gate.type=gate"])
        .await;
    // A frontend is asked to bind by its address, which a room hears of a moment after the gate is ready.
    until(
        async || room.members().of_type("gate").len(),
        |gates| *gates == 1,
    )
    .await;
    for client in [gate.client().await, connected(&gate.url("ws", 1)).await] {
        let value = json!({"a": [1, "x", null]});
        let echo = async || client.request(ECHO, &value).await;
        // The gate lists the room a moment after the room has entered itself.
        let echoed = until(echo, Result::is_ok).await;
        assert_eq!(echoed.expect("an answer"), value);
        let error = client
            .request(FAIL, &())
            .await
            .expect_err("no entry")
            .to_string();
        assert!(
            error.contains("ROOM-7") && error.contains("no entry"),
            "{error}"
        );
        let error = client
            .request(NOWHERE, &())
            .await
            .expect_err("no hall")
            .to_string();
        assert!(error.contains("PIT-500"), "{error}");
    }
    let client = gate.client().await;
    let mut lines = client.subscribe(ON_LINE);
    client
        .request(BIND, &"ann".to_owned())
        .await
        .expect("bound");
    // Over gRPC it is in etcd a moment later where the user is.
    let pushed = async {
        loop {
            room.push_to(["ann"], ON_LINE, &"hi".to_owned())
                .expect("pushed");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let line = tokio::select! {
        line = lines.next() => line,
        () = pushed => None,
    };
    assert_eq!(line.expect("subscribed").expect("a text"), "hi");
    room.shutdown().await;
}

#[tokio::test]
async fn policies_are_chosen_by_name() {
    let engines = Engines::nats().await;
    let (one, two) = (room(&engines, "r1").await, room(&engines, "r2").await);
    let sticky = engines.gate(&["gate.routing=room=sticky"]).await;
    let in_turn = engines.gate(&["gate.routing_default=round-robin"]).await;
    let (kept, turned) = (sticky.client().await, in_turn.client().await);
    // Each gate lists both rooms when it sends to both.
    let seen = async |client: &Client| {
        let mut places: Vec<_> = Vec::new();
        for _ in 0..8 {
            places.push(place(client).await);
        }
        places
    };
    let by_turns = until(
        async || seen(&turned).await,
        |places| places.contains(&"r1".into()) && places.contains(&"r2".into()),
    )
    .await;
    for pair in seen(&turned).await.windows(2) {
        assert_ne!(pair[0], pair[1], "{by_turns:?}");
    }
    let places = seen(&kept).await;
    assert!(places.iter().all(|place| *place == places[0]), "{places:?}");
    one.shutdown().await;
    two.shutdown().await;
}
