//! What uniffi writes for a language, read from the library that it is for.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use cargo_metadata::camino::Utf8PathBuf;
use uniffi_bindgen::bindings::{GenerateOptions, generate};

pub(super) use uniffi_bindgen::bindings::TargetLanguage;

use crate::{process, workspace::Workspace};

const PACKAGE: &str = "pitaya-client-ffi";

/// How the library is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Profile {
    /// Quickly, and with the symbols that [`write()`] reads.
    Development,
    /// As Rust programs are measured.
    Release,
    /// As it is given to players.
    Native,
}

/// Builds the shared library and says where it is.
pub(super) fn library(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let folder = match profile {
        Profile::Development => built(workspace, &[], "debug")?,
        Profile::Release => built(workspace, &["--release"], "release")?,
        Profile::Native => super::c::libraries(workspace)?,
    };
    Ok(folder.join(format!(
        "{}pitaya_client_ffi{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    )))
}

/// Builds it with a profile of cargo's and says in which folder.
fn built(workspace: &Workspace, profile: &[&str], folder: &str) -> Result<PathBuf> {
    let mut build = workspace.cargo(["build", "--locked", "--lib", "--package", PACKAGE]);
    process::run(build.args(profile))?;
    let target = workspace.metadata().target_directory.as_std_path();
    Ok(target.join(folder))
}

/// Writes the language's half of the surface into a folder. The library has to be one of [`Profile::Development`].
pub(super) fn write(language: TargetLanguage, library: &Path, folder: &Path) -> Result<()> {
    let utf8 = |path: &Path| {
        Utf8PathBuf::from_path_buf(path.to_path_buf())
            .ok()
            .with_context(|| format!("{} is not UTF-8", path.display()))
    };
    generate(GenerateOptions {
        languages: vec![language],
        source: utf8(library)?,
        out_dir: utf8(folder)?,
        config_override: None,
        format: false,
        crate_filter: None,
        metadata_no_deps: true,
    })
    .with_context(|| {
        format!(
            "uniffi could not write the bindings to {}",
            folder.display()
        )
    })
}
