//! The task runner: every routine of this repository has one name here, and CI calls the same names.

mod bench;
mod browser;
mod ci;
mod cluster;
mod conformance;
mod demo;
mod docs;
mod ffi;
mod house;
mod interop;
mod layers;
mod lines;
mod need;
mod process;
mod runner;
mod screen;
mod script;
mod source;
mod test;
mod trial;
mod vectors;
mod wasm;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{runner::Options, wasm::Mode, workspace::Workspace};

#[derive(Debug, Parser)]
#[command(
    bin_name = "cargo xtask",
    about = "Runs the routines of this repository",
    version
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Build and start the chat server, and say how to join it
    Demo {
        /// Start NATS, etcd, two gates and two room servers in its place
        #[arg(long)]
        cluster: bool,
    },
    /// Run everything that can be tested on this machine
    Test(TestOptions),
    /// Run what CI runs: fmt, clippy, layers, lines, vectors, docs, then `test --strict --install`
    Ci,
    /// Check that dependencies only point up and that the pure crates are pure
    Layers,
    /// Check the length of every file, and the house rules that a machine can check
    Lines,
    /// Check the conformance vectors and run them against the protocol crate
    Vectors,
    /// Build the browser client, `client-wasm/npm`
    Wasm {
        /// Build quickly and larger, without `pitaya-client/js`
        #[arg(long)]
        dev: bool,
        /// Say how much a page downloads, and fail when that is too much
        #[arg(long, conflicts_with = "dev")]
        sizes: bool,
    },
    /// Generate, build and test the native client: one language, or all
    Ffi {
        /// Which language; all when left out
        language: Option<ffi::Language>,
        #[command(flatten)]
        options: TestOptions,
    },
    /// Build the Go peers of a mixed cluster into the target folder, and check their code
    Interop(TestOptions),
    /// Build the conformance server with its profile for clusters, and print where it is
    Conformance,
    /// Measure the server next to bare ones and others of the family, or one part of the suite (`bench/README.md`)
    Bench {
        /// What to measure; compare when left out
        figure: Option<bench::Figure>,
        #[command(flatten)]
        shape: bench::Shape,
        /// Options of the bench program, after `--`
        #[arg(last = true)]
        options: Vec<String>,
    },
    /// Break a cluster and measure what its players see (`trials/README.md`)
    Trial {
        /// What to try; everything, one after another, when left out
        name: Option<trial::Trial>,
        /// As a release, as large and as strict as stated; otherwise small
        #[arg(long)]
        full: bool,
    },
    /// Build the API documentation without a warning, and the book where mdbook is installed
    Docs,
}

#[derive(Debug, Clone, Copy, clap::Args)]
struct TestOptions {
    /// Install what a step is missing instead of skipping the step
    #[arg(long)]
    install: bool,
    /// Fail when a step is skipped
    #[arg(long)]
    strict: bool,
}

impl From<TestOptions> for Options {
    fn from(options: TestOptions) -> Self {
        Self {
            install: options.install,
            strict: options.strict,
        }
    }
}

fn main() -> ExitCode {
    let task = Arguments::parse().task;
    match run(&task) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            screen::failure(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Runs a task; `false` when what it checked is not in order.
fn run(task: &Task) -> anyhow::Result<bool> {
    let workspace = Workspace::load()?;
    let plain = Options {
        install: false,
        strict: false,
    };
    Ok(match task {
        Task::Demo { cluster } => {
            if *cluster {
                demo::run_cluster(&workspace)?;
            } else {
                demo::run(&workspace)?;
            }
            true
        }
        Task::Wasm { dev, sizes } => {
            let mode = if *dev {
                Mode::Development
            } else {
                Mode::Published
            };
            wasm::build(&workspace, mode)?;
            if *sizes {
                wasm::package::run_script(&workspace, "sizes")?;
            }
            true
        }
        Task::Conformance => {
            conformance::run(&workspace)?;
            true
        }
        Task::Bench {
            figure,
            shape,
            options,
        } => {
            bench::run(&workspace, *figure, *shape, options)?;
            true
        }
        Task::Trial { name, full } => {
            trial::run(&workspace, *name, *full)?;
            true
        }
        Task::Test(options) => runner::run(&workspace, &test::steps(), (*options).into()),
        Task::Ffi { language, options } => {
            runner::run(&workspace, &ffi::steps(*language), (*options).into())
        }
        Task::Interop(options) => runner::run(&workspace, &interop::steps(), (*options).into()),
        Task::Ci => runner::run(
            &workspace,
            &ci::steps(),
            Options {
                install: true,
                strict: true,
            },
        ),
        Task::Layers => runner::run(&workspace, &layers::steps(), plain),
        Task::Lines => runner::run(&workspace, &lines::steps(), plain),
        Task::Vectors => runner::run(&workspace, &vectors::steps(), plain),
        Task::Docs => runner::run(&workspace, &docs::steps(), plain),
    })
}
