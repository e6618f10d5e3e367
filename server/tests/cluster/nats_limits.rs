//! What a server keeps in memory at most, and what happens above.

use pitaya_server::cluster::{Bus as _, CallError, NatsConfig};
use pitaya_server::protocol::cluster::Member;

use crate::nats_rig::{Rig, SOON, refused, request, response};
use crate::support::nats::Nats;

#[tokio::test]
async fn a_server_with_too_much_to_do_says_so() {
    let nats = Nats::start().await;
    let gate = Rig::start(&nats, "gate", "g1").await;
    let mut config = NatsConfig::new(nats.url());
    config.limits.taken_requests = 2;
    let mut room = Rig::start_with(config, "room", "r1").await;
    let first = gate.bus.call(&room.me, request("1"), SOON);
    gate.bus.tell(&room.me, request("2")).expect("handed over");
    let (_, reply) = room.next_request().await;
    let (_, told) = room.next_request().await;
    let third = gate.bus.call(&room.me, request("3"), SOON).await;
    assert_eq!(refused(&third.expect("an answer")), "PIT-503");

    reply.send(response(b"1"));
    drop(told);
    assert_eq!(first.await, Ok(response(b"1")));
    let fourth = gate.bus.call(&room.me, request("4"), SOON);
    room.next_request().await.1.send(response(b"4"));
    assert_eq!(fourth.await, Ok(response(b"4")));
    assert!(room.is_quiet(), "the third was not handled");
}

#[tokio::test]
async fn a_message_larger_than_the_engine_takes_is_refused_here() {
    let nats = Nats::start().await;
    let gate = Rig::start(&nats, "gate", "g1").await;
    let room = Rig::start(&nats, "room", "r1").await;
    let me = room.me.clone();
    let room = room.echo();
    let large = request(vec![0; 1024 * 1024]);
    let refused = gate.bus.call(&me, large.clone(), SOON).await;
    assert!(
        matches!(&refused, Err(CallError::Unsendable(_))),
        "{refused:?}"
    );
    assert!(matches!(
        gate.bus.tell(&me, large),
        Err(CallError::Unsendable(_))
    ));
    // The engine would have ended the connection.
    let small = gate
        .bus
        .call(&me, request(vec![0; 1024 * 1000]), SOON)
        .await;
    assert_eq!(small.map(|answer| answer.data.len()), Ok(1024 * 1000));
    room.abort();
}

#[tokio::test]
async fn an_answer_larger_than_the_engine_takes_is_an_error() {
    let nats = Nats::start().await;
    let gate = Rig::start(&nats, "gate", "g1").await;
    let mut room = Rig::start(&nats, "room", "r1").await;
    let call = gate.bus.call(&room.me, request("large"), SOON);
    room.next_request()
        .await
        .1
        .send(response(&vec![0; 2 * 1024 * 1024]));
    assert_eq!(refused(&call.await.expect("an answer")), "PIT-500");
}

#[tokio::test]
async fn what_cannot_be_queued_is_refused() {
    let nats = Nats::start().await;
    let mut config = NatsConfig::new(nats.url());
    config.limits.queued_messages = 16;
    let gate = Rig::start_with(config, "gate", "g1").await;
    let nobody = Member::new("room", "r9");
    // On this thread the client's own task does not run in between.
    let told: Vec<_> = (0..17)
        .map(|_| gate.bus.tell(&nobody, request("")))
        .collect();
    assert_eq!(told[..16], vec![Ok(()); 16]);
    assert_eq!(told[16], Err(CallError::Full));

    let mut config = NatsConfig::new(nats.url());
    config.limits.queued_bytes = 10_000;
    let gate = Rig::start_with(config, "gate", "g2").await;
    let kilobytes = || request(vec![0; 4_000]);
    assert_eq!(gate.bus.tell(&nobody, kilobytes()), Ok(()));
    assert_eq!(gate.bus.tell(&nobody, kilobytes()), Ok(()));
    assert_eq!(gate.bus.tell(&nobody, kilobytes()), Err(CallError::Full));
    // They are sent, and there is room again.
    let gone = gate.bus.call(&nobody, request(""), SOON).await;
    assert!(matches!(gone, Err(CallError::Gone { .. })), "{gone:?}");
    assert_eq!(gate.bus.tell(&nobody, kilobytes()), Ok(()));
}

#[tokio::test]
async fn answers_wait_for_room() {
    let nats = Nats::start().await;
    let gate = Rig::start(&nats, "gate", "g1").await;
    let mut config = NatsConfig::new(nats.url());
    (config.limits.queued_messages, config.limits.queued_bytes) = (4, 64);
    let mut room = Rig::start_with(config, "room", "r1").await;
    let calls: Vec<_> = (0..100)
        .map(|_| gate.bus.call(&room.me, request("x"), SOON))
        .collect();
    let mut replies = Vec::new();
    for _ in &calls {
        replies.push(room.next_request().await.1);
    }
    // All at once, on this thread.
    for reply in replies {
        reply.send(response(b"some bytes"));
    }
    for call in calls {
        assert_eq!(call.await, Ok(response(b"some bytes")));
    }
}
