//! The library for programs that emscripten links, as Unity's for browsers are, the bridge to the page's sockets, and a host in C with both.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use crate::{
    need::{CHROMIUM, Need},
    process::{self, Tests},
    runner::Step,
    screen,
    wasm::{
        Mode,
        compiler::{self, short_paths},
        package,
    },
    workspace::Workspace,
};

const TARGET: &str = "wasm32-unknown-emscripten";
/// The host and its tests.
const PACKAGE: &str = "client-ffi/webgl";
/// Where Unity looks for what belongs to a browser: the bridge is there, and the library is put there.
const PLUGINS: &str = "client-ffi/csharp/Runtime/Plugins/WebGL";
const LIBRARY: &str = "libpitaya_client_ffi.a";
/// The scenarios, which hosts in C share, and what is this host's own.
const SOURCES: [&str; 8] = [
    "tests/c/main.c",
    "tests/c/bed.c",
    "tests/c/connecting.c",
    "tests/c/messages.c",
    "tests/c/staying.c",
    "tests/c/beyond.c",
    "webgl/tests/host/net.c",
    "webgl/tests/host/harness.c",
];
/// Installs emscripten.
pub(crate) const INSTALL: &str = "apt-get install emscripten";

/// Each step tests what the first one built.
pub(super) fn steps() -> Vec<Step> {
    const BUILT: &[Need] = &[Need::WasmSources, Need::Emscripten, Need::Node];
    const IN_CHROMIUM: &[Need] = &[
        Need::WasmSources,
        Need::Emscripten,
        Need::Node,
        Need::Chromium,
    ];
    vec![
        Step {
            name: "webgl: library and host",
            needs: BUILT,
            work: build,
        },
        Step {
            name: "webgl: the bridge",
            needs: BUILT,
            work: |workspace| script(workspace, "test:bridge"),
        },
        Step {
            name: "webgl: scenarios in Chromium",
            needs: IN_CHROMIUM,
            work: |workspace| script(workspace, "test:chromium"),
        },
        Step {
            name: "webgl: scenarios in Node",
            needs: BUILT,
            work: |workspace| script(workspace, "test:node"),
        },
    ]
}

/// Why nothing can be linked for a page; `None` when it can.
pub(crate) fn missing() -> Option<String> {
    (!process::is_installed("emcc")).then(|| "emscripten is missing".to_owned())
}

fn build(workspace: &Workspace) -> Result<Tests> {
    let library = library(workspace)?;
    host(workspace, &library)?;
    package::install_in(workspace, PACKAGE)?;
    process::run(&mut workspace.cargo([
        "build",
        "--locked",
        "--package",
        "pitaya-conformance",
        "--bins",
    ]))
}

/// Builds the static library and puts it beside the bridge.
fn library(workspace: &Workspace) -> Result<PathBuf> {
    let mode = Mode::Published;
    let compiler = compiler::find(mode).with_context(|| compiler::missing(mode))?;
    let target = folder(workspace).join("target");
    let mut flags = short_paths(workspace);
    // Unity's tools are older than the compiler: what newer processors of wasm have, they do not read.
    flags.push("-Ctarget-cpu=mvp".to_owned());
    // A program is linked with it, no module that is loaded later.
    flags.push("-Crelocation-model=static".to_owned());
    let mut build = compiler.library(workspace, "pitaya-client-ffi", "staticlib", TARGET);
    // The profile of the browser's module: small, and a panic ends it. Emscripten's versions do not agree on how one would be caught.
    build
        .args(["--profile", "wasm", "--no-default-features"])
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
    process::run(&mut build)?;
    let built = target.join(TARGET).join("wasm").join(LIBRARY);
    let placed = workspace.root().join(PLUGINS).join(LIBRARY);
    fs::copy(&built, &placed).with_context(|| format!("cannot write {}", placed.display()))?;
    let size = usize::try_from(fs::metadata(&placed)?.len())?;
    screen::note(&format!(
        "{PLUGINS}/{LIBRARY} has {} bytes",
        screen::thousands(size)
    ));
    Ok(placed)
}

/// Links the host in C with the library and the bridge, as Unity does.
fn host(workspace: &Workspace, library: &Path) -> Result<Tests> {
    let crate_folder = workspace.root().join("client-ffi");
    let mut emcc = Command::new("emcc");
    emcc.args(["-std=gnu99", "-Wall", "-Wextra", "-Werror", "-O1"]);
    for headers in ["include", "tests/c"] {
        emcc.arg("-I").arg(crate_folder.join(headers));
    }
    emcc.args(SOURCES.map(|source| crate_folder.join(source)))
        .arg(library)
        .arg("--js-library")
        .arg(workspace.root().join(PLUGINS).join("pitaya_sockets.jslib"))
        // Scenarios wait in the middle of a function, which a page cannot; the bridge does not need it.
        .arg("-sASYNCIFY")
        .args(["-sALLOW_MEMORY_GROWTH", "-sEXIT_RUNTIME"])
        .args(["-sMODULARIZE", "-sEXPORT_NAME=scenarios"])
        .args(["-sENVIRONMENT=web,node", "-o"])
        .arg(folder(workspace).join("scenarios.js"));
    process::run(&mut emcc)
}

fn script(workspace: &Workspace, script: &str) -> Result<Tests> {
    let mut npm = package::npm(workspace, PACKAGE);
    npm.args(["run", "--silent", script])
        .env("PITAYA_WEBGL_HOST", folder(workspace))
        .env(
            "PITAYA_CONFORMANCE_SERVER",
            workspace.program("pitaya-conformance-server"),
        );
    if let Some(program) = CHROMIUM.program() {
        npm.env(CHROMIUM.variable, program);
    }
    process::run(&mut npm)
}

fn folder(workspace: &Workspace) -> PathBuf {
    let target = workspace.metadata().target_directory.as_std_path();
    target.join("ffi").join("webgl")
}
