//! Smaller modules by binaryen, which the npm package has among its tools, and the client as JavaScript without wasm.

use std::{path::Path, process::Command};

use anyhow::{Context as _, Result};

use crate::{
    process,
    wasm::{Product, order, package},
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

/// Functions that are always inlined may be a little larger than binaryen thinks: a compressor likes the same few instructions better than a call.
const INLINING: &str = "--always-inline-max-function-size=4";

/// Writes a smaller module. A plain one stays within the first version of wasm.
pub(super) fn smallest(
    workspace: &Workspace,
    from: &Path,
    to: &Path,
    product: Product,
) -> Result<()> {
    process::run(binaryen(workspace, from, to, product).args(PASSES))?;
    Ok(())
}

/// Gives the imports and exports of a module short names and its functions another order, where it lies, and returns the table of the names.
pub(super) fn finish(workspace: &Workspace, module: &Path, product: Product) -> Result<String> {
    let text = module.with_extension("wat");
    process::run(binaryen(workspace, module, &text, product).arg("--emit-text"))?;
    let sorted = std::fs::read_to_string(&text).map(|text| order::by_length(&text));
    sorted
        .and_then(|sorted| std::fs::write(&text, sorted))
        .with_context(|| format!("cannot put {} in order", text.display()))?;
    // For size once more, as what is written anew is otherwise written as it comes.
    let mut command = binaryen(workspace, &text, module, product);
    process::read(command.args(["-Oz", "--minify-imports-and-exports-and-modules"]))
}

/// wasm-opt on a module, with what the product may use.
fn binaryen(workspace: &Workspace, from: &Path, to: &Path, product: Product) -> Command {
    let mut command = package::node(workspace);
    command
        .arg("node_modules/binaryen/bin/wasm-opt")
        .arg(from)
        .arg("-o")
        .arg(to)
        .args(["--mvp-features", INLINING]);
    if product == Product::Plain {
        command.arg("--enable-mutable-globals");
    } else {
        command.args(FEATURES);
    }
    command
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
