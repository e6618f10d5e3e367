//! A message that is too large is refused on the side that can know, and harms no other.

use pitaya_server::cluster::{Bus, CallError};

use crate::support::grpc::{Cluster, LONG, answer, code, config, echo, push, request};

const SMALL: usize = 2_000;

#[tokio::test]
async fn requests_are_limited_where_they_are_sent_and_where_they_are_taken() {
    let cluster = Cluster::new();
    let mut small = config();
    small.limits.message_bytes = SMALL;
    let gate = cluster.start_with("gate", "g1", small.clone(), echo).await;
    let room = cluster.start("room", "r1").await;

    let too_large = gate
        .bus
        .call(&room.me, request(vec![b'x'; SMALL]), LONG)
        .await;
    assert!(
        matches!(too_large, Err(CallError::Unsendable(_))),
        "{too_large:?}"
    );
    let too_large = gate
        .bus
        .push_to_user("gate", push("u1", &"x".repeat(SMALL)));
    assert!(
        matches!(too_large, Err(CallError::Unsendable(_))),
        "{too_large:?}"
    );
    // The other server takes less than this one may send.
    let too_large = room
        .bus
        .call(&gate.me, request(vec![b'x'; SMALL]), LONG)
        .await;
    assert!(
        matches!(too_large, Err(CallError::Unsendable(_))),
        "{too_large:?}"
    );

    for (from, to) in [(&gate, &room), (&room, &gate)] {
        let data = vec![b'x'; SMALL - 100];
        let fits = from.bus.call(&to.me, request(data.clone()), LONG).await;
        assert_eq!(fits, Ok(answer(data)));
    }
}

#[tokio::test]
async fn answers_are_limited_where_they_are_sent_and_where_they_are_taken() {
    let cluster = Cluster::new();
    let mut small = config();
    small.limits.message_bytes = SMALL;
    let verbose = |_, reply: pitaya_server::cluster::Reply| reply.send(answer(vec![b'x'; SMALL]));
    let gate = cluster.start_with("gate", "g1", small, verbose).await;
    let room = cluster.start_with("room", "r1", config(), verbose).await;

    let too_large = room.bus.call(&gate.me, request("1"), LONG).await;
    assert_eq!(code(&too_large.expect("an answer")), "PIT-500");
    let too_large = gate.bus.call(&room.me, request("2"), LONG).await;
    assert!(
        matches!(too_large, Err(CallError::Unreadable { .. })),
        "{too_large:?}"
    );
}

#[tokio::test]
async fn four_mebibytes_fit() {
    let cluster = Cluster::new();
    let gate = cluster.start("gate", "g1").await;
    let room = cluster.start("room", "r1").await;
    let data = vec![b'x'; 4 * 1024 * 1024 - 100];
    let answered = gate.bus.call(&room.me, request(data.clone()), LONG).await;
    assert!(answered == Ok(answer(data)));
}
