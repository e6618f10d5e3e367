//! The C ABI.

use anyhow::Result;

use crate::{
    process::{self, Tests},
    runner::Step,
    workspace::Workspace,
};

pub(super) fn steps() -> Vec<Step> {
    vec![Step {
        name: "native library without its own network",
        needs: &[],
        work: without_network,
    }]
}

/// What consoles and WebGL link.
fn without_network(workspace: &Workspace) -> Result<Tests> {
    process::run(&mut workspace.cargo([
        "check",
        "--locked",
        "--no-default-features",
        "-p",
        "pitaya-client-ffi",
    ]))
}
