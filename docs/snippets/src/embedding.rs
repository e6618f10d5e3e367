//! A server inside of another program.

use pitaya_server::{Handle, Peer, Server, StartError};
use tokio::net::TcpListener;

use crate::routes::{Line, ON_LINE};
use crate::server::Room;

/// Starts a server that listens nowhere.
///
/// # Errors
///
/// When it cannot start.
pub async fn start() -> Result<Handle, StartError> {
    // ANCHOR: start
    let game: Handle = Server::builder().register(Room::default()).start().await?;
    // ANCHOR_END: start
    Ok(game)
}

/// Speaks to players from outside of any handler.
///
/// # Errors
///
/// When the line cannot be written.
pub async fn announce(game: &Handle) -> Result<usize, pitaya_server::PushError> {
    // ANCHOR: reach
    let line = Line {
        text: "the shop has new hats".into(),
    };
    let absent = game.push_to(["alice", "bob"], ON_LINE, &line)?;
    game.kick(["mallory"], "no cheating").await;
    // ANCHOR_END: reach
    Ok(absent.len())
}

// ANCHOR: serve
/// Serves connections to a listener of the host.
///
/// # Errors
///
/// When the listener fails.
pub async fn accept_all(game: Handle, listener: TcpListener) -> std::io::Result<()> {
    while game.is_running() {
        let (stream, address) = listener.accept().await?;
        let (game, peer) = (game.clone(), Peer::new(address).with_uid("alice"));
        tokio::spawn(async move { game.serve_connection(stream, peer).await });
    }
    Ok(())
}
// ANCHOR_END: serve
