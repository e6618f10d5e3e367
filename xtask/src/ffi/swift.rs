//! The client for Apple's systems.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result};

use crate::{
    ffi::bindings::{self, Profile, TargetLanguage},
    process::Tests,
    runner::Step,
    workspace::Workspace,
};

/// The Swift package.
const PACKAGE: &str = "client-ffi/swift";

pub(super) fn steps() -> Vec<Step> {
    vec![Step {
        name: "swift client: bindings",
        needs: &[],
        work: generate,
    }]
}

fn generate(workspace: &Workspace) -> Result<Tests> {
    let library = bindings::library(workspace, Profile::Development)?;
    let folder = emptied(workspace.root().join(PACKAGE).join("target/bindings"))?;
    bindings::write(TargetLanguage::Swift, &library, &folder)?;
    Ok(Tests::default())
}

/// The folder, with nothing in it.
fn emptied(folder: PathBuf) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}
