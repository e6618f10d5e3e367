//! The conformance server with clusters: built apart, as etcd's messages take protoc.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::{cluster, process, screen, workspace::Workspace};

const PACKAGE: &str = "pitaya-conformance";
const PROGRAM: &str = "pitaya-conformance-server";

/// Builds it and prints where it is.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let missing = cluster::missing_protoc();
    ensure!(
        missing.is_none(),
        "{}; to install it: {}",
        missing.unwrap_or_default(),
        cluster::INSTALL_PROTOC
    );
    let build = ["build", "--release", "--locked", "--features", "cluster"];
    process::run(
        workspace
            .cargo(build)
            .args(["--package", PACKAGE, "--bin", PROGRAM]),
    )?;
    let target = workspace.metadata().target_directory.as_std_path();
    let program: PathBuf = target.join("release").join(PROGRAM);
    screen::note(&program.display().to_string());
    Ok(())
}
