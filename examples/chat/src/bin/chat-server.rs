//! The chat's server: `chat-server [--tcp ADDRESS] [--ws ADDRESS]`.

use std::error::Error;
use std::io::IsTerminal;
use std::process::ExitCode;

use chat::room::{Rooms, sign_in, signed_out};
use clap::Parser;
use pitaya_server::{Server, tcp, ws};
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
    let report = Server::builder()
        .register(Rooms)
        .validate(sign_in)
        .on_close(|session, _| signed_out(session))
        .listen(tcp(arguments.tcp))
        .listen(ws(arguments.ws))
        // Players of a demo want to be back at once.
        .configure(|config| config.reconnect_spread = std::time::Duration::from_millis(500))
        .run()
        .await?;
    tracing::info!(sessions = report.sessions, cut = report.cut, took = ?report.took, "the chat server has ended");
    Ok(())
}
