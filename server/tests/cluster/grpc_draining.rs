//! A server that leaves finishes what is under way, in both directions, and takes nothing new.

use std::time::Duration;

use pitaya_server::cluster::{Bus, CallError};
use tokio::sync::mpsc;

use crate::support::grpc::{Cluster, LONG, answer, config, push, request, until};

#[tokio::test]
async fn what_is_under_way_is_finished() {
    let cluster = Cluster::new();
    let gate = cluster.start("gate", "g1").await;
    let (kept, mut waiting) = mpsc::unbounded_channel();
    let room = cluster
        .start_with("room", "r1", config(), move |_, reply| {
            kept.send(reply).expect("an open test");
        })
        .await;

    let calls = ["1", "2"].map(|data| tokio::spawn(gate.bus.call(&room.me, request(data), LONG)));
    let replies = [waiting.recv().await, waiting.recv().await];
    room.bus.stop_receiving().await;
    cluster.remove("r1");
    until(async || {
        let refused = gate
            .bus
            .call(&room.me, request("3"), Duration::from_millis(20));
        match refused.await {
            Err(error) => matches!(error, CallError::Gone { .. }),
            Ok(answer) => panic!("{answer:?}"),
        }
    })
    .await;
    // It still asks others, and others answer.
    let asked = room.bus.call(&gate.me, request("who"), LONG).await;
    assert_eq!(asked, Ok(answer("who")));

    let closing = room.bus.close();
    let answering = async {
        for reply in replies {
            reply.expect("a request").send(answer("ok"));
        }
    };
    tokio::join!(closing, answering);
    for call in calls {
        assert_eq!(call.await.expect("a call"), Ok(answer("ok")));
    }
    let down = room.bus.call(&gate.me, request("4"), LONG).await;
    assert!(matches!(down, Err(CallError::Down { .. })), "{down:?}");
}

#[tokio::test]
async fn what_was_handed_over_is_sent_before_the_end() {
    let cluster = Cluster::new();
    let mut gate = cluster.start("gate", "g1").await;
    let room = cluster.start("room", "r1").await;
    gate.bus.add_user("u1");
    cluster.bound_at("gate", "u1", Some("g1")).await;
    for number in 0..100 {
        let pushed = room
            .bus
            .push_to_user("gate", push("u1", &number.to_string()));
        pushed.expect("a push");
    }
    room.bus.close().await;
    drop(room);
    for number in 0..100 {
        let expected = crate::support::grpc::Event::Push(push("u1", &number.to_string()));
        assert_eq!(gate.next().await, expected);
    }
}

#[tokio::test]
async fn nobody_waits_for_a_handler_that_does_not_end() {
    let cluster = Cluster::new();
    let gate = cluster.start("gate", "g1").await;
    let (kept, mut waiting) = mpsc::unbounded_channel();
    let room = cluster
        .start_with("room", "r1", config(), move |_, reply| {
            kept.send(reply).expect("an open test");
        })
        .await;
    let call = tokio::spawn(gate.bus.call(&room.me, request("1"), LONG));
    let _reply = waiting.recv().await.expect("a request");
    tokio::time::timeout(LONG, room.bus.close())
        .await
        .expect("an end");
    let lost = CallError::Lost {
        server: "r1".to_owned(),
    };
    assert_eq!(call.await.expect("a call"), Err(lost));
}
