//! Calls over NATS: answers, their order, and servers that do not answer.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use pitaya_server::cluster::{Bus as _, CallError, NatsConfig};
use pitaya_server::protocol::cluster::{Member, Response};

use crate::nats_rig::{Rig, SOON, data, peer, refused, request, response, subscribe};
use crate::support::nats::Nats;

#[tokio::test]
async fn a_call_is_answered() {
    let nats = Nats::start().await;
    let gate = Rig::start(&nats, "gate", "g1").await;
    let mut room = Rig::start(&nats, "room", "r1").await;
    let call = gate.bus.call(&room.me, request("hello"), SOON);
    let (asked, reply) = room.next_request().await;
    assert_eq!(asked, request("hello"));
    reply.send(response(b"welcome"));
    assert_eq!(call.await, Ok(response(b"welcome")));
}

#[tokio::test]
async fn a_server_can_call_itself() {
    let nats = Nats::start().await;
    let mut room = Rig::start(&nats, "room", "r1").await;
    let call = room.bus.call(&room.me, request("hello"), SOON);
    let (asked, reply) = room.next_request().await;
    reply.send(response(&data(&asked)));
    assert_eq!(call.await, Ok(response(b"hello")));
}

#[tokio::test]
async fn a_request_that_nobody_handles_is_answered() {
    let nats = Nats::start().await;
    let gate = Rig::start(&nats, "gate", "g1").await;
    let mut room = Rig::start(&nats, "room", "r1").await;
    let call = gate.bus.call(&room.me, request("hello"), SOON);
    drop(room.next_request().await);
    let answer = call.await.expect("an answer");
    assert_eq!(refused(&answer), "PIT-500");
}

#[tokio::test]
async fn calls_arrive_in_their_order() {
    let nats = Nats::start().await;
    let gate = Rig::start(&nats, "gate", "g1").await;
    let mut room = Rig::start(&nats, "room", "r1").await;
    // Handed over before any of them is waited for.
    let calls: Vec<_> = (0..1_000_u32)
        .map(|n| gate.bus.call(&room.me, request(n.to_be_bytes()), SOON))
        .collect();
    for n in 0..1_000_u32 {
        let (asked, reply) = room.next_request().await;
        assert_eq!(data(&asked), n.to_be_bytes());
        reply.send(response(&n.to_be_bytes()));
    }
    for (n, call) in calls.into_iter().enumerate() {
        let n = u32::try_from(n).expect("small");
        assert_eq!(call.await, Ok(response(&n.to_be_bytes())));
    }
}

#[tokio::test]
async fn a_server_that_is_gone_is_known_at_once() {
    let nats = Nats::start().await;
    let gate = Rig::start(&nats, "gate", "g1").await;
    let nobody = Member::new("room", "r9");
    let begun = Instant::now();
    let gone = gate.bus.call(&nobody, request("hello"), SOON).await;
    let server = "r9".to_owned();
    assert_eq!(gone, Err(CallError::Gone { server }));
    assert!(begun.elapsed() < SOON);
}

#[tokio::test]
async fn a_silent_server_costs_the_time_that_it_had() {
    let nats = Nats::start().await;
    let gate = Rig::start(&nats, "gate", "g1").await;
    let mut room = Rig::start(&nats, "room", "r1").await;
    let after = Duration::from_millis(100);
    let call = gate.bus.call(&room.me, request("hello"), after);
    let (_, reply) = room.next_request().await;
    let server = "r1".to_owned();
    assert_eq!(call.await, Err(CallError::Timeout { server, after }));
    // An answer that comes too late is no harm.
    reply.send(response(b"late"));
    let call = gate.bus.call(&room.me, request("again"), SOON);
    room.next_request().await.1.send(response(b"in time"));
    assert_eq!(call.await, Ok(response(b"in time")));
}

#[tokio::test]
async fn a_call_without_end_waits() {
    let nats = Nats::start().await;
    let gate = Rig::start(&nats, "gate", "g1").await;
    let mut room = Rig::start(&nats, "room", "r1").await;
    let call = gate.bus.call(&room.me, request("hello"), Duration::MAX);
    room.next_request().await.1.send(response(b"welcome"));
    assert_eq!(call.await, Ok(response(b"welcome")));
}

#[tokio::test]
async fn a_dropped_call_makes_room() {
    let nats = Nats::start().await;
    let mut config = NatsConfig::new(nats.url());
    config.limits.pending_calls = 1;
    let mut room = Rig::start(&nats, "room", "r1").await;
    let gate = Rig::start_with(config, "gate", "g1").await;
    let first = gate.bus.call(&room.me, request("1"), SOON);
    let refused = gate.bus.call(&room.me, request("2"), SOON).await;
    assert_eq!(refused, Err(CallError::Full));
    drop(first);
    let third = gate.bus.call(&room.me, request("3"), SOON);
    for expected in ["1", "3"] {
        let (asked, reply) = room.next_request().await;
        assert_eq!(data(&asked), expected.as_bytes());
        reply.send(response(b""));
    }
    assert_eq!(third.await, Ok(Response::default()));
}

#[tokio::test]
async fn an_answer_that_is_none_is_an_error() {
    let nats = Nats::start().await;
    let gate = Rig::start(&nats, "gate", "g1").await;
    let peer = peer(&nats).await;
    let mut asked = subscribe(&peer, "pitaya/servers/room/r1").await;
    let call = gate
        .bus
        .call(&Member::new("room", "r1"), request("hello"), SOON);
    let reply = asked.next().await.and_then(|message| message.reply);
    let answered = peer
        .publish(reply.expect("a reply subject"), "\u{7}".into())
        .await;
    answered.expect("the engine is there");
    let error = call.await.expect_err("not an answer");
    assert!(
        matches!(&error, CallError::Unreadable { server, .. } if server == "r1"),
        "{error}"
    );
}

#[tokio::test]
async fn what_is_told_has_a_reply_subject_that_nobody_hears() {
    let nats = Nats::start().await;
    let gate = Rig::start(&nats, "gate", "g1").await;
    let mut room = Rig::start(&nats, "room", "r1").await;
    gate.bus
        .tell(&room.me, request("hello"))
        .expect("handed over");
    let (asked, reply) = room.next_request().await;
    assert_eq!(data(&asked), b"hello");
    reply.send(response(b"ack"));
    // To a server that is gone as well.
    let nobody = Member::new("room", "r9");
    gate.bus
        .tell(&nobody, request("hello"))
        .expect("handed over");
    let call = gate.bus.call(&room.me, request("again"), SOON);
    room.next_request().await.1.send(response(b"here"));
    assert_eq!(call.await, Ok(response(b"here")));
}

#[tokio::test]
async fn names_that_would_be_other_subjects_are_not_sent_to() {
    let nats = Nats::start().await;
    let gate = Rig::start(&nats, "gate", "g1").await;
    for id in ["", "a b", "*", "a..b", "a\r\nPUB x 0", &"a".repeat(4_000)] {
        let to = Member::new("room", id);
        let error = gate.bus.call(&to, request("hello"), SOON).await;
        assert!(
            matches!(error, Err(CallError::Unsendable(_))),
            "{id:?}: {error:?}"
        );
    }
    assert!(gate.bus.is_up());
}
