//! The engine goes away and comes back: calls fail at once in between, nothing that was refused is handled later, and all subjects are heard
//! again.

use std::time::{Duration, Instant};

use pitaya_engines::Signal;
use pitaya_server::cluster::{Bus as _, CallError, NatsConfig};
use pitaya_server::protocol::cluster::{BindMsg, KickMsg, Member, Push, Response};

use crate::nats_rig::{Heard, Rig, SOON, data, peer, request, response, until_heard};
use crate::support::nats::Nats;

#[tokio::test]
async fn calls_fail_at_once_while_the_engine_is_away() {
    let mut nats = Nats::start().await;
    let gate = Rig::start(&nats, "gate", "g1").await;
    let mut room = Rig::start(&nats, "room", "r1").await;

    let lost = gate.bus.call(&room.me, request("lost"), SOON);
    let (_, late) = room.next_request().await;
    nats.stop();
    let server = "r1".to_owned();
    assert_eq!(lost.await, Err(CallError::Lost { server }));
    gate.until_up(false).await;
    room.until_up(false).await;

    for n in 0..100 {
        let begun = Instant::now();
        let refused = gate.bus.call(&room.me, request(n.to_string()), SOON).await;
        assert!(
            matches!(refused, Err(CallError::Down { .. })),
            "{refused:?}"
        );
        let told = gate.bus.tell(&room.me, request(n.to_string()));
        assert!(matches!(told, Err(CallError::Down { .. })), "{told:?}");
        assert!(begun.elapsed() < SOON / 2);
    }
    // The answer to what was lost is sent as soon as it can be, and harms nobody.
    late.send(response(b"late"));

    nats.restart().await;
    gate.until_up(true).await;
    room.until_up(true).await;
    let me = room.me.clone();
    let answered = async {
        let (asked, reply) = room.next_request().await;
        assert_eq!(data(&asked), b"again", "what was refused is not handled");
        reply.send(response(b"back"));
    };
    let (answer, ()) = tokio::join!(call_until_heard(&gate, &me), answered);
    assert_eq!(answer, Ok(response(b"back")));
    assert!(room.is_quiet());
}

/// One connection may be back before the other has asked for its subjects.
async fn call_until_heard(gate: &Rig, to: &Member) -> Result<Response, CallError> {
    loop {
        match gate.bus.call(to, request("again"), SOON).await {
            Err(CallError::Gone { .. }) => {}
            other => return other,
        }
    }
}

#[tokio::test]
async fn service_is_back_within_a_second_of_the_engine() {
    let mut nats = Nats::start().await;
    let gate = Rig::start(&nats, "gate", "g1").await;
    let room = Rig::start(&nats, "room", "r1").await;
    let me = room.me.clone();
    let room = room.echo();
    nats.stop();
    gate.until_up(false).await;
    // Long enough for the longest pause between two attempts.
    tokio::time::sleep(Duration::from_secs(2)).await;
    nats.restart().await;
    let begun = Instant::now();
    gate.until_up(true).await;
    let answer = call_until_heard(&gate, &me).await;
    assert_eq!(answer, Ok(response(b"again")));
    // A second is what is promised; the rest is for a busy machine.
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    room.abort();
}

#[tokio::test]
async fn all_subjects_are_heard_again() {
    let mut nats = Nats::start().await;
    let mut gate = Rig::start(&nats, "gate", "g1").await;
    gate.bus.add_user("before");
    gate.bus.add_user("left");
    nats.stop();
    gate.until_up(false).await;
    gate.bus.add_user("during");
    gate.bus.remove_user("left");
    nats.restart().await;
    gate.until_up(true).await;

    let other = Rig::start(&nats, "gate", "g2").await;
    // Users and subjects are heard of a moment after the connection.
    let mut heard = [false; 3];
    let all = async {
        while heard != [true; 3] {
            for uid in ["left", "before", "during"] {
                let push = Push {
                    uid: uid.to_owned(),
                    ..Push::default()
                };
                other.bus.push_to_user("gate", push).expect("handed over");
            }
            let binding = BindMsg {
                uid: "u".to_owned(),
                fid: "g2".to_owned(),
                ..BindMsg::default()
            };
            other
                .bus
                .announce_binding("gate", binding)
                .expect("handed over");
            match gate.next().await {
                Heard::Push(push) if push.uid == "before" => heard[0] = true,
                Heard::Push(push) if push.uid == "during" => heard[1] = true,
                Heard::Bound(_) => heard[2] = true,
                unexpected => panic!("{unexpected:?}"),
            }
        }
    };
    tokio::time::timeout(SOON, all)
        .await
        .expect("all are heard");
    let kick = KickMsg {
        user_id: "during".to_owned(),
    };
    other.bus.kick_user("gate", kick).expect("handed over");
    loop {
        if let Heard::Kick(kick) = gate.next().await {
            assert_eq!(kick.user_id, "during");
            return;
        }
    }
}

#[tokio::test]
async fn an_engine_that_falls_silent_is_given_up() {
    let mut nats = Nats::start().await;
    let mut config = NatsConfig::new(nats.url());
    config.ping_interval = Duration::from_millis(500);
    let mut gate = Rig::start_with(config, "gate", "g1").await;
    let call = gate.bus.call(&gate.me, request("x"), SOON);
    let (_, reply) = gate.next_request().await;
    nats.signal(Signal::SIGSTOP);
    let server = "g1".to_owned();
    assert_eq!(call.await, Err(CallError::Lost { server }));
    drop(reply);
    gate.until_up(false).await;
    nats.signal(Signal::SIGCONT);
    gate.until_up(true).await;
    nats.stop();
}

#[tokio::test]
async fn another_engine_of_the_list_takes_over() {
    let mut first = Nats::start().await;
    let second = Nats::start().await;
    let config = || NatsConfig::new(format!("{},{}", first.url(), second.url()));
    let (config, again) = (config(), config());
    let gate = Rig::start_with(config, "gate", "g1").await;
    let room = Rig::start_with(again, "room", "r1").await;
    let me = room.me.clone();
    let room = room.echo();
    first.stop();
    let answered = async {
        // Until both have found the second one.
        loop {
            let answer = gate.bus.call(&me, request("hello"), SOON).await;
            if answer == Ok(response(b"hello")) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(SOON, answered)
        .await
        .expect("the second engine serves");
    room.abort();
    until_heard(&peer(&second).await).await;
}

#[tokio::test]
async fn a_lame_duck_is_left_without_harm() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = folder.path().join("nats.conf");
    // The shortest that it allows, and so that it begins at once.
    let text = "lame_duck_duration: 30s\nlame_duck_grace_period: 1ms\n";
    std::fs::write(&config, text).expect("a file");
    let config = config.to_str().expect("plain");
    let mut nats = Nats::start_with(&["-c", config]).await;
    let gate = Rig::start(&nats, "gate", "g1").await;
    nats.signal(Signal::SIGUSR2);
    gate.until_up(false).await;
    nats.restart().await;
    gate.until_up(true).await;
}

#[tokio::test]
async fn a_server_drains_after_an_outage() {
    let mut nats = Nats::start().await;
    let gate = Rig::start(&nats, "gate", "g1").await;
    let room = Rig::start(&nats, "room", "r1").await;
    nats.stop();
    gate.until_up(false).await;
    nats.restart().await;
    gate.until_up(true).await;
    room.until_up(true).await;
    room.bus.stop_receiving().await;
    let server = "r1".to_owned();
    let refused = gate.bus.call(&room.me, request("x"), SOON).await;
    assert_eq!(refused, Err(CallError::Gone { server }));
}

#[tokio::test]
async fn a_bus_closes_while_the_engine_is_away() {
    let mut nats = Nats::start().await;
    let gate = Rig::start(&nats, "gate", "g1").await;
    nats.stop();
    gate.until_up(false).await;
    let closed = tokio::time::timeout(SOON, gate.bus.close()).await;
    closed.expect("it does not wait for the engine");
}
