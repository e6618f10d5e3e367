//! The JavaScript between a page and a module, by wasm-bindgen's library: its version is that of the crate in Cargo.lock.

use std::path::Path;

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::Bindgen;

/// Writes `<name>.js`, `<name>.d.ts` and `<name>_bg.wasm` into a folder, for the web: the page hands over the module itself.
pub(super) fn generate(module: &Path, folder: &Path, name: &str) -> Result<()> {
    Bindgen::new()
        .input_path(module)
        .out_name(name)
        .web(true)?
        .typescript(true)
        // Bundlers would look for a file of the default name.
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)
        .with_context(|| format!("wasm-bindgen cannot read {}", module.display()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_crate_and_its_tool_have_one_version() {
        let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock"))
            .expect("the lock file is committed");
        let version = |package: &str| {
            let (_, entry) = lock.split_once(&format!("\nname = \"{package}\"\nversion = "))?;
            entry.lines().next().map(str::to_owned)
        };
        assert!(version("wasm-bindgen").is_some());
        assert_eq!(version("wasm-bindgen"), version("wasm-bindgen-cli-support"));
    }
}
