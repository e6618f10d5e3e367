//! What exceeds a limit is refused at once, on either side; what is within it goes on.

use pitaya_server::cluster::{Bus, CallError};
use tokio::sync::mpsc;

use crate::support::grpc::{Cluster, LONG, answer, code, config, push, request};

#[tokio::test]
async fn a_busy_server_says_so() {
    let cluster = Cluster::new();
    let gate = cluster.start("gate", "g1").await;
    let (kept, mut waiting) = mpsc::unbounded_channel();
    let mut two = config();
    two.limits.taken_requests = 2;
    let room = cluster
        .start_with("room", "r1", two, move |_, reply| {
            kept.send(reply).expect("an open test");
        })
        .await;

    let [first, second] = ["1", "2"].map(|data| {
        let call = gate.bus.call(&room.me, request(data), LONG);
        tokio::spawn(call)
    });
    let replies = [waiting.recv().await, waiting.recv().await];
    for _ in 0..10 {
        let refused = gate.bus.call(&room.me, request("3"), LONG).await;
        assert_eq!(code(&refused.expect("an answer")), "PIT-503");
    }
    for reply in replies {
        reply.expect("a request").send(answer("ok"));
    }
    assert_eq!(first.await.expect("a call"), Ok(answer("ok")));
    assert_eq!(second.await.expect("a call"), Ok(answer("ok")));

    let third = tokio::spawn(gate.bus.call(&room.me, request("4"), LONG));
    waiting.recv().await.expect("a request").send(answer("ok"));
    assert_eq!(third.await.expect("a call"), Ok(answer("ok")));
}

#[tokio::test]
async fn a_caller_keeps_within_its_own_limits() {
    let cluster = Cluster::new();
    let mut small = config();
    small.limits.pending_calls = 1;
    small.limits.queued_pushes = 0;
    let gate = cluster
        .start_with("gate", "g1", small, |_, reply| drop(reply))
        .await;
    let (kept, mut waiting) = mpsc::unbounded_channel();
    let room = cluster
        .start_with("room", "r1", config(), move |_, reply| {
            kept.send(reply).expect("an open test");
        })
        .await;

    let first = tokio::spawn(gate.bus.call(&room.me, request("1"), LONG));
    let reply = waiting.recv().await.expect("a request");
    let second = gate.bus.call(&room.me, request("2"), LONG).await;
    assert_eq!(second, Err(CallError::Full));
    assert_eq!(gate.bus.tell(&room.me, request("3")), Err(CallError::Full));
    assert_eq!(
        gate.bus.push_to_user("gate", push("u1", "x")),
        Err(CallError::Full)
    );
    reply.send(answer("ok"));
    assert_eq!(first.await.expect("a call"), Ok(answer("ok")));
}
