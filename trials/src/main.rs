//! Programs that break a cluster of real processes and print what was asked and what was measured.
//!
//! The parent starts the engines and the servers as children and plays the clients. Each trial ends with exit code 1 when a stated line is violated.

mod cluster;
mod crash;
mod fleet;
mod game;
mod load;
mod mixed;
mod namespaces;
mod outage;
mod partition;
mod report;
mod rolling;
mod server;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Parser, Subcommand};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use crate::namespaces::Namespaces;
use crate::report::Report;

/// No trial takes longer; one that hangs ends with an error, and so do its children.
const LONGEST: Duration = Duration::from_secs(15 * 60);

#[derive(Debug, Parser)]
#[command(
    name = "trials",
    about = "Breaks a cluster and measures what its players see",
    version
)]
struct Arguments {
    #[command(subcommand)]
    trial: Trial,
}

#[derive(Debug, Subcommand)]
enum Trial {
    /// NATS and etcd are killed, and started again
    Outage(Scale),
    /// A backend is killed, and started again
    Crash(Scale),
    /// A backend is cut off from the others, one way and both ways (root, Linux)
    Partition(Scale),
    /// Backends, then frontends, are replaced in turn while everybody plays
    Rolling(Scale),
    /// Gates of Go Pitaya and `pitaya-gate` side by side, while users sign in again and again
    Mixed(Scale),
    /// A server of the trials
    #[command(hide = true)]
    Serve(Box<server::Arguments>),
}

#[derive(Debug, Clone, Copy, clap::Args)]
struct Scale {
    /// As large and as strict as the README says; otherwise small, with speeds that a busy machine reaches
    #[arg(long)]
    full: bool,
}

fn main() -> ExitCode {
    match begin(Arguments::parse().trial) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn begin(trial: Trial) -> Result<bool> {
    let runtime = Runtime::new;
    match trial {
        Trial::Serve(arguments) => {
            runtime()?.block_on(server::run(*arguments))?;
            Ok(true)
        }
        Trial::Outage(Scale { full }) => runtime()?.block_on(measure(outage::run(full))),
        Trial::Crash(Scale { full }) => runtime()?.block_on(measure(crash::run(full))),
        Trial::Mixed(Scale { full }) => runtime()?.block_on(measure(mixed::run(full))),
        Trial::Rolling(Scale { full }) => runtime()?.block_on(measure(rolling::run(full))),
        Trial::Partition(Scale { full }) => {
            // Before there are other threads: those that are started from here on are in the namespace as well.
            let namespaces = Namespaces::enter()?;
            runtime()?.block_on(measure(partition::run(full, &namespaces)))
        }
    }
}

/// Runs a trial to its end, or until somebody wants it to stop: what it has started ends with it.
async fn measure(trial: impl Future<Output = Result<Report>>) -> Result<bool> {
    let mut terminated = signal(SignalKind::terminate())?;
    let report = tokio::select! {
        ended = tokio::time::timeout(LONGEST, trial) => match ended {
            Ok(ended) => ended?,
            Err(_) => bail!("the trial did not end within {LONGEST:?}"),
        },
        _ = tokio::signal::ctrl_c() => bail!("interrupted"),
        _ = terminated.recv() => bail!("terminated"),
    };
    print!("{report}");
    Ok(report.holds())
}
