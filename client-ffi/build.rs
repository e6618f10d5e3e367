//! How the shared library is linked.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let system = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if matches!(&*system, "linux" | "android") {
        // Android's newer phones load pages of 16 KiB and nothing that is aligned to less.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,max-page-size=16384");
    }
    let target = std::env::var("TARGET").unwrap_or_default();
    if target == "x86_64-unknown-linux-gnu" && published() {
        // Functions with the same code are one. This is the target for which Rust brings the linker that can.
        println!("cargo:rustc-cdylib-link-arg=-Wl,--icf=all");
    }
}

/// Whether this is the profile `native`: a build script writes to PROFILE/build/PACKAGE/out.
fn published() -> bool {
    let out = std::env::var_os("OUT_DIR").unwrap_or_default();
    Path::new(&out)
        .ancestors()
        .nth(3)
        .is_some_and(|profile| profile.ends_with("native"))
}
