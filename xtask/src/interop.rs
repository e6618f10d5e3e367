//! The Go peers of a mixed cluster: built for the tests that start them, and checked as Go's users check their code.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};

use crate::{
    need::Need,
    process::{self, Tests},
    runner::Step,
    screen,
    workspace::Workspace,
};

/// The module.
const MODULE: &str = "conformance/interop/go";
/// Names the folder with the programs, for tests and trials that start them.
pub(crate) const PEERS: &str = "PITAYA_GO_PEERS";
/// The oldest Go that compiles it, as its `go.mod` says.
const OLDEST: (u32, u32) = (1, 23);
/// Where the package is older than [`OLDEST`], as in Debian 12, it does not help.
pub(crate) const INSTALL: &str =
    "apt-get install golang-go (Debian 13 or newer; for older systems see go.dev/doc/install)";

pub(crate) fn steps() -> Vec<Step> {
    vec![
        Step {
            name: "go peers: build",
            needs: &[Need::Go],
            work: programs,
        },
        Step {
            name: "go peers: formatting, vet and tests",
            needs: &[Need::Go],
            work: check,
        },
    ]
}

/// Why the peers cannot be built here.
pub(crate) fn missing() -> Option<String> {
    let Ok(told) = process::read(Command::new("go").arg("version")) else {
        return Some("there is no go".to_owned());
    };
    let (major, minor) = OLDEST;
    match version(&told) {
        Some(found) if found >= OLDEST => None,
        _ => Some(format!(
            "go is older than {major}.{minor}: {}",
            told.trim_end()
        )),
    }
}

/// The version in `go version go1.26.8 linux/amd64`.
fn version(told: &str) -> Option<(u32, u32)> {
    let number = told.split_whitespace().nth(2)?.strip_prefix("go")?;
    let mut parts = number.split('.');
    let major = parts.next()?.parse().ok()?;
    // A release candidate is 1.27rc1.
    let minor = parts.next()?.split(|part: char| !part.is_ascii_digit());
    Some((major, minor.into_iter().next()?.parse().ok()?))
}

pub(crate) fn programs(workspace: &Workspace) -> Result<Tests> {
    let folder = build(workspace)?;
    screen::note(&format!("in {}", folder.display()));
    Ok(Tests::default())
}

/// Builds the programs (`peer-v3`, `client`, `load`) and returns the folder that has them, for tests that start them.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    let target = workspace.metadata().target_directory.as_std_path();
    let folder = target.join("interop").join("go");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut build = go(&module(workspace));
    // The commit is no part of the programs, and in a clone of another user git does not tell it.
    build.args(["build", "-buildvcs=false", "-mod=readonly", "-o"]);
    process::run(build.arg(&folder).arg("./cmd/..."))?;
    Ok(folder)
}

fn check(workspace: &Workspace) -> Result<Tests> {
    let module = module(workspace);
    let unformatted = process::read(Command::new("gofmt").args(["-l", "."]).current_dir(&module))?;
    ensure!(
        unformatted.is_empty(),
        "gofmt would change {}",
        unformatted.trim_end()
    );
    process::run(go(&module).args(["vet", "-mod=readonly", "./..."]))?;
    process::run(go(&module).args(["test", "-mod=readonly", "./..."]))
}

fn module(workspace: &Workspace) -> PathBuf {
    workspace.root().join(MODULE)
}

fn go(module: &Path) -> Command {
    let mut go = Command::new("go");
    go.current_dir(module);
    go
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_go_are_read() {
        assert_eq!(version("go version go1.26.8 linux/amd64\n"), Some((1, 26)));
        assert_eq!(version("go version go1.27rc1 linux/amd64"), Some((1, 27)));
        assert_eq!(version("go version go1.19 linux/amd64"), Some((1, 19)));
        assert_eq!(version("go version devel +a1b2c3 Mon linux/amd64"), None);
    }
}
