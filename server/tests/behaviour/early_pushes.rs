//! Pushes that are made before the client's ack wait for it, however large they are.

use pitaya_server::{Server, Session};

use crate::support::{Hello, Rig, over_all};

#[test]
fn they_arrive_first_and_do_not_hold_up_the_handshake() {
    over_all(async |via| {
        let greet = |session: Session| async move {
            let pushed = session.push_to("onWelcome", &"x".repeat(100_000));
            pushed.expect("queued");
            Ok(())
        };
        let rig = Rig::start(via, Server::builder().validate(greet)).await;
        for hello in [Hello::pomelo(), Hello::ours()] {
            let mut client = rig.client_as(hello).await;
            assert_eq!(client.push::<String>("onWelcome").await.len(), 100_000);
        }
    });
}
