//! How the application ends a session, and what its client hears of that.

use std::time::Duration;

use pitaya_server::protocol::{Close, CloseCode, Origin};
use pitaya_server::{Server, Session};
use tokio::sync::oneshot;

use crate::support::{Hello, Rig, Via, over_all};

#[test]
fn clients_of_ours_hear_everything_and_the_family_what_its_wire_has() {
    over_all(async |via| {
        let rig = Rig::start(via, Server::builder()).await;
        let moved = Close::new(CloseCode::OVERLOADED)
            .with_reason("too many here")
            .with_retry_after(Duration::from_millis(1_500))
            .with_endpoint("ws://other:1");
        let kicked = Close::new(CloseCode::KICKED).with_reason("enough");
        let none = Close::new(CloseCode::KICKED);
        let eof = Close::new(CloseCode::EOF);
        let cases = [(moved, eof), (kicked, none)];
        for (close, for_family) in cases {
            for (hello, expected) in [(Hello::ours(), &close), (Hello::family(), &for_family)] {
                let is_ours = *expected == close;
                let mut client = rig.client_as(hello).await;
                client.ready().await;
                let session = rig.sessions().pop().expect("the only session");
                let (ended, reason) = oneshot::channel();
                session.on_close(async move |closed| drop(ended.send(closed)));
                session.push_to("onLast", &"words").expect("queued");
                session.close(close.clone());
                // What was pushed before comes before.
                assert_eq!(client.push::<String>("onLast").await, "words");
                let closed = client.closed().await;
                assert_eq!((&closed.close, closed.origin), (expected, Origin::Peer));
                let frame = match (via.is_websocket(), is_ours) {
                    (false, _) => None,
                    (true, true) => Some(4000 + close.code.number()),
                    (true, false) => Some(1000),
                };
                assert_eq!(client.frame_code().await, frame);
                let reason = reason.await.expect("the hook runs");
                assert_eq!(
                    (reason.close, reason.origin),
                    (close.clone(), Origin::Local)
                );
                session.ended().await;
                session.push_to("onLast", &1).expect_err("it has ended");
            }
        }
    });
}

#[tokio::test]
async fn the_first_reason_counts() {
    let rig = Rig::start(Via::Memory, Server::builder()).await;
    let mut client = rig.client().await;
    let session: Session = rig.session(1).expect("a session");
    session.kick("enough").await;
    session.close(Close::new(CloseCode::OVERLOADED));
    assert_eq!(client.closed().await.close.code, CloseCode::KICKED);

    let mut client = rig.client().await;
    rig.session(2).expect("a session").kick("enough").await;
    let (_, closed) = tokio::join!(rig.shutdown(), client.closed());
    assert_eq!(closed.close.code, CloseCode::KICKED);
}
