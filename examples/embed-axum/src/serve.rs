//! Running both, and stopping both.

use std::{future::Future, io, net::SocketAddr};

use axum::Router;
use pitaya_server::{Handle, ShutdownReport};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Serves until `stop`, then ends: no new requests, and the players' sessions drain within the game server's deadline. Says what the game
/// server's shutdown did, if there is one.
///
/// # Errors
///
/// When the listener breaks.
pub async fn serve(
    listener: TcpListener,
    site: Router,
    game: Option<Handle>,
    stop: impl Future<Output = ()>,
) -> io::Result<Option<ShutdownReport>> {
    let stopped = CancellationToken::new();
    let web = axum::serve(
        listener,
        site.into_make_service_with_connect_info::<SocketAddr>(),
    )
    .with_graceful_shutdown(stopped.clone().cancelled_owned());
    // A connection that became a WebSocket is no longer axum's to wait for: its session is the game server's.
    let end = async {
        stop.await;
        stopped.cancel();
        match game {
            Some(game) => Some(game.shutdown().await),
            None => None,
        }
    };
    let (web, report) = tokio::join!(web.into_future(), end);
    web.map(|()| report)
}
