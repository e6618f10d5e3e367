//! The asyncio client: generated, checked, tested, and made into a wheel.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use crate::{
    ffi::bindings::{self, Profile, TargetLanguage},
    need::Need,
    process::{self, Tests},
    runner::Step,
    workspace::Workspace,
};

/// The package.
const PACKAGE: &str = "client-ffi/python";
/// What the tests start, and where they look for it.
const PROGRAMS: [(&str, &str); 3] = [
    ("PITAYA_CONFORMANCE_SERVER", "pitaya-conformance-server"),
    ("PITAYA_CHAT_SERVER", "chat-server"),
    ("PITAYA_CHAT_CLIENT", "chat-client"),
];
/// Installs Python with what it takes to make an environment.
pub(crate) const INSTALL: &str = "apt-get install python3 python3-venv";

/// Each step tests what the first one built.
pub(super) fn steps() -> Vec<Step> {
    const PYTHON: &[Need] = &[Need::Python];
    vec![
        Step {
            name: "python client: build",
            needs: PYTHON,
            work: build,
        },
        Step {
            name: "python client: types",
            needs: PYTHON,
            work: types,
        },
        Step {
            name: "python client: tests and scenarios",
            needs: PYTHON,
            work: tests,
        },
        Step {
            name: "python client: wheel",
            needs: PYTHON,
            work: wheel,
        },
    ]
}

/// Why the client cannot be built or run here; `None` when it can.
pub(crate) fn missing() -> Option<String> {
    let look = "import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))";
    process::read(Command::new("python3").args(["-c", look]))
        .is_err()
        .then(|| "Python 3.11 with venv and ensurepip is missing".to_owned())
}

fn build(workspace: &Workspace) -> Result<Tests> {
    let library = bindings::library(workspace, Profile::Development)?;
    let folder = native(workspace);
    bindings::write(TargetLanguage::Python, &library, &folder)?;
    let marker = folder.join("__init__.py");
    fs::write(
        &marker,
        "\"\"\"Written by uniffi; not for applications.\"\"\"\n",
    )
    .with_context(|| format!("cannot write {}", marker.display()))?;
    copy(&library, &folder)?;
    process::run(&mut workspace.cargo([
        "build",
        "--locked",
        "--package",
        "pitaya-conformance",
        "--package",
        "chat",
        "--bins",
    ]))
}

fn types(workspace: &Workspace) -> Result<Tests> {
    let python = environment(workspace, "python-tools")?;
    let requirements = workspace
        .root()
        .join(PACKAGE)
        .join("tests/requirements.txt");
    process::run(
        in_package(workspace, &python)
            .args(["-m", "pip", "install", "--quiet", "--requirement"])
            .arg(requirements),
    )?;
    process::run(in_package(workspace, &python).args(["-m", "mypy"]))
}

fn tests(workspace: &Workspace) -> Result<Tests> {
    let mut tests = in_package(workspace, Path::new("python3"));
    for (variable, program) in PROGRAMS {
        tests.env(variable, workspace.program(program));
    }
    process::run(tests.args(["-m", "tests"]))
}

/// Makes a wheel with the library that players get, installs it where nothing else is, and uses it.
fn wheel(workspace: &Workspace) -> Result<Tests> {
    let library = bindings::library(workspace, Profile::Native)?;
    let wheels = folder(workspace, "wheel");
    let python = environment(workspace, "python-wheel")?;
    let pip = ["-m", "pip", "--quiet", "--disable-pip-version-check"];
    process::run(
        in_package(workspace, &python)
            .env("PITAYA_LIBRARY", &library)
            .args(pip)
            .args(["wheel", "--no-deps", "--wheel-dir"])
            .arg(&wheels)
            .arg("."),
    )?;
    process::run(
        in_package(workspace, &python)
            .args(pip)
            .args(["install", "--force-reinstall", "--no-index", "--find-links"])
            .arg(&wheels)
            .arg("pitaya-client"),
    )?;
    let script = workspace.root().join(PACKAGE).join("tests/installed.py");
    let server = workspace.program("pitaya-conformance-server");
    // Elsewhere, so that it is the installed package that is found.
    process::run(
        Command::new(&python)
            .arg("-I")
            .arg(script)
            .arg(server)
            .current_dir(wheels),
    )
}

/// A Python of its own, made when it is not there.
fn environment(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let place = folder(workspace, name);
    let python = place.join("bin/python3");
    if !python.is_file() {
        process::run(Command::new("python3").args(["-m", "venv"]).arg(&place))?;
    }
    Ok(python)
}

fn in_package(workspace: &Workspace, python: &Path) -> Command {
    let mut command = Command::new(python);
    command.current_dir(workspace.root().join(PACKAGE));
    command
}

/// Where uniffi's half of the package is.
fn native(workspace: &Workspace) -> PathBuf {
    workspace.root().join(PACKAGE).join("pitaya_client/_native")
}

fn folder(workspace: &Workspace, name: &str) -> PathBuf {
    let target = workspace.metadata().target_directory.as_std_path();
    target.join("ffi").join(name)
}

fn copy(file: &Path, folder: &Path) -> Result<()> {
    let to = folder.join(file.file_name().unwrap_or_default());
    // A program that still runs keeps the old file.
    let _ = fs::remove_file(&to);
    fs::copy(file, &to).with_context(|| format!("cannot write {}", to.display()))?;
    Ok(())
}
