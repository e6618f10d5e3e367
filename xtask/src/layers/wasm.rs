//! Builds the client machine for `wasm32-unknown-unknown` and says how large it is.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use flate2::{Compression, write::GzEncoder};

use crate::{
    need::{WASM, WasmCompiler, wasm_compiler},
    process::{self, Tests},
    screen,
    workspace::Workspace,
};

/// The program that drives the machine, so that the linker keeps what a browser would need and no more.
const PROBE: &str = include_str!("../../wasm-probe/main.rs");

/// Built for size, as a browser client is.
const MANIFEST: &str = r#"[package]
name = "wasm-probe"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
pitaya-client-core = { path = "CLIENT_CORE", default-features = false }
pitaya-protocol = { path = "PROTOCOL", default-features = false }

[profile.release]
opt-level = "z"
lto = true
codegen-units = 1
panic = "abort"
"#;

/// Builds the probe and prints its size.
pub(crate) fn report_size(workspace: &Workspace) -> Result<Tests> {
    let folder = workspace.scratch().join("wasm-probe");
    write_probe(workspace, &folder)?;
    let compiler = wasm_compiler().with_context(|| format!("no compiler for {WASM}"))?;
    let built = workspace.scratch().join("wasm");
    let mut command = build_command(&compiler);
    command
        .args(["--release", "--target", WASM])
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", &built)
        // Flags for the host's compiler are not meant for this target.
        .env_remove("RUSTFLAGS");
    process::run(&mut command)?;
    let file = built.join(WASM).join("release/wasm-probe.wasm");
    let module =
        std::fs::read(&file).with_context(|| format!("no module at {}", file.display()))?;
    let code = without_custom_sections(&module)?;
    screen::note(&format!(
        "client machine for {WASM}: {} bytes, {} bytes gzip",
        screen::thousands(code.len()),
        screen::thousands(gzip(&code)?),
    ));
    Ok(Tests::default())
}

fn build_command(compiler: &WasmCompiler) -> Command {
    match compiler {
        WasmCompiler::Native => {
            let mut command =
                Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
            command.arg("build");
            command
        }
        WasmCompiler::Debian { linker } => {
            let mut command = Command::new("/usr/bin/cargo");
            command
                .args(["build", "-Zbuild-std=std,panic_abort"])
                .env("RUSTC", "/usr/bin/rustc")
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
                .env_remove("RUSTUP_TOOLCHAIN")
                .env_remove("CARGO");
            command
        }
    }
}

/// A package of its own among the build results: it is no member of the workspace.
fn write_probe(workspace: &Workspace, folder: &Path) -> Result<()> {
    let path = |name: &str| {
        workspace
            .root()
            .join(name)
            .display()
            .to_string()
            .replace('\\', "/")
    };
    let manifest = MANIFEST
        .replace("CLIENT_CORE", &path("client-core"))
        .replace("PROTOCOL", &path("protocol"));
    std::fs::create_dir_all(folder.join("src"))?;
    write_if_changed(&folder.join("Cargo.toml"), manifest.as_bytes())?;
    write_if_changed(&folder.join("src/main.rs"), PROBE.as_bytes())?;
    // The versions of the workspace; cargo drops what the probe does not use.
    let lock: PathBuf = workspace.root().join("Cargo.lock");
    if lock.is_file() && !folder.join("Cargo.lock").is_file() {
        std::fs::copy(lock, folder.join("Cargo.lock"))?;
    }
    Ok(())
}

/// Keeps the time of a file that stays the same, so that cargo has nothing to do.
fn write_if_changed(path: &Path, content: &[u8]) -> Result<()> {
    if std::fs::read(path).is_ok_and(|found| found == content) {
        return Ok(());
    }
    std::fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}

/// The module without names and notes for tools, which a release leaves out.
fn without_custom_sections(module: &[u8]) -> Result<Vec<u8>> {
    const HEADER: usize = 8;
    const CUSTOM: u8 = 0;
    if !module.starts_with(b"\0asm") || module.len() < HEADER {
        bail!("the compiler wrote no wasm module");
    }
    let mut kept = module[..HEADER].to_vec();
    let mut at = HEADER;
    while at < module.len() {
        let (length, digits) = leb128(&module[at + 1..])?;
        let end = at + 1 + digits + length;
        let section = module
            .get(at..end)
            .context("a section runs over the end of the module")?;
        if section[0] != CUSTOM {
            kept.extend_from_slice(section);
        }
        at = end;
    }
    Ok(kept)
}

/// A length of the module format, and how many bytes it takes.
fn leb128(bytes: &[u8]) -> Result<(usize, usize)> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok((value, index + 1));
        }
    }
    bail!("a length in the module does not end")
}

fn gzip(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_count() {
        let module = [
            b"\0asm\x01\0\0\0".as_slice(),
            &[1, 2, 7, 7],
            &[0, 3, 1, b'n', 9],
            &[10, 1, 5],
        ]
        .concat();
        let code = without_custom_sections(&module).expect("a module");
        assert_eq!(
            code,
            [b"\0asm\x01\0\0\0".as_slice(), &[1, 2, 7, 7], &[10, 1, 5]].concat()
        );
    }

    #[test]
    fn what_is_no_module_is_an_error() {
        assert!(without_custom_sections(b"ELF").is_err());
        assert!(without_custom_sections(b"\0asm\x01\0\0\0\x01\xff").is_err());
    }
}
