//! The chat's process: its page, and its end.

use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use pitaya_server::{Handle, ServerConfig};
use tokio::net::TcpListener;

use crate::site::site;

/// The page: where it is, and where it comes from.
#[derive(Debug)]
pub struct Page {
    /// Where browsers find it, and its connections on `/ws`.
    pub address: String,
    /// The folder that its build wrote.
    pub files: PathBuf,
}

/// Settings of a demo: players want to be back at once, and to see how far away the server is.
pub fn lively(config: &mut ServerConfig) {
    config.reconnect_spread = Duration::from_millis(500);
    config.heartbeat = Duration::from_secs(5);
}

/// Serves players, with a page if there is one, until the operating system asks the process to stop; then shuts the server down.
///
/// # Errors
///
/// When the page cannot be served.
pub async fn host(game: Handle, page: Option<Page>) -> Result<(), Box<dyn Error>> {
    let page = match page {
        Some(page) => Some(open(page, game.clone()).await?),
        None => None,
    };
    let told = told_to_stop();
    match page {
        Some(page) => tokio::select! {
            ended = page => ended?,
            () = told => {}
        },
        None => told.await,
    }
    let report = game.shutdown().await;
    tracing::info!(sessions = report.sessions, cut = report.cut, took = ?report.took, "the chat server has ended");
    Ok(())
}

/// Listens for browsers; the future serves them.
async fn open(
    Page { address, files }: Page,
    game: Handle,
) -> Result<impl Future<Output = std::io::Result<()>>, Box<dyn Error>> {
    if !files.join("index.html").is_file() {
        let folder = files.display();
        return Err(
            format!("{folder} has no index.html; `cargo xtask demo` builds the page").into(),
        );
    }
    let listener = TcpListener::bind(&address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}"))?;
    let address = listener.local_addr()?;
    tracing::info!(listener = "page", %address, "listening");
    println!("\nThe chat is on http://{address}\n");
    let site = site(game, &files).into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(listener, site).into_future())
}

/// Waits for the operating system's request to stop.
pub async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    // Where signals cannot be listened to, the end of the process is the only end.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
