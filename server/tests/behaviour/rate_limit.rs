//! A client that sends too fast is read later, and closed when it does not stop; nothing is dropped.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use pitaya_server::protocol::{CloseCode, Notify};
use pitaya_server::{Functions, Server, ServerBuilder, Session};
use tokio::time::{Instant, sleep};

use crate::support::{Rig, Via};

type Handled = Arc<Mutex<Vec<u32>>>;

/// Ten packets per second; the handshake and the ack are the first two.
fn builder(handled: &Handled) -> ServerBuilder {
    let handled = handled.clone();
    let game =
        Functions::new("game").notify(Notify::new("game.shoot"), move |_: Session, n: u32| {
            handled.lock().expect("no panic").push(n);
            std::future::ready(())
        });
    Server::builder()
        .register(game)
        .configure(|config| config.limits.packets_per_second = Some(10))
}

#[tokio::test(start_paused = true)]
async fn a_burst_is_slowed_down_and_complete() {
    let handled = Handled::default();
    let rig = Rig::start(Via::Memory, builder(&handled)).await;
    let mut client = rig.client().await;
    for number in 0..30 {
        client.notify("game.shoot", &number);
    }
    client.flush().await;
    let mut expected = Vec::new();
    for (after, least, most) in [(1, 8, 10), (1_000, 18, 20), (1_500, 30, 30)] {
        sleep(Duration::from_millis(after)).await;
        let handled = handled.lock().expect("no panic");
        assert!((least..=most).contains(&handled.len()), "{handled:?}");
        expected = (0..30).take(handled.len()).collect();
        assert_eq!(*handled, expected);
    }
    assert_eq!(expected.len(), 30);
    assert_eq!(rig.recent_closes().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_flood_is_closed_after_the_grace() {
    let handled = Handled::default();
    let rig = Rig::start(Via::Memory, builder(&handled)).await;
    let mut client = rig.client().await;
    let began = Instant::now();
    for number in 0..1_000 {
        client.notify("game.shoot", &number);
    }
    client.flush().await;
    assert_eq!(client.closed().await.close.code, CloseCode::RATE_LIMITED);
    let took = began.elapsed();
    assert!(took >= Duration::from_secs(5), "{took:?}");
    assert!(took < Duration::from_millis(5_500), "{took:?}");
    // Until then every message was handled, in order.
    let handled = handled.lock().expect("no panic");
    assert!((58..=63).contains(&handled.len()), "{}", handled.len());
    assert!(handled.iter().copied().eq((0..).take(handled.len())));
}

#[tokio::test(start_paused = true)]
async fn heartbeats_count() {
    let rig = Rig::start(Via::Memory, builder(&Handled::default())).await;
    let mut client = rig.client().await;
    let began = Instant::now();
    client.say_raw(&[3, 0, 0, 0].repeat(1_000));
    client.flush().await;
    assert_eq!(client.closed().await.close.code, CloseCode::RATE_LIMITED);
    assert!(began.elapsed() < Duration::from_millis(5_500));
}
