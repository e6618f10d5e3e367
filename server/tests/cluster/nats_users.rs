//! Pushes and kicks to users who are bound here.

use prost::Message as _;

use pitaya_server::cluster::{Bus as _, CallError};
use pitaya_server::protocol::cluster::{KickAnswer, KickMsg, Push, Response};

use crate::nats_rig::{Heard, Rig, SOON, is_heard, peer, refused, request, response, until_heard};
use crate::support::nats::Nats;

fn push(uid: &str, n: u32) -> Push {
    Push {
        route: "onLine".to_owned(),
        uid: uid.to_owned(),
        data: n.to_be_bytes().to_vec().into(),
    }
}

fn kick(uid: &str) -> KickMsg {
    KickMsg {
        user_id: uid.to_owned(),
    }
}

/// Waits until the engine knows the user's subjects, or has forgotten them.
async fn until_known(nats: &Nats, uid: &str, known: bool) {
    let peer = peer(nats).await;
    let looked = async {
        for subject in ["push", "kick"] {
            let subject = format!("pitaya/gate/user/{uid}/{subject}");
            while is_heard(&peer, &subject).await != known {}
        }
    };
    tokio::time::timeout(SOON, looked)
        .await
        .expect("users change");
}

/// The next thing that was meant.
async fn next(gate: &mut Rig) -> Heard {
    loop {
        match gate.next().await {
            Heard::Undecodable(_) => {}
            meant => return meant,
        }
    }
}

#[tokio::test]
async fn a_user_gets_pushes_and_then_the_kick() {
    let nats = Nats::start().await;
    let room = Rig::start(&nats, "room", "r1").await;
    let mut gate = Rig::start(&nats, "gate", "g1").await;
    gate.bus.add_user("u1");
    until_known(&nats, "u1", true).await;
    for n in 0..1_000 {
        room.bus
            .push_to_user("gate", push("u1", n))
            .expect("handed over");
    }
    room.bus.kick_user("gate", kick("u1")).expect("handed over");
    for n in 0..1_000 {
        let Heard::Push(heard) = next(&mut gate).await else {
            panic!("push {n}");
        };
        assert_eq!(heard, push("u1", n));
    }
    let Heard::Kick(heard) = next(&mut gate).await else {
        panic!("the kick");
    };
    assert_eq!(heard, kick("u1"));
}

#[tokio::test]
async fn who_has_left_is_not_heard_of() {
    let nats = Nats::start().await;
    let room = Rig::start(&nats, "room", "r1").await;
    let mut gate = Rig::start(&nats, "gate", "g1").await;
    gate.bus.add_user("u1");
    gate.bus.add_user("u2");
    until_known(&nats, "u1", true).await;
    gate.bus.remove_user("u1");
    until_known(&nats, "u1", false).await;
    until_known(&nats, "u2", true).await;
    room.bus
        .push_to_user("gate", push("u1", 1))
        .expect("handed over");
    room.bus
        .push_to_user("gate", push("u2", 2))
        .expect("handed over");
    assert!(matches!(next(&mut gate).await, Heard::Push(heard) if heard == push("u2", 2)));
    // And comes back.
    gate.bus.add_user("u1");
    until_known(&nats, "u1", true).await;
    room.bus
        .push_to_user("gate", push("u1", 3))
        .expect("handed over");
    assert!(matches!(next(&mut gate).await, Heard::Push(heard) if heard == push("u1", 3)));
}

#[tokio::test]
async fn peers_that_ask_are_answered() {
    let nats = Nats::start().await;
    let gate = Rig::start(&nats, "gate", "g1").await;
    let peer = peer(&nats).await;
    for uid in ["u1", "absent"] {
        gate.bus.add_user(uid);
        until_known(&nats, uid, true).await;
    }
    let ask = async |uid: &str, what: &str, message: Vec<u8>| {
        let subject = format!("pitaya/gate/user/{uid}/{what}");
        let answer = peer.request(subject, message.into()).await;
        answer.expect("an answer").payload
    };
    let answer = ask("u1", "push", push("u1", 1).encode_to_vec()).await;
    assert_eq!(Response::decode(answer), Ok(response(b"ack")));
    let answer = ask("u1", "kick", kick("u1").encode_to_vec()).await;
    assert_eq!(KickAnswer::decode(answer), Ok(KickAnswer { kicked: true }));

    for (what, message) in [
        ("push", push("absent", 1).encode_to_vec()),
        ("kick", kick("absent").encode_to_vec()),
    ] {
        let answer = Response::decode(ask("absent", what, message).await).expect("an answer");
        assert_eq!(refused(&answer), "PIT-000");
        let error = answer.error.expect("an error");
        assert_eq!(error.msg, "session not found");
        assert_eq!(
            error.metadata.get("uid").map(String::as_str),
            Some("absent")
        );
    }
}

#[tokio::test]
async fn a_push_to_nobody_is_no_error() {
    let nats = Nats::start().await;
    let room = Rig::start(&nats, "room", "r1").await;
    assert_eq!(room.bus.push_to_user("gate", push("u1", 1)), Ok(()));
    assert_eq!(room.bus.kick_user("gate", kick("u1")), Ok(()));
}

#[tokio::test]
async fn uids_that_would_be_other_subjects_do_no_harm() {
    let nats = Nats::start().await;
    let room = Rig::start(&nats, "room", "r1").await;
    let mut gate = Rig::start(&nats, "gate", "g1").await;
    let long = "u".repeat(10_000);
    let odd = [
        "",
        " ",
        "*",
        ">",
        "a.*.b",
        "a..b",
        "a\r\nSUB > 1\r\n",
        "a\tb",
        "a/b",
        "a*",
        &long,
    ];
    for uid in odd {
        gate.bus.add_user(uid);
        for refused in [
            room.bus.push_to_user("gate", push(uid, 1)),
            room.bus.kick_user("gate", kick(uid)),
            room.bus.push_to_user(uid, push("u1", 1)),
        ] {
            assert!(
                matches!(refused, Err(CallError::Unsendable(_))),
                "{uid:?}: {refused:?}"
            );
        }
    }
    for uid in ["a.b", "ü", "b@c.de"] {
        gate.bus.add_user(uid);
        until_known(&nats, uid, true).await;
        room.bus
            .push_to_user("gate", push(uid, 1))
            .expect("handed over");
        assert!(matches!(next(&mut gate).await, Heard::Push(heard) if heard.uid == uid));
    }
    for uid in odd {
        gate.bus.remove_user(uid);
    }
    // Both are still connected, and nothing else was heard.
    until_heard(&peer(&nats).await).await;
    let call = room.bus.call(&gate.me, request("still there"), SOON);
    gate.next_request().await.1.send(response(b"yes"));
    assert_eq!(call.await, Ok(response(b"yes")));
}
