//! `bench`: what a message costs and what a connection holds, next to bare servers and to others of the family. See README.md.

use std::{error::Error, process::ExitCode};

use clap::{Parser, Subcommand};

mod commands;

#[derive(Debug, Parser)]
#[command(
    name = "bench",
    about = "What a message costs and what a connection holds, next to bare servers and to others of the family"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Our server, bare ones, Go Pitaya and nano in turn: processor time, latency, memory.
    Compare(commands::compare::Compare),
    /// Processor time of a request that a frontend hands to a backend, next to Go Pitaya.
    #[cfg(feature = "engines")]
    Hop(commands::hop::Hop),
    /// What bound users cost NATS and the frontends, alone and beside a server of Go.
    #[cfg(feature = "engines")]
    Users(commands::users::Users),
    /// A server of a cluster, as hop and users start it; ends with its standard input.
    #[cfg(feature = "engines")]
    Peer(commands::peer::Peer),
    /// Players of one frontend, as users starts them; ends with its standard input.
    #[cfg(feature = "engines")]
    Hold(commands::hold::Hold),
    /// Instructions of single pieces of work, compared with those that are kept.
    Counts(commands::counts::Counts),
    /// One piece of work, as counts starts it.
    Count(commands::counts::Count),
    /// Passes a client's session on to a server and keeps what it sends.
    Record(commands::record::Record),
    /// What record kept, as load: many sessions that do the same.
    Replay(commands::record::Play),
    /// The same load on any server of the family, by address and process id.
    Load(commands::load::Load),
    /// One server, as the other commands start it; ends with its standard input.
    Serve(commands::serve::Serve),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Compare(compare) => compare.run(),
        #[cfg(feature = "engines")]
        Command::Hop(hop) => hop.run(),
        #[cfg(feature = "engines")]
        Command::Users(users) => users.run(),
        #[cfg(feature = "engines")]
        Command::Hold(hold) => hold.run(),
        #[cfg(feature = "engines")]
        Command::Peer(peer) => peer.run(),
        Command::Counts(counts) => counts.run(),
        Command::Count(count) => count.run(),
        Command::Record(record) => record.run(),
        Command::Replay(play) => play.run(),
        Command::Load(load) => load.run(),
        Command::Serve(serve) => serve.run(),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("bench: {}", chain(error.as_ref()));
            ExitCode::from(2)
        }
    }
}

/// The error and everything behind it on one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
