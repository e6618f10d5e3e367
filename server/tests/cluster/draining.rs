//! Servers that leave: a backend loses no request, the clients of a frontend are served and pushed to until their turn comes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pitaya_protocol::CloseCode;
use pitaya_server::cluster::memory::Hub;
use pitaya_server::{DrainOptions, NotReady};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::support::game::{ECHO, HANG, LOCAL_BIND, ON_LINE, WHO, start_gate, start_room};

#[tokio::test(start_paused = true)]
async fn a_backend_that_drains_loses_no_request() {
    let hub = Hub::new();
    let gate = start_gate(&hub, "g1").await;
    let (room, other) = (start_room(&hub, "r1").await, start_room(&hub, "r2").await);
    let enough = Arc::new(AtomicBool::new(false));
    let mut players = JoinSet::new();
    for _ in 0..8 {
        let mut client = gate.connect().await.expect("a client");
        let enough = enough.clone();
        players.spawn(async move {
            let mut answers = 0;
            while !enough.load(Ordering::Relaxed) {
                client.request(ECHO, &json!(1)).await.expect("an answer");
                answers += 1;
                sleep(Duration::from_millis(1)).await;
            }
            answers
        });
    }
    sleep(Duration::from_millis(50)).await;
    let report = room.drain(DrainOptions::new()).await;
    assert_eq!((report.cut, report.dropped_handlers), (0, 0));
    sleep(Duration::from_millis(50)).await;
    enough.store(true, Ordering::Relaxed);
    let answers: u32 = players.join_all().await.into_iter().sum();
    assert!(answers > 1_000, "only {answers} in 400 ms");
    let mut client = gate.connect().await.expect("a client");
    let who = client.request(WHO, &()).await.expect("an answer");
    assert_eq!(who["server"], "r2");
    drop(other);
}

#[tokio::test(start_paused = true)]
async fn clients_of_a_frontend_are_pushed_to_until_they_go() {
    let hub = Hub::new();
    let gate = start_gate(&hub, "g1").await;
    let room = start_room(&hub, "r1").await;
    let mut alice = gate.connect().await.expect("a client");
    let mut bob = gate.connect().await.expect("a client");
    for (client, name) in [(&mut alice, "alice"), (&mut bob, "bob")] {
        let bound = client.request(LOCAL_BIND, &name.to_owned()).await;
        bound.expect("bound");
    }
    let handle = (*gate).clone();
    let drain = tokio::spawn(async move { handle.drain(DrainOptions::new().per_second(1)).await });
    assert_eq!(alice.closed().await.close.code, CloseCode::DRAINING);
    assert_eq!(gate.ready().reasons(), [NotReady::Draining]);
    assert_eq!(room.members().of_type("gate").len(), 1, "it is found");
    let missed = room.push_to(["bob"], ON_LINE, &"hello".to_owned());
    assert!(missed.expect("pushed").is_empty());
    assert_eq!(bob.push(ON_LINE).await.expect("a line"), "hello");
    let who = bob.request(WHO, &()).await.expect("an answer");
    assert_eq!(who["uid"], "bob");
    assert_eq!(bob.closed().await.close.code, CloseCode::DRAINING);
    let report = drain.await.expect("no panic");
    assert_eq!((report.sessions, report.cut), (2, 0));
    assert!(room.members().of_type("gate").is_empty());
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_requests_of_others_are_dropped_and_answered() {
    let hub = Hub::new();
    let gate = start_gate(&hub, "g1").await;
    let room = start_room(&hub, "r1").await;
    let handle = (*gate).clone();
    let began = Instant::now();
    let call = tokio::spawn(async move { handle.rpc(HANG, &()).await });
    sleep(Duration::from_millis(10)).await;
    let options = DrainOptions::new().deadline(Duration::from_secs(1));
    let report = room.drain(options).await;
    assert_eq!((report.cut, report.dropped_handlers), (0, 1));
    let answer = call.await.expect("no panic");
    assert!(answer.is_err(), "{answer:?}");
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "before its own time is over: {:?}",
        began.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_the_bus_takes_no_server_out() {
    let hub = Hub::new();
    let gate = start_gate(&hub, "g1").await;
    assert!(gate.ready().is_ready());
    hub.set_up(false);
    assert!(gate.ready().is_ready(), "local routes are served");
    assert!(gate.live(), "a restart would not bring it back");
}
