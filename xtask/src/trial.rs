//! The trials: programs that break a cluster and measure what its players see.

use anyhow::{Context as _, Result};

use crate::{
    cluster, interop,
    need::Need,
    process::{self, Tests},
    runner::Step,
    workspace::Workspace,
};

pub(crate) const INSTALL_IP: &str = "apt-get install iproute2 (and run as root)";

/// What can be tried.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Trial {
    /// NATS and etcd are killed, and started again
    Outage,
    /// A backend is killed, and started again
    Crash,
    /// A backend is cut off from the others, one way and both ways
    Partition,
    /// Backends, then frontends, are replaced in turn while everybody plays
    Rolling,
    /// Gates of Go Pitaya and `pitaya-gate` side by side, while users sign in again and again
    Mixed,
}

impl Trial {
    const ALL: [Self; 5] = [
        Self::Outage,
        Self::Crash,
        Self::Partition,
        Self::Rolling,
        Self::Mixed,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Outage => "outage",
            Self::Crash => "crash",
            Self::Partition => "partition",
            Self::Rolling => "rolling",
            Self::Mixed => "mixed",
        }
    }
}

/// Runs one trial, or all one after another, as a release where speeds count.
pub(crate) fn run(workspace: &Workspace, trial: Option<Trial>, full: bool) -> Result<()> {
    for trial in trial.map_or_else(|| Trial::ALL.to_vec(), |trial| vec![trial]) {
        let profile: &[&str] = if full { &["--release"] } else { &[] };
        let cargo = |command, package| {
            let mut cargo = workspace.cargo([command, "--locked", "-p", package]);
            cargo.args(["--features", "engines"]).args(profile);
            cargo
        };
        let mut command = cargo("run", "pitaya-trials");
        if matches!(trial, Trial::Mixed) {
            process::run(&mut cargo("build", "pitaya-gate"))?;
            command.env(interop::PEERS, interop::build(workspace)?);
        }
        command.args(["--", trial.name()]);
        if full {
            command.arg("--full");
        }
        let name = trial.name();
        process::run(&mut command).with_context(|| format!("the trial {name} failed"))?;
    }
    Ok(())
}

/// All trials at small scale.
pub(crate) fn step() -> Step {
    Step {
        name: "trials of a cluster at small scale",
        needs: &[
            Need::Protoc,
            Need::NatsServer,
            Need::EtcdServer,
            Need::Go,
            Need::NetworkNamespaces,
        ],
        work: small,
    }
}

/// They are built with the tests of all packages, and run apart from them: not every machine has what they need.
fn small(workspace: &Workspace) -> Result<Tests> {
    let features = cluster::features().context("the engines are there")?;
    let cargo = |command| {
        let mut cargo = workspace.cargo([command, "--workspace", "--locked"]);
        cargo.args(["--features", features]);
        cargo
    };
    process::run(cargo("build").args(["--bin", "pitaya-gate"]))?;
    process::run(
        cargo("test")
            .args(["--no-fail-fast", "--test", "small"])
            .env(interop::PEERS, interop::build(workspace)?),
    )
}

/// Why no network namespace can be made here.
pub(crate) fn missing_namespaces() -> Option<String> {
    let name = format!("pitaya-{}-can", std::process::id());
    let ip = |action: &str| {
        let mut ip = std::process::Command::new("ip");
        process::read(ip.args(["netns", action, &name]))
    };
    match ip("add") {
        Ok(_) => ip("delete").err().map(|error| format!("{error:#}")),
        Err(error) => Some(format!("no network namespace can be made: {error:#}")),
    }
}
