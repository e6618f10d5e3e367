//! How a gate is configured. No engine is needed.

mod documentation;
mod files;
mod precedence;
mod printing;
mod program;
mod spellings;
mod unknown_keys;
mod wrong_values;

use std::path::PathBuf;

use pitaya_gate::{Configuration, Sources};
use tempfile::TempDir;

/// A file of this name and text, in a folder that is removed with the first of the pair.
fn file(name: &str, text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("written");
    (folder, path)
}

/// What is read when the gate has somewhere to listen as well.
fn read(sources: Sources) -> Configuration {
    sources
        .set("gate.listen.tcp", "127.0.0.1:0")
        .read()
        .expect("a configuration")
}

/// What is complained about, one problem a line.
fn problems(sources: Sources) -> String {
    let sources = sources.set("gate.listen.tcp", "127.0.0.1:0");
    sources.read().expect_err("something is wrong").to_string()
}
