//! A server stops taking requests, and then ends.

use std::sync::Arc;
use std::time::Duration;

use pitaya_server::cluster::{Bus as _, CallError, NatsBus, NatsConfig};

use crate::nats_rig::{Rig, SOON, data, is_heard, peer, request, response};
use crate::support::nats::Nats;

/// A call that meets a server in its last moment has no answer.
const A_MOMENT: Duration = Duration::from_millis(50);

#[tokio::test]
async fn a_server_that_drains_answers_and_asks_but_takes_nothing() {
    let nats = Nats::start().await;
    let mut gate = Rig::start(&nats, "gate", "g1").await;
    let mut room = Rig::start(&nats, "room", "r1").await;
    let taken = gate.bus.call(&room.me, request("taken"), SOON);
    let (_, reply) = room.next_request().await;

    room.bus.stop_receiving().await;
    let server = "r1".to_owned();
    let refused = gate.bus.call(&room.me, request("more"), SOON).await;
    assert_eq!(refused, Err(CallError::Gone { server }));
    reply.send(response(b"done"));
    assert_eq!(taken.await, Ok(response(b"done")));
    let asked = room.bus.call(&gate.me, request("still asking"), SOON);
    let (_, reply) = gate.next_request().await;
    reply.send(response(b"yes"));
    assert_eq!(asked.await, Ok(response(b"yes")));
    assert!(room.is_quiet() && room.bus.is_up());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_to_a_server_that_drains_is_answered_or_refused() {
    let nats = Nats::start().await;
    let gate = Arc::new(Rig::start(&nats, "gate", "g1").await);
    for n in 0..20 {
        let mut room = Rig::start(&nats, "room", &format!("r{n}")).await;
        let to = room.me.clone();
        let callers: Vec<_> = (0..16)
            .map(|_| {
                let (gate, to) = (gate.clone(), to.clone());
                tokio::spawn(async move {
                    loop {
                        match gate.bus.call(&to, request("x"), SOON).await {
                            Ok(_) => {}
                            Err(CallError::Gone { .. }) => return,
                            Err(error) => panic!("{error}"),
                        }
                    }
                })
            })
            .collect();
        for _ in 0..100 {
            room.next_request().await.1.send(response(b"x"));
        }
        let bus = room.bus.clone();
        let room = room.echo();
        bus.stop_receiving().await;
        for caller in callers {
            caller.await.expect("answered or refused");
        }
        room.abort();
    }
}

#[tokio::test]
async fn what_was_handed_over_is_sent_before_the_end() {
    let nats = Nats::start().await;
    let gate = Rig::start(&nats, "gate", "g1").await;
    let mut room = Rig::start(&nats, "room", "r1").await;
    for n in 0..1_000_u32 {
        let told = gate.bus.tell(&room.me, request(n.to_be_bytes()));
        told.expect("handed over");
    }
    let waiting = gate
        .bus
        .call(&room.me, request(1_000_u32.to_be_bytes()), SOON);
    gate.bus.close().await;
    for n in 0..=1_000_u32 {
        let (asked, _) = room.next_request().await;
        assert_eq!(data(&asked), n.to_be_bytes());
    }
    let server = "r1".to_owned();
    assert_eq!(waiting.await, Err(CallError::Lost { server }));
    let refused = gate.bus.call(&room.me, request("late"), SOON).await;
    assert!(
        matches!(refused, Err(CallError::Down { .. })),
        "{refused:?}"
    );
    assert!(!gate.bus.is_up());
    gate.bus.close().await;
}

#[tokio::test]
async fn a_closed_server_is_gone_for_the_others() {
    let nats = Nats::start().await;
    let gate = Rig::start(&nats, "gate", "g1").await;
    let room = Rig::start(&nats, "room", "r1").await;
    room.bus.close().await;
    let gone = async {
        // The engine hears of it a moment later.
        while !matches!(
            gate.bus.call(&room.me, request("x"), A_MOMENT).await,
            Err(CallError::Gone { .. })
        ) {}
    };
    tokio::time::timeout(SOON, gone).await.expect("it is gone");
}

#[tokio::test]
async fn a_bus_that_never_started_closes_as_well() {
    let nats = Nats::start().await;
    let bus = NatsBus::new(NatsConfig::new(nats.url()));
    bus.stop_receiving().await;
    bus.close().await;
    assert!(!bus.is_up());
}

#[tokio::test]
async fn a_dropped_bus_leaves_nothing_behind() {
    let nats = Nats::start().await;
    let peer = peer(&nats).await;
    let gate = Rig::start(&nats, "gate", "g1").await;
    drop(gate);
    let gone = async { while is_heard(&peer, "pitaya/servers/gate/g1").await {} };
    tokio::time::timeout(SOON, gone).await.expect("it is gone");
}
