//! A shutdown lets work complete and sends nobody away for good.

use std::sync::Arc;
use std::time::Duration;

use pitaya_server::protocol::{CloseCode, Origin, Request};
use pitaya_server::{Functions, Server, ServerBuilder, Session};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::support::{Client, Gate, Hello, Rig, Via, over_all, until};

fn builder(gate: &Arc<Gate>) -> ServerBuilder {
    let gate = gate.clone();
    let game =
        Functions::new("game").request(Request::new("game.wait"), move |_: Session, (): ()| {
            let gate = gate.clone();
            async move {
                gate.pass().await;
                Ok(1)
            }
        });
    Server::builder().register(game)
}

#[test]
fn what_is_in_flight_completes_and_nobody_is_kicked() {
    over_all(async |via| {
        let gate = Gate::new();
        let rig = Rig::start(via, builder(&gate)).await;
        let mut ours = rig.client().await;
        let mut family = rig.client_as(Hello::family()).await;
        let asked = [
            ours.send_json("game.wait", &()),
            family.send_json("game.wait", &()),
        ];
        ours.flush().await;
        family.flush().await;
        gate.reached(2).await;
        let handle = rig.clone();
        let shutdown = tokio::spawn(async move { handle.shutdown().await });
        rig.stopping().await;
        gate.open(2);
        assert_eq!(ours.answer(asked[0]).await, Ok(1));
        assert_eq!(family.answer(asked[1]).await, Ok(1));

        let close = ours.closed().await.close;
        assert_eq!(close.code, CloseCode::DRAINING);
        let spread = rig.config().reconnect_spread;
        assert!(close.retry_after().expect("advice") <= spread.into());
        let closed = family.closed().await;
        assert_eq!(
            (closed.close.code, closed.origin),
            (CloseCode::EOF, Origin::Peer)
        );
        let frames = [ours.frame_code().await, family.frame_code().await];
        let expected = via.is_websocket().then_some([Some(4110), Some(1000)]);
        assert_eq!(frames, expected.unwrap_or_default());
        drop((ours, family));

        let report = shutdown.await.expect("no panic");
        assert_eq!(
            (report.sessions, report.cut, report.dropped_handlers),
            (2, 0, 0)
        );
        assert_eq!(report.errors, Vec::<String>::new());
        assert_eq!((rig.session_count(), rig.connection_count()), (0, 0));
        assert!(rig.recent_closes().iter().all(|close| {
            (close.closed.close.code, close.closed.origin) == (CloseCode::DRAINING, Origin::Local)
        }));
    });
}

#[tokio::test(start_paused = true)]
async fn after_its_deadline_handlers_are_dropped_and_reported() {
    let gate = Gate::new();
    let rig = Rig::start(Via::Memory, builder(&gate)).await;
    let mut clients: Vec<Client> = vec![rig.client().await, rig.client().await];
    for client in &mut clients {
        client.send_json("game.wait", &());
        client.flush().await;
    }
    gate.reached(2).await;
    // One client goes, its handler goes on.
    clients.remove(0).hang_up().await;
    rig.newest_close(1).await;
    let began = Instant::now();
    let report = rig.shutdown().await;
    assert_eq!(
        (report.sessions, report.cut, report.dropped_handlers),
        (1, 1, 1)
    );
    assert!(began.elapsed() >= rig.config().shutdown_timeout);
    assert!(began.elapsed() < rig.config().shutdown_timeout + Duration::from_secs(1));
    assert_eq!(report.took, began.elapsed());
    assert_eq!(
        Arc::strong_count(&gate),
        2,
        "held by the test and the component"
    );
}

#[tokio::test(start_paused = true)]
async fn sessions_without_their_client_are_not_waited_for() {
    let builder = builder(&Gate::new()).configure(|config| config.grace = Duration::from_secs(60));
    let rig = Rig::start(Via::Memory, builder).await;
    let client = rig.client().await;
    client.hang_up().await;
    rig.newest_close(1).await;
    assert_eq!(rig.session_count(), 1);
    let began = Instant::now();
    let report = rig.shutdown().await;
    assert_eq!((report.sessions, report.cut), (1, 0));
    assert!(
        began.elapsed() < Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_comes_too_late_leaves_the_client_free_to_come_back() {
    let gate = Gate::new();
    let rig = Rig::start(Via::Memory, builder(&gate)).await;
    let mut busy = rig.client().await;
    busy.send_json("game.wait", &());
    busy.flush().await;
    gate.reached(1).await;
    let late = rig.link().await;
    tokio::task::yield_now().await;
    let handle = rig.clone();
    let shutdown = tokio::spawn(async move { handle.shutdown().await });
    rig.stopping().await;
    let closed = match Client::open(late, Hello::ours()).await {
        Ok(mut client) => client.closed().await,
        Err(closed) => closed,
    };
    assert!(closed.close.code.reconnect(), "{closed:?}");
    gate.open(1);
    busy.closed().await;
    drop(busy);
    assert_eq!(shutdown.await.expect("no panic").cut, 0);
    // And whoever comes after that finds nobody.
    let nothing = rig.link().await.read_to_end().await;
    assert_eq!(nothing, Vec::<u8>::new());
}

#[tokio::test(start_paused = true)]
async fn connections_that_have_said_nothing_are_not_waited_for() {
    let rig = Rig::start(Via::Memory, Server::builder()).await;
    let mut silent = rig.link().await;
    until(|| rig.connection_count() == 1).await;
    let began = Instant::now();
    rig.shutdown().await;
    assert!(
        began.elapsed() < rig.config().limits.handshake_timeout,
        "{:?}",
        began.elapsed()
    );
    assert_eq!(silent.read_to_end().await, Vec::<u8>::new());
    let closes = rig.recent_closes();
    assert_eq!(closes[0].closed.close.code, CloseCode::DRAINING);
}

#[tokio::test]
async fn tasks_of_the_application_end_with_it() {
    let rig = Rig::start(Via::Memory, Server::builder()).await;
    let (alive, dropped) = oneshot::channel::<()>();
    rig.spawn(async move {
        std::future::pending::<()>().await;
        drop(alive);
    });
    rig.shutdown().await;
    assert!(dropped.await.is_err(), "the task was dropped");
    assert!(!rig.is_running());
}
