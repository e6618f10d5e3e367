//! The chat's server: `chat-server [--tcp ADDRESS] [--ws ADDRESS] [--web DIR [--page ADDRESS]]`.

use std::error::Error;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use chat::room::rooms;
use chat::site::site;
use clap::Parser;
use pitaya_server::{Handle, tcp, ws};
use tokio::net::TcpListener;
use tracing_subscriber::filter::LevelFilter;

/// A chat over Pitaya.
#[derive(Parser)]
struct Arguments {
    /// Where TCP clients connect.
    #[arg(long, default_value = "127.0.0.1:3260")]
    tcp: String,
    /// Where WebSocket clients connect.
    #[arg(long, default_value = "127.0.0.1:3261")]
    ws: String,
    /// The folder with the built page; without it there is no page.
    #[arg(long, value_name = "DIR")]
    web: Option<PathBuf>,
    /// Where browsers find the page, and its connections on /ws.
    #[arg(long, default_value = "127.0.0.1:3262")]
    page: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::INFO)
        .with_target(false)
        .with_ansi(std::io::stdout().is_terminal())
        .init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("the chat server did not start: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let game = rooms()
        .listen(tcp(arguments.tcp))
        .listen(ws(arguments.ws))
        .configure(|config| {
            // Players of a demo want to be back at once, and to see how far away the server is.
            config.reconnect_spread = Duration::from_millis(500);
            config.heartbeat = Duration::from_secs(5);
        })
        .start()
        .await?;
    let page = match arguments.web {
        Some(files) => Some(open_page(&arguments.page, files, game.clone()).await?),
        None => None,
    };
    let told = stop();
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
async fn open_page(
    address: &str,
    files: PathBuf,
    game: Handle,
) -> Result<impl Future<Output = std::io::Result<()>>, Box<dyn Error>> {
    if !files.join("index.html").is_file() {
        let folder = files.display();
        return Err(
            format!("{folder} has no index.html; `cargo xtask demo` builds the page").into(),
        );
    }
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}"))?;
    let address = listener.local_addr()?;
    tracing::info!(listener = "page", %address, "listening");
    println!("\nThe chat is on http://{address}\n");
    let site = site(game, &files).into_make_service_with_connect_info::<std::net::SocketAddr>();
    Ok(axum::serve(listener, site).into_future())
}

/// Waits for the operating system's request to stop.
async fn stop() {
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
