//! The conformance vectors: well-formed, named once, listed, and passed by the protocol crate.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::{
    process::{self, Tests},
    runner::Step,
    screen,
    workspace::Workspace,
};

/// The vectors' folder.
const FOLDER: &str = "conformance/vectors";
/// Says what each file holds.
const README: &str = "conformance/README.md";

pub(crate) fn steps() -> Vec<Step> {
    let mut steps = files_step();
    steps.push(Step {
        name: "vectors against protocol",
        need: None,
        work: against_protocol,
    });
    steps
}

/// Reads the files only: the tests of all packages run them.
pub(crate) fn files_step() -> Vec<Step> {
    vec![Step {
        name: "vector files",
        need: None,
        work: files,
    }]
}

fn against_protocol(workspace: &Workspace) -> Result<Tests> {
    process::run(&mut workspace.cargo([
        "test",
        "--locked",
        "-p",
        "pitaya-protocol",
        "--test",
        "vectors",
    ]))
}

fn files(workspace: &Workspace) -> Result<Tests> {
    let readme = std::fs::read_to_string(workspace.root().join(README))
        .with_context(|| format!("cannot read {README}"))?;
    let mut vectors = Vec::new();
    for path in workspace.files()? {
        if path.starts_with(FOLDER)
            && path
                .extension()
                .is_some_and(|extension| extension == "json")
        {
            let text = std::fs::read_to_string(workspace.root().join(&path))?;
            vectors.push((path.display().to_string(), text));
        }
    }
    if vectors.is_empty() {
        bail!("no vectors in {FOLDER}");
    }
    let (count, faults) = check(&vectors, &readme);
    if !faults.is_empty() {
        for fault in &faults {
            screen::failed("", fault);
        }
        bail!("{} faults in the vectors", faults.len());
    }
    screen::note(&format!("{count} vectors in {} files", vectors.len()));
    Ok(Tests::default())
}

/// Counts the vectors in files given as (path, text), and says what is wrong with them.
fn check(files: &[(String, String)], readme: &str) -> (usize, Vec<String>) {
    let mut faults = Vec::new();
    let mut count = 0;
    for (path, text) in files {
        let value: Value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(error) => {
                faults.push(format!("{path}: {error}"));
                continue;
            }
        };
        let mut names = BTreeMap::new();
        collect_names(&value, &mut names);
        if names.is_empty() {
            faults.push(format!("{path}: holds no named vector"));
        }
        for (name, times) in &names {
            count += 1;
            if *times > 1 {
                faults.push(format!("{path}: {times} vectors are called `{name}`"));
            }
        }
        let file = Path::new(path)
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        if !readme.contains(&*file) {
            faults.push(format!("{path}: not described in {README}"));
        }
    }
    (count, faults)
}

/// A vector is a member of a list that has a name; what is inside a vector is its own affair.
fn collect_names(value: &Value, names: &mut BTreeMap<String, usize>) {
    match value {
        Value::Array(members) => {
            for member in members {
                match member.get("name").and_then(Value::as_str) {
                    Some(name) => *names.entry(name.to_owned()).or_default() += 1,
                    None => collect_names(member, names),
                }
            }
        }
        Value::Object(members) => members
            .values()
            .for_each(|member| collect_names(member, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(path: &str, text: &str) -> Vec<String> {
        check(
            &[(path.to_owned(), text.to_owned())],
            "| `packets.json` | packets |",
        )
        .1
    }

    #[test]
    fn good_files_are_counted() {
        let text = r#"{"vectors":[{"name":"a"},{"name":"b","steps":[{"name":"a"}]}]}"#;
        let (count, faults) = check(
            &[("vectors/packets.json".to_owned(), text.to_owned())],
            "packets.json",
        );
        assert_eq!((count, faults), (2, Vec::new()));
    }

    #[test]
    fn each_fault_is_found() {
        assert_eq!(faults_of("v/packets.json", "[{]").len(), 1);
        assert_eq!(
            faults_of("v/packets.json", r#"[{"name":"a"},{"name":"a"}]"#).len(),
            1
        );
        assert_eq!(faults_of("v/packets.json", r#"{"vectors":[]}"#).len(), 1);
        assert_eq!(faults_of("v/other.json", r#"[{"name":"a"}]"#).len(), 1);
    }
}
