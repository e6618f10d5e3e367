//! A request reaches the server that it is for, and its answer comes back as it was given.

use pitaya_protocol::cluster::{Error, Response};
use pitaya_server::cluster::Bus;
use tokio::sync::mpsc;

use crate::support::grpc::{Cluster, LONG, answer, config, request};

#[tokio::test]
async fn answers_come_back_untouched() {
    let cluster = Cluster::new();
    let gate = cluster.start("gate", "g1").await;
    let room = cluster.start("room", "r1").await;
    let fault = Response {
        error: Some(Error {
            code: "ROOM-001".to_owned(),
            msg: "full".to_owned(),
            metadata: [("seats".to_owned(), "4".to_owned())].into(),
        }),
        watch: true,
        ..Response::default()
    };
    let given = fault.clone();
    let shop = cluster
        .start_with("shop", "s1", config(), move |_, reply| {
            reply.send(given.clone());
        })
        .await;

    let joined = gate.bus.call(&room.me, request("join"), LONG).await;
    assert_eq!(joined, Ok(answer("join")));
    let bought = gate.bus.call(&shop.me, request("buy"), LONG).await;
    assert_eq!(bought, Ok(fault));
    // Both ways at once.
    let asked = room.bus.call(&gate.me, request("who"), LONG).await;
    assert_eq!(asked, Ok(answer("who")));
}

#[tokio::test]
async fn many_calls_are_under_way_at_one_time() {
    let cluster = Cluster::new();
    let gate = cluster.start("gate", "g1").await;
    let (kept, mut waiting) = mpsc::unbounded_channel();
    let room = cluster
        .start_with("room", "r1", config(), move |request, reply| {
            let data = request.msg.unwrap_or_default().data;
            kept.send((data, reply)).expect("an open test");
        })
        .await;

    let calls: Vec<_> = (0..500)
        .map(|number| gate.bus.call(&room.me, request(number.to_string()), LONG))
        .collect();
    // Answered when all are there, the last one first.
    let mut replies = Vec::new();
    for _ in 0..500 {
        replies.push(waiting.recv().await.expect("a request"));
    }
    for (data, reply) in replies.into_iter().rev() {
        reply.send(answer(data));
    }
    for (number, call) in calls.into_iter().enumerate() {
        assert_eq!(call.await, Ok(answer(number.to_string())));
    }
}

#[tokio::test]
async fn a_request_may_want_no_answer() {
    let cluster = Cluster::new();
    let gate = cluster.start("gate", "g1").await;
    let (told, mut heard) = mpsc::unbounded_channel();
    let room = cluster
        .start_with("room", "r1", config(), move |request, _| {
            told.send(request.msg.unwrap_or_default().data)
                .expect("an open test");
        })
        .await;

    gate.bus.tell(&room.me, request("bye")).expect("room");
    assert_eq!(heard.recv().await.as_deref(), Some(&b"bye"[..]));
}
