//! The browser client: the core and its driver as wasm modules, their JavaScript, and the npm package around them.

mod bindings;
pub(crate) mod compiler;
mod module;
mod names;
mod optimize;
mod order;
pub(crate) mod package;

use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::{
    process, screen,
    wasm::{compiler::Compiler, module::Module},
    workspace::Workspace,
};

/// The target that browsers run.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// The npm package.
pub(crate) const PACKAGE: &str = "client-wasm/npm";

/// How much care a build takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// What is published and measured: a standard library built for size, everything optimised, and the build without wasm.
    Published,
    /// Quick, for work on the client: larger files, and no `pitaya-client/js`.
    Development,
}

/// One of the modules that the crate is built into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Product {
    /// The client.
    Client,
    /// The client with nothing newer than the first version of wasm, which is what can be turned into JavaScript.
    Plain,
    /// The server's side of the wire and readable frames, for tests and `client.trace`.
    Tools,
}

/// Builds the wasm modules, their JavaScript and the npm package.
///
/// # Errors
///
/// A compiler, node or npm is missing, which the error says with the command that installs it, or something does not compile.
pub(crate) fn build(workspace: &Workspace, mode: Mode) -> Result<()> {
    let start = Instant::now();
    let compiler = compiler::find(mode).with_context(|| compiler::missing(mode))?;
    package::check_tools()?;
    if !compiler::output(workspace, mode, Product::Client).is_file() {
        announce(mode);
    }
    package::install(workspace)?;
    let folder = package::products(workspace);
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    let products: &[Product] = match mode {
        Mode::Published => &[Product::Client, Product::Plain, Product::Tools],
        Mode::Development => &[Product::Client, Product::Tools],
    };
    for product in products {
        make(workspace, &compiler, mode, *product)?;
    }
    if mode == Mode::Development {
        // It would be of another build than the rest.
        package::forget(workspace, "client_js.js")?;
    }
    package::build(workspace)?;
    let time = screen::duration(start.elapsed());
    screen::passed("built ", &format!("{PACKAGE}/dist in {time}"));
    Ok(())
}

/// A first build takes minutes: that is said before, not found out.
fn announce(mode: Mode) {
    screen::note(match mode {
        Mode::Published => {
            "The first build makes a standard library for size as well: it takes about 4 minutes on two cores, later ones about 1."
        }
        Mode::Development => {
            "The first build takes about 2 minutes on two cores, later ones seconds."
        }
    });
}

/// Compiles a module, makes its JavaScript, optimises it, and puts both in place.
fn make(workspace: &Workspace, compiler: &Compiler, mode: Mode, product: Product) -> Result<()> {
    process::run(&mut compiler.command(workspace, mode, product))?;
    let name = product.name();
    let folder = compiler::target_folder(workspace, product).join("bindings");
    bindings::generate(&compiler::output(workspace, mode, product), &folder, name)?;
    let mut file = folder.join(format!("{name}_bg.wasm"));
    if mode == Mode::Published {
        let smaller = file.with_extension("opt.wasm");
        optimize::smallest(workspace, &file, &smaller, product)?;
        if product != Product::Tools {
            let table = optimize::finish(workspace, &smaller, product)?;
            names::shorten(&folder.join(format!("{name}.js")), &table)?;
        }
        file = smaller;
    }
    if product == Product::Plain {
        return optimize::to_javascript(workspace, &folder, &file);
    }
    let mut module = Module::read(&file)?;
    if product == Product::Client {
        module = module.stamped();
    }
    let products = package::products(workspace);
    module.write(&products.join(format!("{name}_bg.wasm")))?;
    for ending in ["js", "d.ts"] {
        let file = format!("{name}.{ending}");
        std::fs::copy(folder.join(&file), products.join(&file))
            .with_context(|| format!("cannot write {file} to {}", products.display()))?;
    }
    Ok(())
}

impl Product {
    /// What its files are called.
    const fn name(self) -> &'static str {
        match self {
            Self::Client | Self::Plain => "client",
            Self::Tools => "tools",
        }
    }

    /// The folder in which it is made.
    const fn folder(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Plain => "plain",
            Self::Tools => "tools",
        }
    }
}
