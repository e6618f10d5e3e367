//! A session that floods the server does not keep others on its thread from being served.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pitaya_server::protocol::{Notify, Request};
use pitaya_server::{Functions, Server, Session};

use crate::support::{Rig, Via};

const FLOOD: usize = 2_000;

#[tokio::test]
async fn another_session_is_served_before_the_flood_is_through() {
    let handled = Arc::new(AtomicUsize::new(0));
    let count = handled.clone();
    let game = Functions::new("game")
        .notify(Notify::new("game.flood"), move |_: Session, _: u32| {
            count.fetch_add(1, Ordering::SeqCst);
            std::future::ready(())
        })
        .request(Request::new("game.echo"), async |_: Session, n: u32| Ok(n));
    let rig = Rig::start(Via::Memory, Server::builder().register(game)).await;
    let (mut flood, mut other) = (rig.client().await, rig.client().await);
    for _ in 0..FLOOD {
        flood.notify("game.flood", &1);
    }
    flood.flush().await;
    // In a task of its own: the test's is only looked at now and then.
    let count = handled.clone();
    let served = tokio::spawn(async move {
        assert_eq!(other.request("game.echo", &1).await, Ok(1));
        count.load(Ordering::SeqCst)
    });
    let before = served.await.expect("no panic");
    assert!(before < FLOOD / 2, "{before} messages came first");
    assert_eq!(flood.request("game.echo", &2).await, Ok(2));
    assert_eq!(handled.load(Ordering::SeqCst), FLOOD);
}
