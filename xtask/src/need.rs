//! What a step needs beside Rust and a C compiler: whether it is there, and how it is installed.

use std::{path::PathBuf, process::Command};

use crate::{process, screen, workspace::Workspace};

/// The target of the browser client and of the size report.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Something that a step needs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Need {
    /// A compiler for `wasm32-unknown-unknown` with its standard library.
    Wasm,
}

/// Why a step cannot run, and the command that would change that.
#[derive(Debug)]
pub(crate) struct Missing {
    pub(crate) why: String,
    pub(crate) install: &'static str,
}

impl Need {
    /// Tells what is missing; `None` when the need is met.
    pub(crate) fn missing(self, _workspace: &Workspace) -> Option<Missing> {
        match self {
            Self::Wasm => wasm_compiler().is_none().then(|| Missing {
                why: format!("no standard library for {WASM}"),
                install: "rustup target add wasm32-unknown-unknown \
                          (or, on Debian: apt-get install rustc-web cargo-web rust-web-src)",
            }),
        }
    }

    /// Tries to meet the need; the caller looks again afterwards.
    pub(crate) fn install(self, workspace: &Workspace) {
        match self {
            Self::Wasm => install_wasm(workspace),
        }
    }
}

/// A compiler that can build for wasm.
#[derive(Debug)]
pub(crate) enum WasmCompiler {
    /// The compiler in use has the target's standard library.
    Native,
    /// Debian's separate compiler, which builds the standard library from source.
    Debian {
        /// rust-lld of the compiler in use.
        linker: PathBuf,
    },
}

/// Finds a compiler for wasm.
pub(crate) fn wasm_compiler() -> Option<WasmCompiler> {
    let rustc = || Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    let ask = |arguments: &[&str]| {
        process::read(rustc().args(arguments))
            .ok()
            .map(|text| PathBuf::from(text.trim()))
    };
    let library = ask(&["--print", "target-libdir", "--target", WASM]);
    // The folder's path is printed whether it exists or not.
    if library.is_some_and(|folder| folder.is_dir()) {
        return Some(WasmCompiler::Native);
    }
    // Only Debian's compiler comes with sources that it can build itself.
    let sources = std::fs::read_dir("/usr/src").ok()?.flatten().any(|entry| {
        entry.file_name().to_string_lossy().starts_with("rustc-")
            && entry.path().join("library/std").is_dir()
    });
    let linker = ask(&["--print", "target-libdir"])?
        .parent()?
        .join("bin/rust-lld");
    let found = sources
        && PathBuf::from("/usr/bin/rustc").is_file()
        && PathBuf::from("/usr/bin/cargo").is_file()
        && linker.is_file();
    found.then_some(WasmCompiler::Debian { linker })
}

/// rustup's target first, Debian's packages where that cannot be had.
fn install_wasm(workspace: &Workspace) {
    let attempts: [&[&str]; 3] = [
        &["rustup", "target", "add", WASM],
        &[
            "apt-get",
            "install",
            "-y",
            "--no-install-recommends",
            "rustc-web",
            "cargo-web",
            "rust-web-src",
        ],
        &[
            "sudo",
            "-n",
            "apt-get",
            "install",
            "-y",
            "--no-install-recommends",
            "rustc-web",
            "cargo-web",
            "rust-web-src",
        ],
    ];
    for attempt in attempts {
        if attempt[0] == "apt-get" || attempt[0] == "sudo" {
            let update = attempt
                .iter()
                .position(|word| *word == "install")
                .map(|at| &attempt[..at]);
            let Some(prefix) = update else { continue };
            let mut command = Command::new(prefix[0]);
            command
                .args(&prefix[1..])
                .arg("update")
                .current_dir(workspace.root());
            if process::run(&mut command).is_err() {
                continue;
            }
        }
        let mut command = Command::new(attempt[0]);
        // The target belongs to the toolchain that the root folder selects.
        command.args(&attempt[1..]).current_dir(workspace.root());
        match process::run(&mut command) {
            Ok(_) if wasm_compiler().is_some() => return,
            Ok(_) => {}
            Err(error) => screen::warning(&error.to_string()),
        }
    }
}
