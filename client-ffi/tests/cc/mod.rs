//! Builds programs in C against the library that this test was built with.

use std::path::{Path, PathBuf};
use std::process::Command;

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

/// Builds a program and returns where it lies.
///
/// The static library is linked: it holds exactly the code of this build.
pub(crate) fn build(compiler: Compiler, name: &str, sources: &[PathBuf]) -> PathBuf {
    let here = std::env::current_exe().expect("a path");
    let folder = here.parent().expect("a folder");
    let program = folder.join(
        format!(
            "{name}-{}-{:?}",
            std::process::id(),
            std::thread::current().id()
        )
        .replace(['(', ')'], "-"),
    );
    let library = ["libpitaya_client_ffi.a", "../libpitaya_client_ffi.a"]
        .map(|name| folder.join(name))
        .into_iter()
        .find(|path| path.is_file())
        .expect("cargo builds the static library with its tests");
    let mut command = Command::new(compiler.name);
    command
        .args(compiler.arguments)
        .arg("-DPITAYA_NATIVE")
        .arg("-I")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("include"))
        .args(sources)
        .arg("-o")
        .arg(&program)
        .arg(library)
        .args(["-lpthread", "-ldl", "-lm"]);
    let built = command.output().expect("there is a C compiler");
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    program
}
