//! Servers of a cluster, tested with the engines over which they find and call each other.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::{
    interop,
    need::Need,
    process::{self, Tests},
    runner::Step,
    workspace::Workspace,
};

/// The engines of the server crate. None is in a default build.
const ENGINES: &str = "cluster-grpc,cluster-nats,discovery-etcd";

pub(crate) const INSTALL_NATS: &str = "apt-get install nats-server";
pub(crate) const INSTALL_ETCD: &str = "apt-get install etcd-server";
pub(crate) const INSTALL_PROTOC: &str = "apt-get install protobuf-compiler libprotobuf-dev";

pub(crate) fn steps() -> Vec<Step> {
    vec![
        Step {
            name: "clippy of the cluster's engines",
            needs: &[Need::Protoc],
            work: clippy,
        },
        Step {
            name: "the conformance server in a cluster",
            needs: &[Need::Protoc, Need::NatsServer, Need::EtcdServer],
            work: conformance,
        },
        Step {
            name: "servers of a cluster over real engines, and with Go Pitaya",
            needs: &[Need::Protoc, Need::NatsServer, Need::EtcdServer, Need::Go],
            work: tests,
        },
    ]
}

fn clippy(workspace: &Workspace) -> Result<Tests> {
    process::run(
        workspace
            .cargo(["clippy", "-p", "pitaya-server", "--locked"])
            .args(["--lib", "--tests", "--features", ENGINES])
            .args(["--", "-D", "warnings"]),
    )?;
    process::run(
        workspace
            .cargo(["clippy", "-p", "pitaya-conformance", "--locked"])
            .args(["--all-targets", "--features", "cluster"])
            .args(["--", "-D", "warnings"]),
    )?;
    // The book's block about engines.
    process::run(
        workspace
            .cargo(["clippy", "-p", "docs-snippets", "--locked", "--lib"])
            .args(["--features", "engines", "--", "-D", "warnings"]),
    )
}

fn conformance(workspace: &Workspace) -> Result<Tests> {
    process::run(
        workspace
            .cargo(["test", "-p", "pitaya-conformance", "--locked"])
            .args(["--features", "cluster", "--no-fail-fast"])
            .args(["--lib", "--test", "fixtures", "cluster"]),
    )
}

fn tests(workspace: &Workspace) -> Result<Tests> {
    let test = ["test", "-p", "pitaya-server", "--locked", "--features"];
    let peers = interop::build(workspace)?;
    let mut all = process::run(
        workspace
            .cargo(test)
            .args([ENGINES, "--no-fail-fast", "--lib", "--test", "cluster"])
            .env("PITAYA_GO_PEERS", peers),
    )?;
    all += process::run(workspace.cargo(test).args([ENGINES, "--doc"]))?;
    Ok(all)
}

/// Why nothing can be tested with the engine.
pub(crate) fn missing_engine(program: &str) -> Option<String> {
    find(program)
        .is_none()
        .then(|| format!("there is no {program}"))
}

/// Why etcd's messages cannot be compiled: it takes protoc, and the files that protoc's own messages are in.
pub(crate) fn missing_protoc() -> Option<String> {
    let named = std::env::var_os("PROTOC").map(PathBuf::from);
    let Some(protoc) = named.or_else(|| find("protoc")) else {
        return Some("there is no protoc".to_owned());
    };
    let own = "google/protobuf/descriptor.proto";
    let beside = protoc.parent().and_then(Path::parent);
    let includes = std::env::var_os("PROTOC_INCLUDE").map(PathBuf::from);
    let complete = [includes, beside.map(|folder| folder.join("include"))]
        .into_iter()
        .flatten()
        .any(|folder| folder.join(own).is_file());
    (!complete).then(|| format!("{} comes without {own}", protoc.display()))
}

/// A program by `PATH`, or in the folders for servers, which not everyone's `PATH` has.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}
