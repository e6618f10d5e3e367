//! Where things are: the packages, the files under version control, and the folder for build results.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};
use cargo_metadata::{Metadata, MetadataCommand};

use crate::process;

/// The repository that the task runs in.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    metadata: Metadata,
}

impl Workspace {
    /// Reads the workspace this program was built from.
    pub(crate) fn load() -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        // All features, so that an optional dependency cannot slip past the layer check.
        let metadata = MetadataCommand::new()
            .manifest_path(here)
            .features(cargo_metadata::CargoOpt::AllFeatures)
            .exec()
            .context("cargo metadata could not describe the workspace")?;
        Ok(Self {
            root: metadata.workspace_root.clone().into_std_path_buf(),
            metadata,
        })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// A program that was built for development.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        let folder = self.metadata.target_directory.as_std_path().join("debug");
        folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// A cargo command in the root folder.
    pub(crate) fn cargo<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(arguments).current_dir(&self.root);
        // What cargo says to this program about itself is not for the next cargo: build scripts that look at it, such as that of
        // ring, would run anew each time a user calls cargo in between.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&name);
            }
        }
        command
    }

    /// Every file that is, or is about to be, under version control, relative to the root.
    pub(crate) fn files(&self) -> Result<Vec<PathBuf>> {
        let mut command = Command::new("git");
        command
            // A clone that belongs to another user, as in containers, is read all the same.
            .args(["-c", "safe.directory=*"])
            .args([
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ])
            .current_dir(&self.root);
        let listing = process::read(&mut command)?;
        let mut files: Vec<PathBuf> = listing
            .split('\0')
            .filter(|name| !name.is_empty())
            .map(PathBuf::from)
            // A file that was deleted and not yet committed is still listed.
            .filter(|path| self.root.join(path).is_file())
            .collect();
        files.sort();
        files.dedup();
        Ok(files)
    }
}
