//! The picture of the layers, checked: which crate may know which, and what makes a crate pure.

mod arrows;
mod purity;
mod tree;

use anyhow::{Context as _, Result, bail};

use crate::{process::Tests, runner::Step, screen, workspace::Workspace};

/// The crates without IO, clock, threads and async: they run wherever Rust compiles.
pub(crate) const PURE: [&str; 2] = ["pitaya-protocol", "pitaya-client-core"];

pub(crate) fn steps() -> Vec<Step> {
    vec![check_step()]
}

/// The crates with a lint table of their own: what wasm-bindgen's macros write, and a C ABI, are not for the compiler to forbid, so they deny.
const DENY: [&str; 2] = ["pitaya-client-wasm", "pitaya-client-ffi"];

/// Dependencies, purity and lints.
pub(crate) fn check_step() -> Step {
    Step {
        name: "layers",
        needs: &[],
        work: check,
    }
}

fn check(workspace: &Workspace) -> Result<Tests> {
    let metadata = workspace.metadata();
    let mut faults = arrows::faults(&arrows::from_metadata(metadata));
    for name in PURE {
        faults.extend(tree::faults(metadata, name)?);
        faults.extend(sources(workspace, name)?);
    }
    faults.extend(lints(workspace)?);
    if !faults.is_empty() {
        for fault in &faults {
            screen::failed("", fault);
        }
        bail!("{} layer rules are broken", faults.len());
    }
    screen::note("every arrow points up; protocol and client-core are pure");
    Ok(Tests::default())
}

/// Reads what a pure crate is made of.
fn sources(workspace: &Workspace, package: &str) -> Result<Vec<String>> {
    let package = workspace
        .metadata()
        .workspace_packages()
        .into_iter()
        .find(|found| found.name.as_str() == package)
        .with_context(|| format!("there is no package {package}"))?;
    let folder = package
        .manifest_path
        .parent()
        .context("a manifest lies in a folder")?
        .join("src");
    let folder = folder
        .as_std_path()
        .strip_prefix(workspace.root())?
        .to_path_buf();
    let mut faults = Vec::new();
    for path in workspace.files()? {
        let inside = path.starts_with(&folder) && path.extension().is_some_and(|end| end == "rs");
        let is_test = path
            .iter()
            .any(|part| part == "tests" || part == "tests.rs");
        if inside && !is_test {
            let text = std::fs::read_to_string(workspace.root().join(&path))?;
            faults.extend(purity::faults(&path.display().to_string(), &text));
        }
    }
    Ok(faults)
}

/// Every crate follows the one lint table, and the table forbids unsafe code.
fn lints(workspace: &Workspace) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let root = std::fs::read_to_string(workspace.root().join("Cargo.toml"))?;
    if !has_line(&root, "[workspace.lints.rust]", "unsafe_code = \"forbid\"") {
        faults.push("Cargo.toml: the lint table no longer forbids unsafe code".to_owned());
    }
    for package in workspace.metadata().workspace_packages() {
        let manifest = std::fs::read_to_string(&package.manifest_path)?;
        let follows = if DENY.contains(&package.name.as_str()) {
            has_line(&manifest, "[lints.rust]", "unsafe_code = \"deny\"")
        } else {
            has_line(&manifest, "[lints]", "workspace = true")
        };
        if !follows {
            faults.push(format!(
                "{}: does not follow the lint table of the workspace",
                package.name
            ));
        }
    }
    Ok(faults)
}

/// Whether a manifest has this line in this section.
fn has_line(manifest: &str, section: &str, line: &str) -> bool {
    manifest
        .lines()
        .map(str::trim)
        .skip_while(|found| *found != section)
        .skip(1)
        .take_while(|found| !found.starts_with('['))
        .any(|found| found == line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_looked_for_in_its_section_only() {
        let manifest =
            "[package]\nname = \"a\"\n[lints]\nworkspace = true\n[dependencies]\nb = \"1\"\n";
        assert!(has_line(manifest, "[lints]", "workspace = true"));
        assert!(!has_line(manifest, "[package]", "workspace = true"));
        assert!(!has_line(manifest, "[lints]", "b = \"1\""));
    }
}
