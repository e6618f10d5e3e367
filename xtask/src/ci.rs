//! What CI runs: the checks that read, then everything that can be tested.

use anyhow::Result;

use crate::{
    cluster, docs, layers, lines,
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
        layers::check_step(),
    ];
    steps.extend(lines::steps());
    steps.extend([
        cluster::step(),
        Step {
            name: "clippy",
            needs: &[],
            work: clippy,
        },
    ]);
    steps.extend(docs::steps());
    steps.extend(test::steps_after_engines());
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
    let mut features = vec!["pitaya-client-wasm/tools"];
    features.extend(cluster::features());
    process::run(
        workspace
            .cargo(["clippy", "--workspace", "--all-targets", "--locked"])
            .args(["--features", &features.join(",")])
            .args(["--", "-D", "warnings"]),
    )
}
