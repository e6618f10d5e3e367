//! What has ended is forgotten: sessions with their connection, a server with its last handle.

use std::sync::Arc;
use std::time::Duration;

use pitaya_server::protocol::{CloseCode, Request};
use pitaya_server::{Functions, Peer, Server, ServerBuilder, Session};

use crate::support::{Client, Hello, Link, Rig, Via, until};

/// A server of which every part that knows sessions or handles holds `token`.
fn builder(token: &Arc<()>) -> ServerBuilder {
    let (component, validator, hook) = (token.clone(), token.clone(), token.clone());
    let game = Functions::new("game").request(
        Request::new("game.join"),
        move |session: Session, (): ()| {
            let token = component.clone();
            async move {
                let server = session.server();
                let group = server.group("all").expect("a group");
                group.join(&session)?;
                session.bind("ann").await?;
                let kept = session.clone();
                session.on_close(async move |_| drop((kept, token)));
                Ok(1)
            }
        },
    );
    Server::builder()
        .register(game)
        .validate(move |_: Session| {
            let token = validator.clone();
            async move {
                drop(token);
                Ok(())
            }
        })
        .on_close(move |_, _| {
            let token = hook.clone();
            async move { drop(token) }
        })
}

#[tokio::test]
async fn nothing_keeps_a_session_that_has_ended() {
    let rig = Rig::start(Via::Memory, builder(&Arc::new(()))).await;
    rig.create_group("all").expect("a new name");
    let token = Arc::new(());
    for count in 0..20 {
        let peer = Peer::memory().with_extension(token.clone());
        let link = Link::Bytes(Box::new(rig.connect_as(peer)));
        let mut client = Client::open(link, Hello::ours()).await.expect("let in");
        assert_eq!(client.request("game.join", &()).await, Ok(1));
        let session = rig.sessions_of("ann").pop().expect("bound");
        match count % 3 {
            0 => client.hang_up().await,
            1 => session.kick("enough").await,
            _ => {
                client.say_raw(&[9, 0, 0, 0]);
                client.flush().await;
            }
        }
        session.ended().await;
    }
    until(|| Arc::strong_count(&token) == 1).await;
    assert_eq!((rig.session_count(), rig.connection_count()), (0, 0));
}

#[tokio::test]
async fn nothing_keeps_a_server_that_was_shut_down() {
    let token = Arc::new(());
    let rig = Rig::start(Via::Tcp, builder(&token)).await;
    let mut client = rig.client().await;
    rig.create_group("all").expect("a new name");
    rig.create_group_for("short", Duration::from_secs(60))
        .expect("a new name");
    let server = (*rig).clone();
    rig.spawn(async move {
        server.stopping().await;
        std::future::pending::<()>().await;
    });
    assert_eq!(client.request("game.join", &()).await, Ok(1));
    let (_, closed) = tokio::join!(rig.shutdown(), client.closed());
    assert_eq!(closed.close.code, CloseCode::DRAINING);
    drop((rig, client));
    until(|| Arc::strong_count(&token) == 1).await;
}
