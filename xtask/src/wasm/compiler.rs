//! The compiler for wasm: rustup's, with its own standard library or one built from source, or Debian's separate one.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    process,
    wasm::{Mode, Product, TARGET},
    workspace::Workspace,
};

/// The crate that is compiled, and the file cargo makes of its name.
const CRATE: &str = "pitaya-client-wasm";
const FILE: &str = "pitaya_client_wasm.wasm";
/// Installs the sources of the standard library.
pub(crate) const INSTALL_SOURCES: &str = "rustup component add rust-src \
    (or, on Debian: apt-get install rustc-web cargo-web rust-web-src)";
/// Installs what is enough for development.
pub(crate) const INSTALL_TARGET: &str = "rustup target add wasm32-unknown-unknown \
    (or, on Debian: apt-get install rustc-web cargo-web rust-web-src)";

/// A compiler that can build for wasm.
#[derive(Debug)]
pub(crate) enum Compiler {
    /// The compiler in use, with the target's standard library as it was delivered.
    Prebuilt,
    /// The compiler in use, which builds the standard library from its sources.
    Sources,
    /// Debian's separate compiler, which builds the standard library from source.
    Debian {
        /// rust-lld of the compiler in use.
        linker: PathBuf,
    },
}

/// Finds a compiler that serves for a build of this kind.
pub(crate) fn find(mode: Mode) -> Option<Compiler> {
    // The folder's path is printed whether it exists or not.
    let prebuilt =
        ask(&["--print", "target-libdir", "--target", TARGET]).is_some_and(|p| p.is_dir());
    if mode == Mode::Development && prebuilt {
        return Some(Compiler::Prebuilt);
    }
    let library = "lib/rustlib/src/rust/library/std";
    if ask(&["--print", "sysroot"]).is_some_and(|root| root.join(library).is_dir()) {
        return Some(Compiler::Sources);
    }
    debian()
}

/// What a build of this kind lacks, and how to get it.
pub(crate) fn missing(mode: Mode) -> String {
    match mode {
        Mode::Published => format!(
            "the browser client is built with the sources of Rust's standard library, which are missing; to install them: {INSTALL_SOURCES}"
        ),
        Mode::Development => {
            format!("there is no standard library for {TARGET}; to install it: {INSTALL_TARGET}")
        }
    }
}

/// Debian's compiler, which comes with the sources that it can build itself: those of another version it cannot.
fn debian() -> Option<Compiler> {
    let sources = std::fs::read_dir("/usr/src").ok()?.flatten().any(|entry| {
        entry.file_name().to_string_lossy().starts_with("rustc-")
            && entry.path().join("library/std").is_dir()
    });
    let linker = ask(&["--print", "target-libdir"])?
        .parent()?
        .join("bin/rust-lld");
    let found = sources
        && Path::new("/usr/bin/rustc").is_file()
        && Path::new("/usr/bin/cargo").is_file()
        && linker.is_file();
    found.then_some(Compiler::Debian { linker })
}

/// Asks the compiler in use for a path.
fn ask(arguments: &[&str]) -> Option<PathBuf> {
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    let text = process::read(rustc.args(arguments)).ok()?;
    Some(PathBuf::from(text.trim()))
}

/// Where cargo keeps the sources of other crates.
fn cargo_home() -> Option<PathBuf> {
    std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(std::env::home_dir()?.join(".cargo")))
}

/// Flags with which no path of this machine gets into what is published; the last one that fits counts.
pub(crate) fn short_paths(workspace: &Workspace) -> Vec<String> {
    let folders = [
        (cargo_home(), "cargo"),
        (ask(&["--print", "sysroot"]), "rust"),
        (Some(workspace.root().to_path_buf()), "."),
    ];
    let flag = |(folder, name): (Option<PathBuf>, _)| {
        Some(format!("--remap-path-prefix={}={name}", folder?.display()))
    };
    folders.into_iter().filter_map(flag).collect()
}

/// Build results of its own for each product: cargo gives a module of whatever flags and features one and the same name, and would take
/// the last one that was made for the one that is asked for.
pub(super) fn target_folder(workspace: &Workspace, product: Product) -> PathBuf {
    workspace
        .metadata()
        .target_directory
        .join("wasm")
        .join(product.folder())
        .into_std_path_buf()
}

/// Where cargo puts the module.
pub(super) fn output(workspace: &Workspace, mode: Mode, product: Product) -> PathBuf {
    target_folder(workspace, product)
        .join(TARGET)
        .join(profile(mode))
        .join(FILE)
}

/// The profile of the root manifest.
fn profile(mode: Mode) -> &'static str {
    match mode {
        Mode::Published => "wasm",
        Mode::Development => "wasm-dev",
    }
}

impl Compiler {
    /// cargo's command that builds the library of a package as one of this kind, for a target of wasm.
    pub(crate) fn library(
        &self,
        workspace: &Workspace,
        package: &str,
        kind: &str,
        target: &str,
    ) -> Command {
        let mut command = workspace.cargo(["rustc"]);
        if let Self::Debian { linker } = self {
            command = Command::new("/usr/bin/cargo");
            command
                .arg("rustc")
                .current_dir(workspace.root())
                .env("RUSTC", "/usr/bin/rustc")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
                .env_remove("RUSTUP_TOOLCHAIN")
                .env_remove("CARGO");
        }
        command
            .args(["--locked", "--package", package, "--lib"])
            // A library of two kinds gets no link-time optimisation.
            .args(["--crate-type", kind, "--target", target])
            // Flags for the host's compiler are not meant for this target.
            .env_remove("RUSTFLAGS");
        if !matches!(self, Self::Prebuilt) {
            command
                .args([
                    "-Zbuild-std=std,panic_abort",
                    "-Zbuild-std-features=optimize_for_size",
                ])
                .env("RUSTC_BOOTSTRAP", "1");
        }
        command
    }

    /// The command that compiles a module.
    pub(super) fn command(&self, workspace: &Workspace, mode: Mode, product: Product) -> Command {
        let mut command = self.library(workspace, CRATE, "cdylib", TARGET);
        command
            .args(["--profile", profile(mode)])
            .env("CARGO_TARGET_DIR", target_folder(workspace, product))
            .env(
                "CARGO_ENCODED_RUSTFLAGS",
                self.flags(workspace, product).join("\x1f"),
            );
        if product == Product::Tools {
            command.args(["--features", "tools"]);
        }
        command
    }

    fn flags(&self, workspace: &Workspace, product: Product) -> Vec<String> {
        let mut flags = short_paths(workspace);
        if !matches!(self, Self::Prebuilt) {
            // A panic ends the module at once: no message, and none of the code that would write one.
            flags.extend(["-Zunstable-options", "-Cpanic=immediate-abort"].map(str::to_owned));
        }
        let features = match (product, self) {
            (Product::Plain, _) => Some("-Ctarget-cpu=mvp"),
            // The prebuilt library was compiled with references, and its features are the module's.
            (_, Self::Prebuilt) => None,
            // The table of references and its code weigh more than the list of objects that JavaScript keeps without it.
            _ => Some("-Ctarget-feature=-reference-types"),
        };
        flags.extend(features.map(str::to_owned));
        flags
    }
}
