//! Smaller modules by binaryen, which the npm package has among its tools, and the client as JavaScript without wasm.

use std::path::Path;

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

/// Writes a smaller module. A plain one stays within the first version of wasm.
///
/// Returns the table of the short names that it gave to imports and exports; a module for tools keeps them.
pub(super) fn smallest(
    workspace: &Workspace,
    from: &Path,
    to: &Path,
    product: Product,
) -> Result<Option<String>> {
    let mut command = package::node(workspace);
    command
        .arg("node_modules/binaryen/bin/wasm-opt")
        .arg(from)
        .args(PASSES)
        .arg("--mvp-features");
    if product == Product::Plain {
        command.arg("--enable-mutable-globals");
    } else {
        command.args(FEATURES);
    }
    let named = product != Product::Tools;
    if named {
        command.arg("--minify-imports-and-exports-and-modules");
    }
    let printed = process::read(command.arg("-o").arg(to))?;
    Ok(named.then_some(printed))
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
