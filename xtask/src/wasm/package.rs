//! The npm package: its tools, its build, and the scripts that test it.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use crate::{process, wasm::PACKAGE, workspace::Workspace};

/// The oldest Node that the package's tools run on.
const NODE: u32 = 20;
/// Installs node and npm.
pub(crate) const INSTALL_NODE: &str =
    "apt-get install nodejs npm (where that is older than 20: https://nodejs.org/en/download)";

/// The folder of wasm-bindgen's and binaryen's files, which the package is built from.
pub(super) fn products(workspace: &Workspace) -> PathBuf {
    workspace.root().join(PACKAGE).join("wasm")
}

/// Removes a product that an earlier build may have left.
pub(super) fn forget(workspace: &Workspace, product: &str) -> Result<()> {
    let path = products(workspace).join(product);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Whether node and npm are there.
///
/// # Errors
///
/// What is missing, and how to get it.
pub(crate) fn check_tools() -> Result<()> {
    if let Some(why) = missing_tools() {
        bail!("{why}; to install it: {INSTALL_NODE}");
    }
    Ok(())
}

/// Why JavaScript cannot be built or run here; `None` when it can.
pub(crate) fn missing_tools() -> Option<String> {
    let Ok(version) = process::read(Command::new("node").arg("--version")) else {
        return Some("node is missing".to_owned());
    };
    match major(&version) {
        Some(found) if found >= NODE => {}
        _ => {
            return Some(format!(
                "node is {}, the tools need {NODE} or newer",
                version.trim()
            ));
        }
    }
    (!process::is_installed(NPM)).then(|| "npm is missing".to_owned())
}

/// npm's program: on Windows a script, which needs its ending.
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// `v20.20.0` is 20.
fn major(version: &str) -> Option<u32> {
    version
        .trim()
        .strip_prefix('v')?
        .split('.')
        .next()?
        .parse()
        .ok()
}

/// node in the package's folder.
pub(super) fn node(workspace: &Workspace) -> Command {
    let mut command = Command::new("node");
    command.current_dir(workspace.root().join(PACKAGE));
    command
}

/// npm in a folder of the repository.
pub(crate) fn npm(workspace: &Workspace, folder: &str) -> Command {
    let mut command = Command::new(NPM);
    command.current_dir(workspace.root().join(folder));
    command
}

/// Installs the package's tools, unless what is there is as new as the lock file.
pub(super) fn install(workspace: &Workspace) -> Result<()> {
    install_in(workspace, PACKAGE)
}

/// Installs what the lock file of a folder names, unless that was done since it changed.
pub(crate) fn install_in(workspace: &Workspace, folder: &str) -> Result<()> {
    let root = workspace.root().join(folder);
    if is_newer(
        &root.join("node_modules/.package-lock.json"),
        &root.join("package-lock.json"),
    ) {
        return Ok(());
    }
    // Nothing that is installed has to run anything for it.
    process::run(npm(workspace, folder).args(["ci", "--ignore-scripts"]))
        .context("npm could not install the tools; is its registry within reach?")?;
    Ok(())
}

/// Whether `made` is there and not older than `from`.
fn is_newer(made: &Path, from: &Path) -> bool {
    let time = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
    match (time(made), time(from)) {
        (Some(made), Some(from)) => made >= from,
        _ => false,
    }
}

/// Bundles the package's files into `dist`.
pub(super) fn build(workspace: &Workspace) -> Result<()> {
    process::run(npm(workspace, PACKAGE).args(["run", "--silent", "build"]))?;
    Ok(())
}

/// Runs a script of the package.
pub(crate) fn run_script(workspace: &Workspace, script: &str) -> Result<process::Tests> {
    process::run(npm(workspace, PACKAGE).args(["run", "--silent", script]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_begins_with_its_major_number() {
        assert_eq!(major("v20.20.0\n"), Some(20));
        assert_eq!(major("v8.1.0"), Some(8));
        assert_eq!(major("zsh: command not found"), None);
    }

    #[test]
    fn what_was_installed_before_the_lock_file_changed_is_old() {
        let folder = tempfile::tempdir().expect("a folder");
        let (lock, made) = (folder.path().join("lock"), folder.path().join("made"));
        let write = |path: &Path, seconds| {
            let file = std::fs::File::create(path).expect("a file");
            let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
            file.set_modified(time).expect("a time");
        };
        write(&lock, 100);
        assert!(!is_newer(&made, &lock));
        write(&made, 99);
        assert!(!is_newer(&made, &lock));
        write(&made, 100);
        assert!(is_newer(&made, &lock));
    }
}
