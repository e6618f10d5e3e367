//! What servers of a cluster are tested with: the engines over which they find and call each other, and Go Pitaya.

use std::path::{Path, PathBuf};

use crate::{interop, need::Need, runner::Step};

/// What it takes to build and test all of them.
const NEEDS: &[Need] = &[Need::Protoc, Need::NatsServer, Need::EtcdServer, Need::Go];
/// The features that are built then. They are given to every step alike: other features would be another build.
const FEATURES: &str = "pitaya-server/cluster-grpc,pitaya-server/cluster-nats,pitaya-server/discovery-etcd,pitaya-server/otel,pitaya-conformance/cluster,pitaya-bench/engines,docs-snippets/engines,pitaya-trials/engines,chat-cluster/engines,pitaya-gate/engines";

pub(crate) const INSTALL_NATS: &str = "apt-get install nats-server";
pub(crate) const INSTALL_ETCD: &str = "apt-get install etcd-server";
pub(crate) const INSTALL_PROTOC: &str = "apt-get install protobuf-compiler libprotobuf-dev";

/// Says what is missing, or builds the peers; the steps after it take the engines in.
pub(crate) fn step() -> Step {
    Step {
        name: "engines of clusters, and Go Pitaya's servers",
        needs: NEEDS,
        work: interop::programs,
    }
}

/// The features of the workspace that need engines, where all of them are there.
pub(crate) fn features() -> Option<&'static str> {
    let complete = NEEDS.iter().all(|need| need.missing().is_none());
    complete.then_some(FEATURES)
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
    if !protoc.is_file() {
        return Some(format!("PROTOC is {}, which is no file", protoc.display()));
    }
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
