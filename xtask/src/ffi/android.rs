//! The native libraries of an Android application, as its `jniLibs` folder has them.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail, ensure};

use crate::{
    process::{self, Tests},
    runner::Step,
    workspace::Workspace,
};

/// Where the folders for each processor go.
const LIBRARIES: &str = "client-ffi/kotlin/target/jniLibs";
/// The oldest NDK whose linker knows what is asked of it here.
const NDK: &str = "r26";
/// The oldest Android that the library is for, as an API level.
const API: u32 = 24;
/// Newer phones have pages of 16 KiB.
const PAGE: &str = "-C link-arg=-Wl,-z,max-page-size=16384";

/// A processor that phones have.
struct Abi {
    /// Android's name.
    folder: &'static str,
    /// Rust's name.
    target: &'static str,
    /// The NDK's name in front of the level.
    compiler: &'static str,
}

const ABIS: [Abi; 3] = [
    Abi {
        folder: "arm64-v8a",
        target: "aarch64-linux-android",
        compiler: "aarch64-linux-android",
    },
    Abi {
        folder: "armeabi-v7a",
        target: "armv7-linux-androideabi",
        compiler: "armv7a-linux-androideabi",
    },
    Abi {
        folder: "x86_64",
        target: "x86_64-linux-android",
        compiler: "x86_64-linux-android",
    },
];

/// Not part of the tests: an NDK has to be accepted and downloaded by a person.
pub(super) fn steps() -> Vec<Step> {
    vec![Step {
        name: "kotlin client: libraries for Android",
        needs: &[],
        work: build,
    }]
}

fn build(workspace: &Workspace) -> Result<Tests> {
    let tools = tools()?;
    let mut tests = Tests::default();
    for abi in &ABIS {
        let compiler = tools.join(format!("{}{API}-clang", abi.compiler));
        ensure!(
            compiler.is_file(),
            "{} is missing: the NDK has to be {NDK} or newer",
            compiler.display()
        );
        let name = abi.target.replace('-', "_");
        let mut cargo = workspace.cargo(["build", "--locked", "--profile", "native", "--lib"]);
        cargo
            .args(["--package", "pitaya-client-ffi", "--target", abi.target])
            .env(linker(&name), &compiler)
            .env(format!("CC_{name}"), &compiler)
            .env(format!("AR_{name}"), tools.join("llvm-ar"))
            .env(
                format!("CARGO_TARGET_{}_RUSTFLAGS", name.to_uppercase()),
                PAGE,
            );
        tests += process::run(&mut cargo).with_context(|| {
            let target = abi.target;
            format!("if Rust lacks the target: `rustup target add {target}`")
        })?;
        copy(workspace, abi)?;
    }
    Ok(tests)
}

/// The setting that names a target's linker.
fn linker(name: &str) -> String {
    format!("CARGO_TARGET_{}_LINKER", name.to_uppercase())
}

fn copy(workspace: &Workspace, abi: &Abi) -> Result<()> {
    const LIBRARY: &str = "libpitaya_client_ffi.so";
    let target = workspace.metadata().target_directory.as_std_path();
    let from = target.join(abi.target).join("native").join(LIBRARY);
    let folder = workspace.root().join(LIBRARIES).join(abi.folder);
    fs::create_dir_all(&folder)?;
    fs::copy(&from, folder.join(LIBRARY))
        .with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}

/// The folder of the NDK's compilers.
fn tools() -> Result<PathBuf> {
    let Some(ndk) = env::var_os("ANDROID_NDK_HOME").map(PathBuf::from) else {
        bail!(
            "ANDROID_NDK_HOME names no NDK: install the Android NDK {NDK} or newer, \
             `sdkmanager 'ndk;26.3.11579264'`, and set it to its folder"
        );
    };
    let host = ndk.join("toolchains/llvm/prebuilt");
    let first = fs::read_dir(&host)
        .with_context(|| format!("{} is no NDK", ndk.display()))?
        .next()
        .context("the NDK has no compilers")??;
    Ok(Path::new(&first.path()).join("bin"))
}
