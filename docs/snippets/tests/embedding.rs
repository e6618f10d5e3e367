//! The guide's host program serves what it accepted, and reaches its players.

use std::error::Error;

use docs_snippets::embedding::{accept_all, announce, serve_site, start};
use pitaya_client::{Client, HeaderName, HeaderValue, State};
use pitaya_server::protocol::{Framer, PacketType};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

#[tokio::test]
async fn players_of_the_host_are_known_and_reached() -> Result<(), Box<dyn Error>> {
    let game = start().await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let host = tokio::spawn(accept_all(game.clone(), listener));

    let mut player = TcpStream::connect(address).await?;
    player.write_all(b"\x01\0\0\x02{}\x02\0\0\0").await?;
    let mut framer = Framer::new(4096);
    let mut buffer = [0; 1024];
    let mut next = async |player: &mut TcpStream| loop {
        if let Some(packet) = framer.next_packet().expect("packets") {
            return (packet.kind, packet.body.to_vec());
        }
        let count = player.read(&mut buffer).await.expect("a connection");
        assert!(count > 0, "the server ended the connection");
        framer.push(&buffer[..count]);
    };
    assert_eq!(next(&mut player).await.0, PacketType::Handshake);
    // The ack was sent along, but the session may not have seen it yet.
    while announce(&game).await? == 2 {
        tokio::task::yield_now().await;
    }
    let (kind, body) = next(&mut player).await;
    assert_eq!(kind, PacketType::Data);
    assert!(body.ends_with(br#"{"text":"the shop has new hats"}"#));
    host.abort();
    Ok(())
}

#[tokio::test]
async fn a_site_with_a_game_knows_its_players_and_ends_with_them() -> Result<(), Box<dyn Error>> {
    let game = start().await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}/ws", listener.local_addr()?);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let stopped = async move { drop(stopped.await) };
    let host = tokio::spawn(serve_site(listener, game.clone(), stopped));

    assert!(
        Client::builder(&*url).connect().await.is_err(),
        "nobody has signed in"
    );
    let user = (
        HeaderName::from_static("x-user"),
        HeaderValue::from_static("alice"),
    );
    let alice = Client::builder(&*url)
        .header(user.0, user.1)
        .connect()
        .await?;
    assert_eq!(game.sessions_of("alice").len(), 1);

    let mut state = alice.state();
    stop.send(()).expect("the host waits for it");
    state.wait_for(|state| *state != State::Connected).await?;
    host.await??;
    assert_eq!(game.session_count(), 0);
    Ok(())
}
