//! Bytes that are no message: counted, answered where somebody waits, and nothing else suffers.

use bytes::Bytes;
use pitaya_server::cluster::Bus as _;
use pitaya_server::protocol::cluster::{Request, Response};
use prost::Message as _;

use crate::nats_rig::{Heard, Rig, SOON, ask, peer, refused, request, response};
use crate::support::nats::Nats;

#[tokio::test]
async fn requests_that_cannot_be_read_are_answered() {
    let nats = Nats::start().await;
    let peer = peer(&nats).await;
    let mut room = Rig::start(&nats, "room", "r1").await;
    let without_msg = Request {
        msg: None,
        ..request("")
    };
    for bytes in [
        Bytes::from_static(b"\xff\xff\xff"),
        Bytes::new(),
        without_msg.encode_to_vec().into(),
    ] {
        let answer = ask(peer.clone(), "pitaya/servers/room/r1", bytes).await;
        let answer = Response::decode(answer).expect("an answer");
        assert_eq!(refused(&answer), "PIT-400");
        assert!(matches!(room.next().await, Heard::Undecodable("request")));
    }
    // Where nobody waits it is only counted.
    let published = peer.publish("pitaya/servers/room/r1", "\u{7}".into()).await;
    published.expect("the engine is there");
    assert!(matches!(room.next().await, Heard::Undecodable("request")));

    let call = room.bus.call(&room.me, request("fine"), SOON);
    room.next_request().await.1.send(response(b"fine"));
    assert_eq!(call.await, Ok(response(b"fine")));
}

#[tokio::test]
async fn pushes_kicks_and_bindings_that_cannot_be_read_are_told_of() {
    let nats = Nats::start().await;
    let peer = peer(&nats).await;
    let mut gate = Rig::start(&nats, "gate", "g1").await;
    gate.bus.add_user("u1");
    for (subject, what) in [
        ("pitaya/gate/user/u1/push", "push"),
        ("pitaya/gate/user/u1/kick", "kick"),
        ("pitaya/gate/bindings", "binding"),
    ] {
        // The user is heard of a moment after the call.
        let answer = loop {
            if let Ok(answer) = peer.request(subject, "\u{7}".into()).await {
                break answer;
            }
        };
        let answer = Response::decode(answer.payload).expect("an answer");
        assert_eq!(refused(&answer), "PIT-400", "{subject}");
        let Heard::Undecodable(told) = gate.next().await else {
            panic!("{subject}");
        };
        assert_eq!(told, what);
    }
}
