//! A client's message for another type of server is handled there, and the answer comes back as it is.

use std::time::Duration;

use pitaya_protocol::{Request, codes};
use pitaya_server::cluster::ClusterConfig;
use pitaya_server::cluster::memory::{Fault, Hub};
use pitaya_server::testing::TestError;
use serde_json::{Value, json};

use crate::support::game::{
    ECHO, ENTER, FAIL, PANIC, SLOW, WHO, start_gate, start_room, start_room_with,
};

fn refusal<T: std::fmt::Debug>(answer: Result<T, TestError>) -> (String, String) {
    match answer {
        Err(TestError::Server(error)) => (error.code, error.msg),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[tokio::test]
async fn a_message_is_handled_by_the_type_that_its_route_names() {
    let hub = Hub::new();
    let (gate, _room) = (start_gate(&hub, "g1").await, start_room(&hub, "r1").await);
    let mut client = gate.connect().await.expect("a client");
    let value = json!({"gold": 9_007_199_254_740_993_u64, "list": [1, null, "x"]});
    assert_eq!(client.request(ECHO, &value).await.expect("an echo"), value);
    let who = client.request(WHO, &()).await.expect("an answer");
    assert_eq!(who["server"], "r1");
    assert_eq!(who["uid"], Value::Null);
}

#[tokio::test]
async fn a_service_of_another_type_needs_no_type_in_its_routes() {
    let hub = Hub::new();
    let (gate, _room) = (start_gate(&hub, "g1").await, start_room(&hub, "r1").await);
    let mut client = gate.connect().await.expect("a client");
    let who: Request<(), Value> = Request::new("room.who");
    let who = client.request(who, &()).await.expect("an answer");
    assert_eq!(who["server"], "r1");
}

#[tokio::test]
async fn a_frontend_asks_in_the_name_of_a_session() {
    let hub = Hub::new();
    let gate = start_gate(&hub, "g1").await;
    let mut client = gate.connect().await.expect("a client");
    let (code, _) = refusal(client.request(ENTER, &"ann".to_owned()).await);
    assert_eq!(code, codes::INTERNAL);
    let room = start_room(&hub, "r1").await;
    let mut client = gate.connect().await.expect("a client");
    client.request(ENTER, &"bob".to_owned()).await.expect("in");
    let group = room.group("all").expect("the group");
    assert_eq!(group.uids(), ["bob".into()]);
}

#[tokio::test]
async fn errors_come_back_untouched() {
    let hub = Hub::new();
    let (gate, _room) = (start_gate(&hub, "g1").await, start_room(&hub, "r1").await);
    let mut client = gate.connect().await.expect("a client");
    match client.request(FAIL, &()).await {
        Err(TestError::Server(error)) => {
            assert_eq!((&*error.code, &*error.msg), ("ROOM-7", "no entry"));
            assert_eq!(error.metadata["seats"], "4");
        }
        other => panic!("{other:?}"),
    }
    let (code, message) = refusal(client.request(PANIC, &()).await);
    assert_eq!(
        (&*code, &*message),
        (codes::UNKNOWN, "the handler panicked")
    );
    let nowhere: Request<(), ()> = Request::new("room.room.nowhere");
    let (code, message) = refusal(client.request(nowhere, &()).await);
    assert_eq!(
        (&*code, &*message),
        (
            codes::NOT_FOUND,
            "pitaya/handler: room.room.nowhere not found"
        )
    );
}

#[tokio::test]
async fn a_type_without_servers_is_answered() {
    let hub = Hub::new();
    let gate = start_gate(&hub, "g1").await;
    let mut client = gate.connect().await.expect("a client");
    let (code, message) = refusal(client.request(ECHO, &json!(1)).await);
    assert_eq!(
        (&*code, &*message),
        (codes::INTERNAL, "no servers available of this type")
    );
}

#[tokio::test]
async fn a_crashed_server_is_passed_over() {
    let hub = Hub::new();
    let gate = start_gate(&hub, "g1").await;
    let (_one, _two) = (start_room(&hub, "r1").await, start_room(&hub, "r2").await);
    hub.set_fault("r1", Some(Fault::Gone));
    let mut client = gate.connect().await.expect("a client");
    for _ in 0..20 {
        let who = client.request(WHO, &()).await.expect("an answer");
        assert_eq!(who["server"], "r2");
    }
}

#[tokio::test(start_paused = true)]
async fn the_messages_of_a_session_are_handled_in_order_and_hold_nothing_else_up() {
    let hub = Hub::new();
    let (gate, _room) = (start_gate(&hub, "g1").await, start_room(&hub, "r1").await);
    let mut client = gate.connect().await.expect("a client");
    let began = tokio::time::Instant::now();
    let slow = client.send_request("room.room.slow", &1000_u64).await;
    let echo = client
        .send_request("room.room.echo", &json!("second"))
        .await;
    // The gate goes on meanwhile.
    let data = client
        .request(crate::support::game::LOCAL_DATA, &())
        .await
        .expect("the gate answers");
    assert!(data.is_object());
    assert!(began.elapsed() < Duration::from_secs(1));
    let answer = client.answer(echo.expect("sent")).await;
    assert_eq!(&answer.expect("the second answer")[..], b"\"second\"");
    assert!(began.elapsed() >= Duration::from_secs(1));
    client
        .answer(slow.expect("sent"))
        .await
        .expect("the first answer");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_hangs_is_a_time_out() {
    let hub = Hub::new();
    let (gate, _room) = (start_gate(&hub, "g1").await, start_room(&hub, "r1").await);
    hub.set_fault("r1", Some(Fault::Silent));
    let mut client = gate.connect().await.expect("a client");
    let (code, message) = refusal(client.request(ECHO, &json!(1)).await);
    assert_eq!(code, codes::TIMEOUT);
    assert!(
        message.contains("`r1`") && message.contains("5s"),
        "{message}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_takes_too_long_is_answered_for() {
    let hub = Hub::new();
    let mut config = ClusterConfig::default();
    config.request_timeout = Duration::from_secs(2);
    let gate = start_gate(&hub, "g1").await;
    let _room = start_room_with(&hub, "r1", config).await;
    let mut client = gate.connect().await.expect("a client");
    // The gate's limit of 5 s travels with the message and counts.
    let (code, _) = refusal(client.request(SLOW, &60_000).await);
    assert_eq!(code, codes::TIMEOUT);
}

#[tokio::test]
async fn while_the_bus_is_away_it_is_said_at_once_and_local_routes_go_on() {
    let hub = Hub::new();
    let (gate, _room) = (start_gate(&hub, "g1").await, start_room(&hub, "r1").await);
    let mut client = gate.connect().await.expect("a client");
    hub.set_up(false);
    let (code, _) = refusal(client.request(ECHO, &json!(1)).await);
    assert_eq!(code, codes::OVERLOADED);
    client
        .request(crate::support::game::LOCAL_DATA, &())
        .await
        .expect("the gate answers");
    hub.set_up(true);
    assert_eq!(
        client.request(ECHO, &json!(1)).await.expect("back"),
        json!(1)
    );
}
