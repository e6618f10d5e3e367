//! The chat's server: `chat-server [--tcp ADDRESS] [--ws ADDRESS] [--web DIR [--page ADDRESS]]`.

use std::error::Error;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use chat::host::{Page, host, lively};
use chat::room::rooms;
use clap::Parser;
use pitaya_server::{tcp, ws};
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
        .configure(lively)
        .start()
        .await?;
    let page = arguments.web.map(|files| Page {
        address: arguments.page,
        files,
    });
    host(game, page).await
}
