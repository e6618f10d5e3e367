//! What CI runs: the checks that read, then everything that can be tested.

use anyhow::Result;

use crate::{
    docs, layers, lines,
    process::{self, Tests},
    runner::Step,
    screen, test,
    workspace::Workspace,
};

pub(crate) fn steps() -> Vec<Step> {
    let mut steps = vec![
        Step {
            name: "formatting",
            needs: &[],
            work: format,
        },
        Step {
            name: "clippy",
            needs: &[],
            work: clippy,
        },
        layers::check_step(),
    ];
    steps.extend(lines::steps());
    steps.extend(docs::steps());
    steps.extend(test::steps());
    steps
}

fn format(workspace: &Workspace) -> Result<Tests> {
    let mut check = workspace.cargo(["fmt", "--all", "--check"]);
    // rustfmt colours its differences whoever reads them.
    if !screen::is_terminal() {
        check.args(["--", "--color", "never"]);
    }
    process::run(&mut check)
}

fn clippy(workspace: &Workspace) -> Result<Tests> {
    process::run(&mut workspace.cargo([
        "clippy",
        "--workspace",
        "--all-targets",
        "--features",
        "pitaya-client-wasm/tools",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))
}
