//! A call waits no longer than it may, and what it held is free afterwards.

use std::time::Duration;

use pitaya_server::cluster::{Bus, CallError};
use tokio::sync::mpsc;

use crate::support::grpc::{Cluster, LONG, answer, code, config, echo, request, until};

#[tokio::test]
async fn a_silent_server_is_not_waited_for() {
    let cluster = Cluster::new();
    let mut one_call = config();
    one_call.limits.pending_calls = 1;
    let gate = cluster
        .start_with("gate", "g1", one_call, |_, reply| drop(reply))
        .await;
    let (kept, mut waiting) = mpsc::unbounded_channel();
    let room = cluster
        .start_with("room", "r1", config(), move |request, reply| {
            if request.msg.as_ref().is_some_and(|msg| msg.data == "now") {
                return echo(request, reply);
            }
            kept.send(reply).expect("an open test");
        })
        .await;

    let limit = Duration::from_millis(50);
    let late = CallError::Timeout {
        server: "r1".to_owned(),
        after: limit,
    };
    let call = gate.bus.call(&room.me, request("later"), limit);
    assert_eq!(call.await, Err(late));
    let first = waiting.recv().await.expect("a request");
    // Nobody hears an answer that comes too late.
    first.send(answer("later"));

    // The place of a call is free again, after its time or when nobody wants it any more.
    until(async || {
        let call = gate.bus.call(&room.me, request("now"), LONG);
        call.await == Ok(answer("now"))
    })
    .await;
    drop(gate.bus.call(&room.me, request("later"), LONG));
    until(async || {
        let call = gate.bus.call(&room.me, request("now"), LONG);
        call.await == Ok(answer("now"))
    })
    .await;
}

#[tokio::test]
async fn a_request_that_is_dropped_is_answered() {
    let cluster = Cluster::new();
    let gate = cluster.start("gate", "g1").await;
    let room = cluster
        .start_with("room", "r1", config(), |_, reply| drop(reply))
        .await;
    let answer = gate.bus.call(&room.me, request("1"), LONG).await;
    let answer = answer.expect("an answer");
    assert_eq!(code(&answer), "PIT-500");
}
