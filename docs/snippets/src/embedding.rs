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

// ANCHOR: axum
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::{Router, routing::get};
use pitaya_server::GameUpgrade;

/// Lets users play who have signed in to the site.
async fn play(State(game): State<Handle>, headers: HeaderMap, upgrade: GameUpgrade) -> Response {
    match user_of(&headers) {
        Some(user) => upgrade
            .origins(["https://play.example"])
            .with_uid(user)
            .serve(&game),
        None => (StatusCode::UNAUTHORIZED, "sign in first").into_response(),
    }
}

/// The site with its game.
pub fn site(game: Handle) -> Router {
    Router::new()
        .route("/health", get(async || "ok"))
        .route("/ws", get(play))
        .with_state(game)
}
// ANCHOR_END: axum

/// A real program looks its cookie up.
fn user_of(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-user")?.to_str().ok()
}

/// Serves the site until `stop`, then ends both.
///
/// # Errors
///
/// When the listener fails.
pub async fn serve_site(
    listener: TcpListener,
    game: Handle,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    // ANCHOR: stop
    let ending = game.clone();
    axum::serve(listener, site(game))
        .with_graceful_shutdown(async move {
            stop.await;
            ending.shutdown().await;
        })
        .await
    // ANCHOR_END: stop
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
