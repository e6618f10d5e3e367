//! The bench programs, built as a release.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::{
    ffi::{csharp, kotlin},
    interop,
    need::Need,
    process::Tests,
    runner::Step,
    screen,
    wasm::{self, Mode, package},
    workspace::Workspace,
};

/// What can be measured.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Figure {
    /// Our server, bare ones, Go Pitaya and nano in turn: processor time, latency, memory
    Compare,
    /// Instructions of single pieces of work, under valgrind, compared with those that are kept
    Counts,
    /// Processor time of a request that a frontend hands to a backend, next to Go Pitaya
    Hop,
    /// What bound users cost NATS and the frontends, alone and beside a server of Go
    Users,
    /// The browser client in Chromium: requests, pushes, connecting
    Web,
    /// The native library: a request's round trip through each language, next to the Rust client
    Ffi,
}

/// Options of the comparison, which is what is measured when nothing else is named.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Shape {
    /// Compare all servers in less than three minutes
    #[arg(long)]
    quick: bool,
    /// Print one line of JSON per run, and nothing else, to standard output
    #[arg(long)]
    json: bool,
}

/// Measures one figure, with further options of the bench program.
pub(crate) fn run(
    workspace: &Workspace,
    figure: Option<Figure>,
    shape: Shape,
    options: &[String],
) -> Result<()> {
    let figure = figure.unwrap_or(Figure::Compare);
    if !matches!(figure, Figure::Compare) && (shape.quick || shape.json) {
        bail!("--quick and --json are options of compare; those of {figure:?} go after --");
    }
    match figure {
        Figure::Compare => compare(workspace, shape, options),
        Figure::Counts => counts(workspace, options),
        Figure::Hop | Figure::Users => match missing_engine() {
            None => clusters(workspace, figure, options),
            Some(missing) => bail!(missing),
        },
        Figure::Web => web(workspace, options),
        Figure::Ffi => ffi(workspace, options),
    }
}

/// Measures all servers of the family that can be built here; the JSON and the chart go into the target folder.
fn compare(workspace: &Workspace, shape: Shape, options: &[String]) -> Result<()> {
    if shape.json {
        screen::leave_output();
    }
    let folder = workspace.metadata().target_directory.as_std_path();
    let mut all = vec![
        "--output".to_owned(),
        folder.join("bench").display().to_string(),
    ];
    match Need::Go.missing() {
        None => {
            let programs = interop::build(workspace)?;
            all.extend(["--go".to_owned(), programs.display().to_string()]);
        }
        Some(missing) => screen::warning(&format!(
            "GO PITAYA AND NANO ARE LEFT OUT: {}; {}",
            missing.why, missing.install
        )),
    }
    let flags = [("--quick", shape.quick), ("--json", shape.json)];
    all.extend(
        flags
            .iter()
            .filter(|(_, on)| *on)
            .map(|(flag, _)| (*flag).to_owned()),
    );
    all.extend_from_slice(options);
    native(workspace, "compare", &[], &all)
}

/// Tells when a piece of work has come to take more instructions than before, which no noise of the machine can do.
pub(crate) fn step() -> Step {
    Step {
        name: "instruction counts",
        needs: &[Need::Valgrind],
        work: |workspace| counts(workspace, &[]).map(|()| Tests::default()),
    }
}

fn counts(workspace: &Workspace, options: &[String]) -> Result<()> {
    let kept = workspace.root().join("bench/instructions.json");
    let mut all = vec!["--kept".to_owned(), kept.display().to_string()];
    all.extend_from_slice(options);
    native(workspace, "counts", &[], &all)
}

/// Runs a command of the crate `pitaya-bench`, built with these features.
fn native(workspace: &Workspace, name: &str, features: &[&str], options: &[String]) -> Result<()> {
    let mut command: Command =
        workspace.cargo(["run", "--release", "--locked", "-p", "pitaya-bench"]);
    for feature in features {
        command.args(["--features", feature]);
    }
    finish(command.args(["--", name]).args(options), name)
}

/// What a cluster's servers need and this machine has not, with the command that installs it.
fn missing_engine() -> Option<String> {
    let missing = [Need::Protoc, Need::NatsServer, Need::EtcdServer]
        .into_iter()
        .find_map(Need::missing)?;
    Some(format!("{}; {}", missing.why, missing.install))
}

/// Measures our servers of a cluster, and those of Go where they can be built.
fn clusters(workspace: &Workspace, figure: Figure, options: &[String]) -> Result<()> {
    let mut options = options.to_vec();
    match Need::Go.missing() {
        None => {
            let peer = interop::build(workspace)?.join("peer-v3");
            options.extend(["--go".to_owned(), peer.display().to_string()]);
        }
        Some(missing) => screen::warning(&format!(
            "Go is not measured: {}; {}",
            missing.why, missing.install
        )),
    }
    let name = if matches!(figure, Figure::Users) {
        "users"
    } else {
        "hop"
    };
    native(workspace, name, &["engines"], &options)
}

/// Runs the page that measures the npm package, of the build that is published.
fn web(workspace: &Workspace, options: &[String]) -> Result<()> {
    wasm::build(workspace, Mode::Published)?;
    let mut command = package::npm(workspace, wasm::PACKAGE);
    finish(
        command
            .args(["run", "--silent", "bench:web", "--"])
            .args(options),
        "web",
    )
}

/// A language that takes part in `ffi`: its name, what it needs, what builds its program and says how it is started.
type Measured = (&'static str, Need, fn(&Workspace) -> Result<Vec<String>>);

const LANGUAGES: [Measured; 2] = [
    ("C#", Need::Mono, csharp::round_trip),
    ("Kotlin", Need::Maven, kotlin::round_trip),
];

/// Runs the program that measures the native library: Rust and C, the languages that this machine has, and those whose commands are given.
fn ffi(workspace: &Workspace, options: &[String]) -> Result<()> {
    let mut command = workspace.cargo([
        "bench",
        "--locked",
        "-p",
        "pitaya-client-ffi",
        "--bench",
        "round_trip",
        "--",
    ]);
    command.args(options);
    for (language, need, program) in LANGUAGES {
        match need.missing() {
            // A word of a command may have blanks, as folders' names do.
            None => drop(command.arg(program(workspace)?.join("\u{1f}"))),
            Some(missing) => screen::warning(&format!(
                "{language} is not measured: {}; {}",
                missing.why, missing.install
            )),
        }
    }
    finish(&mut command, "ffi")
}

/// Waits for a program whose table is for the terminal: it keeps all three streams.
fn finish(command: &mut Command, name: &str) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("bench {name} cannot be started"))?;
    if !status.success() {
        bail!("bench {name} ended with {status}");
    }
    Ok(())
}
