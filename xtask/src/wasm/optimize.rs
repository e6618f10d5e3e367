//! Smaller modules by binaryen, which the npm package has among its tools, and the client as JavaScript without wasm.

use std::path::Path;

use anyhow::Result;

use crate::{process, wasm::package, workspace::Workspace};

/// What a module may use beside the first version of wasm: every browser since the end of 2021 has it.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Makes a module smaller where it lies. A plain one stays within the first version of wasm.
pub(super) fn smallest(workspace: &Workspace, module: &Path, plain: bool) -> Result<()> {
    let mut command = package::node(workspace);
    command
        .arg("node_modules/binaryen/bin/wasm-opt")
        .arg(module)
        .args([
            "-Oz",
            "--converge",
            "--strip-debug",
            "--strip-producers",
            "--strip-target-features",
        ])
        .arg("--mvp-features");
    if plain {
        command.arg("--enable-mutable-globals");
    } else {
        command.args(FEATURES);
    }
    process::run(command.arg("-o").arg(module))?;
    Ok(())
}

/// Turns the plain module and its JavaScript into `client_js.js`, which needs no wasm.
pub(super) fn to_javascript(workspace: &Workspace, folder: &Path) -> Result<()> {
    process::run(
        package::node(workspace)
            .arg("build/javascript.mjs")
            .arg(folder),
    )?;
    Ok(())
}
