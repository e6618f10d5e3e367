//! How the program ends: in order at the first signal, at once at the second, and before it has begun.

use std::sync::Arc;

use nix::sys::signal::Signal;
use pitaya_client::{Request, State};
use pitaya_engines::free_port;
use pitaya_server::protocol::CloseCode;
use pitaya_server::{Error, Functions, Server, Session};
use tokio::sync::Notify;

use crate::support::{Engines, get, until};

const STUCK: Request<(), ()> = Request::new("room.room.stuck");

#[tokio::test]
async fn clients_are_sent_away_and_a_report_is_logged() {
    let engines = Engines::nats().await;
    let mut gate = engines.gate(&["gate.drain.reason=a new version"]).await;
    let client = gate.client().await;
    gate.signal(Signal::SIGTERM);
    let mut state = client.state();
    let lost = state
        .wait_for(|state| matches!(state, State::Reconnecting { .. }))
        .await;
    let State::Reconnecting { cause, .. } = lost.expect("a state").clone() else {
        unreachable!("it was waited for");
    };
    assert_eq!(cause.close.code, CloseCode::DRAINING);
    assert_eq!(cause.close.reason(), "a new version");
    let report = gate.line("the gate has ended").await;
    assert_eq!(
        (&report["sessions"], &report["cut"]),
        (&1.into(), &0.into()),
        "{report}"
    );
    assert_eq!(gate.ended().await.code(), Some(0));
}

#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let engines = Engines::nats().await;
    // A request that nobody answers keeps its client, and with it the gate.
    let reached = Arc::new(Notify::new());
    let stuck = Functions::new("room").request(Request::new("room.stuck"), {
        let reached = reached.clone();
        move |_: Session, (): ()| {
            let reached = reached.clone();
            async move {
                reached.notify_one();
                std::future::pending::<Result<(), Error>>().await
            }
        }
    });
    let room = Server::builder()
        .configure(|config| config.server_type = "room".into())
        .register(stuck)
        .cluster(engines.backend("r1"));
    let _room = room.start().await.expect("a room");
    let health = format!("127.0.0.1:{}", free_port());
    let health_key = format!("gate.health={health}");
    let keys = [
        health_key.as_str(),
        "gate.request_timeout=1h",
        "gate.drain.timeout=1h",
    ];
    let mut gate = engines.gate(&keys).await;
    let client = gate.client().await;
    let asking = tokio::spawn({
        let client = client.clone();
        async move { client.request(STUCK, &()).await }
    });
    reached.notified().await;
    gate.signal(Signal::SIGINT);
    until(
        async || get(&health, "/ready").await,
        |answer| answer.contains("draining"),
    )
    .await;
    gate.signal(Signal::SIGTERM);
    gate.line("told a second time to end: clients are cut off")
        .await;
    assert_eq!(gate.ended().await.code(), Some(3));
    asking.abort();
}

#[tokio::test]
async fn what_it_cannot_have_ends_with_one() {
    let engines = Engines::nats().await;
    let gate = engines.gate(&[]).await;
    let taken = format!("gate.listen.tcp={}", gate.address());
    let mut other = engines.gate_that_starts(&[taken.as_str()]);
    assert_eq!(other.ended().await.code(), Some(1));
}
