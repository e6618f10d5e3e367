//! Servers call methods of each other.

use std::time::Duration;

use pitaya_protocol::codes;
use pitaya_server::Error;
use pitaya_server::cluster::memory::{Fault, Hub};
use pitaya_server::cluster::{CallError, ClusterConfig, Context, RpcError};

use crate::support::game::{
    CONTEXT, DOUBLE, HANG, REFUSE, start_gate, start_room, start_room_with,
};

#[tokio::test]
async fn a_method_answers() {
    let hub = Hub::new();
    let (gate, _one, _two) = (
        start_gate(&hub, "g1").await,
        start_room(&hub, "r1").await,
        start_room(&hub, "r2").await,
    );
    assert_eq!(gate.rpc(DOUBLE, &21).await, Ok(42));
    assert_eq!(gate.rpc_to("r2", DOUBLE, &2).await, Ok(4));
    let all = gate.rpc_all(DOUBLE, &3).await.expect("a cluster");
    let mut answers: Vec<_> = all
        .into_iter()
        .map(|(from, answer)| (from.id.clone(), answer))
        .collect();
    answers.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(
        answers,
        [("r1".to_owned(), Ok(6)), ("r2".to_owned(), Ok(6))]
    );
}

#[tokio::test]
async fn its_error_keeps_code_and_details_on_the_way_to_a_client() {
    let hub = Hub::new();
    let (gate, _room) = (start_gate(&hub, "g1").await, start_room(&hub, "r1").await);
    let refused = gate.rpc(REFUSE, &()).await.expect_err("a refusal");
    let error = Error::from(refused);
    assert_eq!((error.code(), error.message()), ("ROOM-9", "not now"));
    assert_eq!(error.metadata()["some"], "meta");
}

#[tokio::test]
async fn one_that_is_not_there_is_said() {
    let hub = Hub::new();
    let (gate, _room) = (start_gate(&hub, "g1").await, start_room(&hub, "r1").await);
    let nowhere = pitaya_protocol::Remote::<(), ()>::new("room.room.nowhere");
    match gate.rpc(nowhere, &()).await {
        Err(RpcError::Refused(error)) => {
            assert_eq!(
                (&*error.code, &*error.msg),
                (codes::NOT_FOUND, "route not found")
            );
            assert_eq!(error.metadata["route"], "room.nowhere");
        }
        other => panic!("{other:?}"),
    }
    let shop = pitaya_protocol::Remote::<(), ()>::new("shop.shop.buy");
    assert!(matches!(
        gate.rpc(shop, &()).await,
        Err(RpcError::Call(CallError::NoServer { .. }))
    ));
    assert!(matches!(
        gate.rpc_to("r9", DOUBLE, &1).await,
        Err(RpcError::Call(CallError::Gone { .. }))
    ));
}

#[tokio::test]
async fn a_call_to_the_own_type_has_to_be_wanted() {
    let hub = Hub::new();
    let room = start_room(&hub, "r1").await;
    match room.rpc(DOUBLE, &1).await {
        Err(RpcError::Refused(error)) => assert!(
            error
                .msg
                .starts_with("you are making a rpc that may be processed locally"),
            "{error}"
        ),
        other => panic!("{other:?}"),
    }
    assert!(room.rpc_to("r1", DOUBLE, &1).await.is_err());
    let mut config = ClusterConfig::default();
    config.loopback = true;
    let other = start_room_with(&hub, "r2", config).await;
    assert_eq!(other.rpc(DOUBLE, &1).await, Ok(2));
    assert_eq!(other.rpc_to("r2", DOUBLE, &1).await, Ok(2));
}

#[tokio::test(start_paused = true)]
async fn a_deadline_travels_and_shrinks() {
    let hub = Hub::new();
    let (gate, _room) = (start_gate(&hub, "g1").await, start_room(&hub, "r1").await);
    let context = Context::default()
        .with("season", 3)
        .within(Duration::from_secs(2));
    let answer = context
        .clone()
        .enter(async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            gate.rpc(CONTEXT, &"season".to_owned()).await
        })
        .await;
    assert_eq!(answer, Ok("3 1500".to_owned()));
    let late = context.enter(gate.rpc(HANG, &())).await;
    assert!(late.is_err(), "{late:?}");
}

#[tokio::test]
async fn a_crashed_server_is_passed_over() {
    let hub = Hub::new();
    let (gate, _one, _two) = (
        start_gate(&hub, "g1").await,
        start_room(&hub, "r1").await,
        start_room(&hub, "r2").await,
    );
    hub.set_fault("r2", Some(Fault::Gone));
    for _ in 0..20 {
        assert_eq!(gate.rpc(DOUBLE, &1).await, Ok(2));
    }
}
