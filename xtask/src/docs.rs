//! Documentation: rustdoc without a warning; the book where mdbook is installed.
//!
//! The book's code blocks are compiled by the tests of `docs/snippets`, mdbook only lays them out.

use std::process::Command;

use anyhow::Result;

use crate::{
    cluster,
    process::{self, Tests},
    runner::Step,
    screen,
    workspace::Workspace,
};

pub(crate) fn steps() -> Vec<Step> {
    vec![Step {
        name: "documentation",
        needs: &[],
        work: build,
    }]
}

fn build(workspace: &Workspace) -> Result<Tests> {
    let mut rustdoc = workspace.cargo(["doc", "--workspace", "--no-deps", "--locked"]);
    if let Some(features) = cluster::features() {
        rustdoc.args(["--features", features]);
    }
    process::run(rustdoc.env("RUSTDOCFLAGS", "-D warnings"))?;
    if process::is_installed("mdbook") {
        process::run(
            Command::new("mdbook")
                .args(["build", "docs"])
                .current_dir(workspace.root()),
        )?;
    } else {
        screen::note("the book is not laid out: mdbook is not installed (cargo install mdbook)");
    }
    Ok(Tests::default())
}
