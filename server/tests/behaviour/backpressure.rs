//! What the server cannot take on it does not read, and what it did not read does not count against the client.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pitaya_server::protocol::{CloseCode, Notify, Raw, Request};
use pitaya_server::{Functions, Server, ServerBuilder, Session};
use tokio::time::{Instant, timeout};

use crate::support::{Gate, Rig, Via, over_all};

const MINUTE: Duration = Duration::from_secs(60);

fn builder(gate: &Arc<Gate>, handled: &Arc<AtomicUsize>) -> ServerBuilder {
    let (gate, handled) = (gate.clone(), handled.clone());
    let count = handled.clone();
    let game = Functions::new("game")
        .request(Request::new("game.wait"), move |_: Session, (): ()| {
            let gate = gate.clone();
            async move {
                gate.pass().await;
                Ok(1)
            }
        })
        .notify(Notify::new("game.drop"), move |_: Session, _: Raw| {
            handled.fetch_add(1, Ordering::SeqCst);
            std::future::ready(())
        })
        .request(Request::new("game.large"), move |_: Session, (): ()| {
            count.fetch_add(1, Ordering::SeqCst);
            std::future::ready(Ok("x".repeat(8 * 1024)))
        });
    Server::builder().register(game).configure(|config| {
        config.compression = None;
        config.heartbeat = Duration::from_secs(2);
        config.limits.read_ahead = 4;
        config.limits.outbox_soft_bytes = 32 * 1024;
    })
}

#[tokio::test(start_paused = true)]
async fn while_a_handler_waits_little_is_read() {
    let (gate, handled) = (Gate::new(), Arc::default());
    let rig = Rig::start(Via::Memory, builder(&gate, &handled)).await;
    let mut client = rig.client().await;
    client.send_json("game.wait", &());
    for _ in 0..100 {
        client.notify("game.drop", &"x".repeat(8 * 1024));
    }
    let second = Duration::from_secs(1);
    timeout(second, client.flush())
        .await
        .expect_err("the server holds 800 KiB");
    assert_eq!(handled.load(Ordering::SeqCst), 0);
    assert_eq!(rig.session_count(), 1);
    gate.open(1);
    timeout(second, client.flush()).await.expect("read on");
    client.send_json("game.wait", &());
    gate.open(1);
    assert_eq!(client.answer::<u32>(1).await, Ok(1));
    assert_eq!(client.answer::<u32>(2).await, Ok(1));
    assert_eq!(handled.load(Ordering::SeqCst), 100);
}

#[test]
fn it_reaches_the_client_and_nothing_is_lost() {
    over_all(async |via| {
        let (gate, handled) = (Gate::new(), Arc::default());
        let builder = builder(&gate, &handled).configure(|config| {
            config.heartbeat = MINUTE;
        });
        let rig = Rig::start(via, builder).await;
        let mut client = rig.client().await;
        client.send_json("game.wait", &());
        // More than the operating system's buffers hold.
        for _ in 0..256 {
            client.notify("game.drop", &"x".repeat(64 * 1024));
        }
        // There is no event for "not read"; a slow machine only makes this look for less.
        timeout(Duration::from_millis(500), client.flush())
            .await
            .expect_err("the server holds 16 MiB");
        assert_eq!(handled.load(Ordering::SeqCst), 0);
        gate.open(2);
        client.send_json("game.wait", &());
        assert_eq!(client.answer::<u32>(2).await, Ok(1));
        assert_eq!(handled.load(Ordering::SeqCst), 256);
    });
}

#[tokio::test(start_paused = true)]
async fn heartbeats_are_seen_behind_a_handler_that_waits() {
    let gate = Gate::new();
    let rig = Rig::start(Via::Memory, builder(&gate, &Arc::default())).await;
    let mut client = rig.client().await;
    let id = client.send_json("game.wait", &());
    timeout(MINUTE, client.answer::<u32>(id))
        .await
        .expect_err("it waits");
    assert_eq!(rig.recent_closes().len(), 0);
    // The client falls silent, and that is seen as well.
    client.beats = false;
    let since = Instant::now();
    rig.session(1).expect("a session").dropped().await;
    assert!(since.elapsed() <= Duration::from_secs(6));
    let close = rig.newest_close(1).await.closed.close;
    assert_eq!(close.code, CloseCode::HEARTBEAT_TIMEOUT);
}

#[tokio::test(start_paused = true)]
async fn a_player_that_the_server_did_not_read_is_not_cut() {
    let gate = Gate::new();
    let rig = Rig::start(Via::Memory, builder(&gate, &Arc::default())).await;
    let mut client = rig.client().await;
    client.beats = false;
    for _ in 0..5 {
        client.send_json("game.wait", &());
    }
    client.flush().await;
    gate.reached(1).await;
    let session = rig.session(1).expect("a session");
    tokio::time::sleep(MINUTE).await;
    assert!(session.is_connected());
    gate.open(5);
    let since = Instant::now();
    session.dropped().await;
    let waited = since.elapsed();
    assert!(waited > Duration::from_secs(4), "{waited:?}");
    assert!(waited <= Duration::from_secs(6), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn answers_that_pile_up_stop_the_handlers_until_the_client_reads() {
    let handled = Arc::default();
    let rig = Rig::start(Via::Memory, builder(&Gate::new(), &handled)).await;
    let mut client = rig.client().await;
    for _ in 0..200 {
        client.send("game.large", b"null");
    }
    client.flush().await;
    let since = Instant::now();
    tokio::time::sleep(Duration::from_secs(1)).await;
    // 64 KiB are in the pipe, 32 KiB in the outbox, and one answer was in the making.
    let before = handled.load(Ordering::SeqCst);
    assert!((8..=13).contains(&before), "{before}");
    for id in 1..=200 {
        client.answer::<String>(id).await.expect("an answer");
    }
    // Nothing but the client's reading was needed for that.
    assert!(since.elapsed() < Duration::from_millis(1_100));
}

#[tokio::test(start_paused = true)]
async fn messages_read_ahead_wait_as_well_when_answers_pile_up() {
    let (gate, handled) = (Gate::new(), Arc::default());
    let builder = builder(&gate, &handled).configure(|config| config.limits.read_ahead = 100);
    let rig = Rig::start(Via::Memory, builder).await;
    let mut client = rig.client().await;
    client.send_json("game.wait", &());
    for _ in 0..100 {
        client.send("game.large", b"null");
    }
    client.flush().await;
    gate.reached(1).await;
    gate.open(1);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = handled.load(Ordering::SeqCst);
    assert!((8..=13).contains(&before), "{before}");
    assert_eq!(client.answer(1).await, Ok(1));
    for id in 2..=101 {
        client.answer::<String>(id).await.expect("an answer");
    }
}
