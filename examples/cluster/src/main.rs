//! The chat as a cluster: `chat-cluster all` is everything in one process; with the feature `engines`, `chat-cluster gate` and
//! `chat-cluster room` are one server each, and `chat-cluster demo` starts two of both, with NATS and etcd.

#[cfg(feature = "engines")]
mod demo;
#[cfg(feature = "engines")]
mod engines;
mod listeners;

use std::error::Error;
use std::io::IsTerminal;
use std::process::ExitCode;

use chat::host::host;
use chat_cluster::gate::gate;
use chat_cluster::room::room;
use clap::Parser;
use pitaya_server::cluster::memory::Hub;
use tracing_subscriber::filter::LevelFilter;

use crate::listeners::Listeners;

/// The chat as a cluster.
#[derive(Parser)]
enum Arguments {
    /// A gate and two room servers in one process.
    All(Listeners),
    /// A gate.
    #[cfg(feature = "engines")]
    Gate {
        #[command(flatten)]
        server: engines::Server,
        #[command(flatten)]
        listeners: Listeners,
    },
    /// A room server.
    #[cfg(feature = "engines")]
    Room(engines::Server),
    /// NATS, etcd, two gates and two room servers, until Ctrl-C.
    #[cfg(feature = "engines")]
    Demo(demo::Options),
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
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    match arguments {
        Arguments::All(listeners) => {
            let hub = Hub::new();
            let mut rooms = Vec::new();
            for id in ["room-1", "room-2"] {
                rooms.push(room(id, hub.bus(), hub.discovery()).start().await?);
            }
            let gate = listeners.add_to(gate("gate-1", hub.bus(), hub.discovery()));
            host(gate.start().await?, listeners.page()).await?;
            for room in rooms {
                room.shutdown().await;
            }
            Ok(())
        }
        #[cfg(feature = "engines")]
        Arguments::Gate { server, listeners } => {
            let gate = gate(&server.id, server.bus(), server.discovery());
            let gate = listeners.add_to(gate).start().await?;
            server.joined();
            host(gate, listeners.page()).await
        }
        #[cfg(feature = "engines")]
        Arguments::Room(server) => {
            let room = room(&server.id, server.bus(), server.discovery());
            let room = room.start().await?;
            server.joined();
            host(room, None).await
        }
        #[cfg(feature = "engines")]
        Arguments::Demo(options) => demo::run(options).await,
    }
}
