//! What a pure crate pulls in: nothing that does IO, keeps time, or runs tasks.

use std::collections::{HashMap, HashSet, VecDeque};

use anyhow::{Context as _, Result};
use cargo_metadata::{DependencyKind, Metadata, PackageId};

/// Crates that bring IO, a clock, threads, a runtime or a platform.
const FORBIDDEN: [&str; 34] = [
    "async-io",
    "async-std",
    "chrono",
    "crossbeam-channel",
    "embassy-executor",
    "flume",
    "futures",
    "futures-channel",
    "futures-executor",
    "futures-util",
    "getrandom",
    "h2",
    "hyper",
    "instant",
    "js-sys",
    "libc",
    "mio",
    "native-tls",
    "openssl",
    "polling",
    "quinn",
    "rayon",
    "reqwest",
    "rustix",
    "rustls",
    "smol",
    "socket2",
    "time",
    "tokio",
    "tungstenite",
    "wasm-bindgen",
    "web-sys",
    "web-time",
    "windows-sys",
];

/// Families of such crates.
const FORBIDDEN_PREFIXES: [&str; 5] = ["async-", "tokio-", "hyper-", "aws-lc", "wasm-bindgen-"];

/// Whether a pure crate may not have this crate below it.
fn is_forbidden(name: &str) -> bool {
    FORBIDDEN.contains(&name)
        || FORBIDDEN_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

/// Forbidden crates in the tree of normal dependencies, each with the way that leads there.
pub(super) fn faults(metadata: &Metadata, package: &str) -> Result<Vec<String>> {
    let resolve = metadata
        .resolve
        .as_ref()
        .context("cargo metadata resolved no dependencies")?;
    let edges: HashMap<&PackageId, Vec<&PackageId>> = resolve
        .nodes
        .iter()
        .map(|node| {
            let normal = node.deps.iter().filter(|dependency| {
                // A platform's own dependency counts too: the crate is pure on every platform.
                dependency
                    .dep_kinds
                    .iter()
                    .any(|kind| kind.kind == DependencyKind::Normal)
            });
            (&node.id, normal.map(|dependency| &dependency.pkg).collect())
        })
        .collect();
    let start = metadata
        .workspace_packages()
        .into_iter()
        .find(|found| found.name.as_str() == package)
        .with_context(|| format!("there is no package {package}"))?;
    // A macro runs in the compiler: what it is made of does not reach the program.
    let is_macro = |id: &PackageId| {
        metadata[id]
            .targets
            .iter()
            .any(cargo_metadata::Target::is_proc_macro)
    };
    let found = walk(&start.id, |id| {
        if is_macro(id) {
            Vec::new()
        } else {
            edges.get(id).cloned().unwrap_or_default()
        }
    });
    Ok(found
        .iter()
        .map(|way| {
            way.iter()
                .map(|id| metadata[*id].name.as_str())
                .collect::<Vec<_>>()
        })
        .filter(|way| way.last().is_some_and(|name| is_forbidden(name)))
        .map(|way| format!("{package} must stay pure, yet: {}", way.join(" -> ")))
        .collect())
}

/// Everything below `start`, each with a shortest way from there.
fn walk<'a, Id, F>(start: &'a Id, below: F) -> Vec<Vec<&'a Id>>
where
    Id: Eq + std::hash::Hash,
    F: Fn(&'a Id) -> Vec<&'a Id>,
{
    let mut seen = HashSet::from([start]);
    let mut open = VecDeque::from([vec![start]]);
    let mut ways = Vec::new();
    while let Some(way) = open.pop_front() {
        if let Some(last) = way.last() {
            for next in below(last) {
                if seen.insert(next) {
                    let mut longer = way.clone();
                    longer.push(next);
                    open.push_back(longer);
                }
            }
        }
        ways.push(way);
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runtimes_and_sockets_are_forbidden_and_plain_data_is_not() {
        for name in [
            "tokio",
            "tokio-rustls",
            "async-channel",
            "socket2",
            "wasm-bindgen",
            "rustls",
        ] {
            assert!(is_forbidden(name), "{name}");
        }
        for name in [
            "bytes",
            "serde_json",
            "prost",
            "flate2",
            "thiserror",
            "fastrand",
        ] {
            assert!(!is_forbidden(name), "{name}");
        }
    }

    #[test]
    fn a_way_through_other_crates_is_found() {
        let edges = HashMap::from([
            ("core", vec!["a", "b"]),
            ("a", vec!["c"]),
            ("c", vec!["tokio", "core"]),
        ]);
        let ways = walk(&"core", |id| {
            edges
                .get(id)
                .map(|ids| ids.iter().collect())
                .unwrap_or_default()
        });
        assert!(
            ways.contains(&vec![&"core", &"a", &"c", &"tokio"]),
            "{ways:?}"
        );
        assert_eq!(ways.len(), 5);
    }
}
