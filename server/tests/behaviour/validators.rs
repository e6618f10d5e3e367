//! Handshake validators decide who is let in.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use pitaya_server::protocol::{Close, CloseCode, Request};
use pitaya_server::{Functions, Server, ServerBuilder, Session, TransportKind};
use tokio::time::{Instant, sleep};

use crate::support::{Hello, Rig, Via, over_all, until};

type Asked = Arc<Mutex<Vec<String>>>;

/// Two validators: a token, then a ban list. Who passes is bound.
fn builder(asked: &Asked) -> ServerBuilder {
    let game = Functions::new("game").request(
        Request::new("game.me"),
        async |session: Session, (): ()| {
            Ok((
                session.uid().as_deref().map(str::to_owned),
                session.get::<u32>("level")?,
            ))
        },
    );
    let (first, second) = (asked.clone(), asked.clone());
    Server::builder()
        .register(game)
        .validate(move |session: Session| {
            let asked = first.clone();
            async move {
                sleep(Duration::from_millis(5)).await;
                let user = &session.handshake().user;
                let name = user.get("name").and_then(|name| name.as_str());
                let Some(name) = name else {
                    return Err(Close::new(CloseCode::REFUSED).with_reason("who are you?"));
                };
                asked.lock().expect("no panic").push(format!("name {name}"));
                session.set("level", &5).expect("JSON");
                let bound = session.bind(name).await;
                bound.map_err(|error| Close::new(CloseCode::REFUSED).with_reason(error.to_string()))
            }
        })
        .validate(move |session: Session| {
            let asked = second.clone();
            async move {
                let uid = session.uid().expect("bound by the first");
                asked.lock().expect("no panic").push(format!("ban {uid}"));
                match &*uid {
                    "eve" => Err(Close::new(CloseCode::from_number(901)).with_reason("banned")),
                    "old" => Err(Close::new(CloseCode::CLIENT_TOO_OLD).with_reason("update")),
                    _ => Ok(()),
                }
            }
        })
}

#[test]
fn they_are_asked_in_order_and_what_they_set_is_there() {
    over_all(async |via| {
        let asked = Asked::default();
        let rig = Rig::start(via, builder(&asked)).await;
        let mut client = rig.client_as(Hello::ours().user("name", "ann")).await;
        let me = client.request::<(String, u32)>("game.me", &()).await;
        assert_eq!(me, Ok(("ann".into(), 5)));
        assert_eq!(*asked.lock().expect("no panic"), ["name ann", "ban ann"]);
    });
}

#[test]
fn a_refusal_tells_code_and_reason_and_asks_no_further() {
    over_all(async |via| {
        let asked = Asked::default();
        let rig = Rig::start(via, builder(&asked)).await;
        let nobody = rig.try_client(Hello::ours()).await.err();
        let close = nobody.expect("a refusal").close;
        assert_eq!(
            (close.code, close.reason()),
            (CloseCode::REFUSED, "who are you?")
        );
        assert!(asked.lock().expect("no panic").is_empty());
        let eve = rig
            .try_client(Hello::ours().user("name", "eve"))
            .await
            .err();
        let close = eve.expect("a refusal").close;
        assert_eq!(
            (close.code, close.reason()),
            (CloseCode::from_number(901), "banned")
        );
        rig.newest_close(2).await;
        // The family hears a number only, and pomelo has one for old clients.
        for (name, code) in [
            ("eve", CloseCode::REFUSED),
            ("old", CloseCode::CLIENT_TOO_OLD),
        ] {
            let refused = rig
                .try_client(Hello::family().user("name", name))
                .await
                .err();
            assert_eq!(refused.expect("a refusal").close.code, code);
        }
        let close = rig.newest_close(4).await;
        assert_eq!(close.closed.close.code, CloseCode::CLIENT_TOO_OLD);
        assert_eq!(close.uid.as_deref(), Some("old"));
        until(|| rig.session_count() == 0).await;
        assert!(rig.sessions_of("eve").is_empty());
    });
}

#[test]
fn they_see_the_peer() {
    over_all(async |via| {
        let (seen, peers) = std::sync::mpsc::channel();
        let rig = Rig::start(
            via,
            Server::builder().validate(move |session: Session| {
                seen.send(session.peer().clone()).expect("a listener");
                std::future::ready(Ok(()))
            }),
        );
        let rig = rig.await;
        let _client = rig.client().await;
        let peer = peers.recv().expect("a peer");
        let (kind, is_local) = match via {
            Via::Memory => (TransportKind::Memory, false),
            Via::Tcp => (TransportKind::Tcp, true),
            Via::Tls => (TransportKind::Tls, true),
            Via::Ws => (TransportKind::WebSocket, true),
            Via::Wss => (TransportKind::SecureWebSocket, true),
        };
        assert_eq!(peer.transport(), kind);
        assert_eq!(
            peer.address()
                .is_some_and(|address| address.ip().is_loopback()),
            is_local
        );
        assert_eq!(peer.http().is_some(), via.is_websocket());
        assert_eq!(peer.tls().is_some(), matches!(via, Via::Tls | Via::Wss));
    });
}

#[tokio::test(start_paused = true)]
async fn they_have_until_the_handshakes_deadline() {
    let never = |_: Session| std::future::pending::<Result<(), Close>>();
    let rig = Rig::start(Via::Memory, Server::builder().validate(never)).await;
    let began = Instant::now();
    let refused = rig.try_client(Hello::ours()).await;
    assert!(refused.is_err());
    assert!(began.elapsed() >= Duration::from_secs(5));
    assert!(began.elapsed() < Duration::from_secs(6));
    let close = rig.newest_close(1).await.closed.close;
    assert_eq!(close.code, CloseCode::HANDSHAKE_TIMEOUT);
    assert_eq!(rig.session_count(), 0);
}
