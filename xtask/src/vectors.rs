//! The conformance vectors: well-formed, named once, of a described format, and passed by the protocol crate.

use std::collections::BTreeMap;

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
/// Describes the formats of the files.
const README: &str = "conformance/README.md";

pub(crate) fn steps() -> Vec<Step> {
    let mut steps = files_step();
    steps.push(Step {
        name: "vectors against protocol",
        needs: &[],
        work: against_protocol,
    });
    steps
}

/// Reads the files only: the tests of all packages run them.
pub(crate) fn files_step() -> Vec<Step> {
    vec![Step {
        name: "vector files",
        needs: &[],
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
    let mut count = 0;
    let mut faults = Vec::new();
    for (path, text) in files {
        match check_file(text, readme) {
            Ok(vectors) => count += vectors,
            Err(found) => faults.extend(found.iter().map(|fault| format!("{path}: {fault}"))),
        }
    }
    (count, faults)
}

/// Counts the vectors in one file, or says what is wrong with it.
fn check_file(text: &str, readme: &str) -> Result<usize, Vec<String>> {
    let value: Value = serde_json::from_str(text).map_err(|error| vec![error.to_string()])?;
    let mut faults = Vec::new();
    let format = value
        .get("format")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let described = [format!("`{format}`"), format!("\"format\": \"{format}\"")];
    if !described.iter().any(|way| readme.contains(way)) {
        faults.push(format!(
            "its format `{format}` is not described in {README}"
        ));
    }
    if value
        .get("about")
        .and_then(Value::as_str)
        .is_none_or(str::is_empty)
    {
        faults.push("it does not say what it is about".to_owned());
    }
    // A transcript is one vector; its file names it.
    let count = if value.get("steps").is_some() {
        1
    } else {
        let names = names(&value);
        if names.is_empty() {
            faults.push("it holds no vector with a name".to_owned());
        }
        for (name, times) in &names {
            if *times > 1 {
                faults.push(format!("{times} vectors are called `{name}`"));
            }
        }
        names.len()
    };
    if faults.is_empty() {
        Ok(count)
    } else {
        Err(faults)
    }
}

/// The names of a file's cases, and how often each stands there.
fn names(file: &Value) -> BTreeMap<&str, usize> {
    let mut names = BTreeMap::new();
    for case in file
        .get("cases")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let name = case.get("name").and_then(Value::as_str).unwrap_or_default();
        *names.entry(name).or_default() += 1;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str = "| `packets` | one packet | `transcript` | a session |";

    #[track_caller]
    fn red(text: &str) {
        assert_eq!(check_file(text, README).expect_err(text).len(), 1, "{text}");
    }

    #[test]
    fn good_files_are_counted() {
        let cases = r#"{"format":"packets","about":"..","cases":[{"name":"a"},{"name":"b"}]}"#;
        let steps = r#"{"format":"transcript","about":"..","steps":[{"at":0}]}"#;
        let files = [("a.json", cases), ("b.json", steps)];
        let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
        assert_eq!(check(&files, README), (3, Vec::new()));
    }

    #[test]
    fn each_fault_is_found() {
        red("[{]");
        red(r#"{"format":"packets","about":"..","cases":[{"name":"a"},{"name":"a"}]}"#);
        red(r#"{"format":"packets","about":"..","cases":[]}"#);
        red(r#"{"format":"packets","cases":[{"name":"a"}]}"#);
        red(r#"{"format":"frames","about":"..","cases":[{"name":"a"}]}"#);
    }
}
