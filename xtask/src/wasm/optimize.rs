//! Smaller modules by binaryen, which the npm package has among its tools, and the client as JavaScript without wasm.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::{
    process,
    wasm::{Product, package},
    workspace::Workspace,
};

/// What a module may use beside the first version of wasm: every browser since the end of 2021 has it.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Twice for size, with the flow of control laid out anew in between. The memory is the module's own: it starts with zeros, and no
/// pointer of Rust's goes to its first kilobyte.
const PASSES: [&str; 10] = [
    "--low-memory-unused",
    "--zero-filled-memory",
    "-Oz",
    "--flatten",
    "--rereloop",
    "-Oz",
    "--converge",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// Writes a smaller module beside one. A plain one stays within the first version of wasm.
pub(super) fn smallest(workspace: &Workspace, module: &Path, product: Product) -> Result<PathBuf> {
    let smaller = module.with_extension("opt.wasm");
    let mut command = package::node(workspace);
    command
        .arg("node_modules/binaryen/bin/wasm-opt")
        .arg(module)
        .args(PASSES)
        .arg("--mvp-features");
    if product == Product::Plain {
        command.arg("--enable-mutable-globals");
    } else {
        command.args(FEATURES);
    }
    process::run(command.arg("-o").arg(&smaller))?;
    Ok(smaller)
}

/// Gives the imports and exports of a module short names, where it lies, and returns the table of the names.
pub(super) fn short_names(workspace: &Workspace, module: &Path) -> Result<String> {
    process::read(
        package::node(workspace)
            .arg("node_modules/binaryen/bin/wasm-opt")
            .arg(module)
            .args(FEATURES)
            .arg("--minify-imports-and-exports-and-modules")
            .arg("-o")
            .arg(module),
    )
}

/// Turns the plain module and its JavaScript into `client_js.js`, which needs no wasm.
pub(super) fn to_javascript(workspace: &Workspace, folder: &Path, module: &Path) -> Result<()> {
    process::run(
        package::node(workspace)
            .arg("build/javascript.mjs")
            .args([folder, module]),
    )?;
    Ok(())
}
