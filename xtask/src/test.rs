//! Everything that can be tested on this machine.

use anyhow::Result;

use crate::{
    bench, browser, cluster, ffi, interop, layers,
    process::{self, Tests},
    runner::Step,
    trial, vectors,
    workspace::Workspace,
};

pub(crate) fn steps() -> Vec<Step> {
    let mut steps = vec![cluster::step()];
    steps.extend(steps_after_engines());
    steps
}

/// The same for whoever has looked for the engines already.
pub(crate) fn steps_after_engines() -> Vec<Step> {
    let mut steps = vectors::files_step();
    steps.extend([
        Step {
            name: "tests of all packages",
            needs: &[],
            work: programs,
        },
        Step {
            name: "libraries with few features",
            needs: &[],
            work: without_features,
        },
    ]);
    steps.push(trial::step());
    steps.push(bench::step());
    steps.extend(interop::steps());
    steps.extend(ffi::steps(None));
    steps.extend(browser::steps());
    steps
}

/// Unit tests, one program per behaviour, examples, documentation, and the snippets of the book.
///
/// All in one call: cargo joins features over what it is asked for, and another choice would be another build.
fn programs(workspace: &Workspace) -> Result<Tests> {
    let mut test = workspace.cargo(["test", "--workspace", "--locked", "--no-fail-fast"]);
    if let Some(features) = cluster::features() {
        test.args(["--features", features]);
        test.env(interop::PEERS, interop::build(workspace)?);
    }
    process::run(&mut test)
}

/// A feature only adds: each library compiles with none of them, and the protocol with each alone.
fn without_features(workspace: &Workspace) -> Result<Tests> {
    let bare = ["check", "--locked", "--no-default-features", "-p"];
    for package in layers::PURE
        .iter()
        .copied()
        .chain(["pitaya-server", "pitaya-client"])
    {
        process::run(workspace.cargo(bare).arg(package))?;
    }
    for feature in ["compression", "json", "protobuf"] {
        process::run(
            workspace
                .cargo(bare)
                .args(["pitaya-protocol", "--features", feature]),
        )?;
    }
    Ok(Tests::default())
}
