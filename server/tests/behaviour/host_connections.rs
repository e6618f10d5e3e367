//! Connections that a host program has accepted for itself.

use std::sync::Arc;

use pitaya_server::protocol::{CloseCode, Request};
use pitaya_server::{Functions, Peer, Server, ServerBuilder, Session, TransportKind};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::support::{Client, Gate, Hello, Link, Rig, Via};

#[derive(Clone, Debug, PartialEq)]
struct Cookie(&'static str);

fn builder(gate: &Arc<Gate>) -> ServerBuilder {
    let gate = gate.clone();
    let game = Functions::new("game")
        .request(
            Request::new("game.who"),
            async |session: Session, (): ()| {
                let peer = session.peer();
                assert_eq!(peer.transport(), TransportKind::WebSocket);
                let cookie = peer.extension::<Cookie>().map(|cookie| cookie.0);
                Ok((session.uid().as_deref().map(str::to_owned), cookie))
            },
        )
        .request(Request::new("game.wait"), move |_: Session, (): ()| {
            let gate = gate.clone();
            async move {
                gate.pass().await;
                Ok(1)
            }
        });
    Server::builder().register(game)
}

#[tokio::test]
async fn a_websocket_after_its_upgrade_with_what_the_host_knows() {
    let rig = Rig::start(Via::Memory, builder(&Gate::new())).await;
    let (client, server) = tokio::io::duplex(4096);
    let handle = rig.clone();
    let peer = Peer::memory().with_uid("ann").with_extension(Cookie("c1"));
    let served = tokio::spawn(async move { handle.serve_websocket(server, peer).await });
    let io: Box<dyn crate::support::Io> = Box::new(client);
    let socket = WebSocketStream::from_raw_socket(io, Role::Client, None).await;
    let mut client = Client::open(Link::Frames(Box::new(socket)), Hello::ours())
        .await
        .expect("let in");
    let who = client.request::<(String, String)>("game.who", &()).await;
    assert_eq!(who, Ok(("ann".into(), "c1".into())));
    assert_eq!(rig.sessions_of("ann").len(), 1);
    assert!(!served.is_finished());
    client.hang_up().await;
    served.await.expect("served to its end");
    assert_eq!(rig.newest_close(1).await.closed.close.code, CloseCode::EOF);
    assert_eq!((rig.session_count(), rig.connection_count()), (0, 0));
}

#[tokio::test]
async fn a_connection_does_not_end_with_the_task_that_serves_it() {
    let gate = Gate::new();
    let rig = Rig::start(Via::Memory, builder(&gate)).await;
    let (client, server) = tokio::io::duplex(4096);
    let handle = rig.clone();
    let served = tokio::spawn(async move { handle.serve_connection(server, Peer::memory()).await });
    let mut client = Client::open(Link::Bytes(Box::new(client)), Hello::ours())
        .await
        .expect("let in");
    let id = client.send_json("game.wait", &());
    client.flush().await;
    gate.reached(1).await;
    served.abort();
    served.await.expect_err("aborted");
    gate.open(1);
    assert_eq!(client.answer(id).await, Ok(1));
}
