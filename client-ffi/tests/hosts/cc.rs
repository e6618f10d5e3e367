//! Builds programs in C against the library that this test was built with.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A language that a header has to be good in, and every warning is an error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compiler {
    name: &'static str,
    arguments: &'static [&'static str],
}

pub(crate) const C99: Compiler = Compiler {
    name: "cc",
    arguments: &["-std=c99", "-Wall", "-Wextra", "-Werror", "-g", "-O1"],
};

/// With what POSIX adds.
pub(crate) const GNU99: Compiler = Compiler {
    name: "cc",
    arguments: &["-std=gnu99", "-Wall", "-Wextra", "-Werror", "-g", "-O1"],
};

pub(crate) const CPP: Compiler = Compiler {
    name: "c++",
    arguments: &[
        "-x",
        "c++",
        "-std=c++11",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-g",
    ],
};

/// The static library, built as this program was: cargo builds only what Rust can link before it runs tests, which this library is not.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let folder = cargo_builds(env!("CARGO_PKG_NAME"), "--lib");
        folder.join("libpitaya_client_ffi.a")
    })
}

/// Builds the programs of another package, and returns the folder in which they are.
pub(crate) fn programs(package: &str) -> PathBuf {
    cargo_builds(package, "--bins")
}

/// Builds what tests do not bring along, as this program was built, and returns the folder in which it is.
fn cargo_builds(package: &str, what: &str) -> PathBuf {
    let here = std::env::current_exe().expect("a path");
    let folder = here
        .ancestors()
        .find(|folder| folder.join(".cargo-lock").is_file())
        .expect("cargo's folder of a profile");
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") => "dev",
        Some(name) => name,
        None => unreachable!("a folder of cargo has a name"),
    };
    let mut build = Command::new(env!("CARGO"));
    // Cargo tells tests of which package they are. Build scripts of dependencies that see it would run again now, and once more afterwards.
    for (name, _) in std::env::vars_os() {
        let of_test = ["CARGO_PKG_", "CARGO_MANIFEST_"]
            .iter()
            .any(|start| name.as_encoded_bytes().starts_with(start.as_bytes()));
        if of_test {
            build.env_remove(name);
        }
    }
    let built = build
        .args(["build", "--quiet", "--locked", what, "--package", package])
        .args(["--profile", profile])
        .arg("--target-dir")
        .arg(folder.parent().expect("cargo's target folder"))
        .status();
    assert!(built.expect("cargo runs").success(), "{package}");
    folder.to_owned()
}

/// Builds a program and returns where it lies.
///
/// The static library is linked: it holds exactly the code of this build.
pub(crate) fn build(compiler: Compiler, name: &str, sources: &[PathBuf]) -> PathBuf {
    build_with(compiler, name, sources, &[])
}

/// The same, with further arguments for the linker.
pub(crate) fn build_with(
    compiler: Compiler,
    name: &str,
    sources: &[PathBuf],
    arguments: &[String],
) -> PathBuf {
    let here = std::env::current_exe().expect("a path");
    let folder = here.parent().expect("a folder");
    // Tests of one program run at once, and each builds its own.
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let program = folder.join(format!("c-{name}-{number}"));
    let mut command = Command::new(compiler.name);
    command
        .args(compiler.arguments)
        .arg("-DPITAYA_NATIVE")
        .arg("-I")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("include"))
        .args(sources)
        .arg("-o")
        .arg(&program)
        // A library is no C++.
        .args(["-x", "none"])
        .arg(library())
        .args(arguments)
        .args(["-lpthread", "-ldl", "-lm"]);
    let built = command.output().expect("there is a C compiler");
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    program
}
