//! The C ABI: what consoles link, the small library, and hosts in C.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use crate::{
    need::Need,
    process::{self, Tests},
    runner::Step,
    screen,
    workspace::Workspace,
};

/// Most bytes of the stripped shared library: with uniffi, TCP, TLS and WebSocket.
const MAX_SIZE: u64 = 2_300_000;
/// What a library may show to the program that loads it.
const OURS: [&str; 4] = ["pitaya_", "uniffi_", "ffi_pitaya_", "UNIFFI_META_"];
/// How loadable segments have to be aligned: newer Android phones have pages of 16 KiB.
const PAGE: u64 = 16 * 1024;

/// Another library in Rust, and a program that needs it and ours.
const OTHER: &str =
    "#[unsafe(no_mangle)]\npub extern \"C\" fn other(n: i32) -> i32 { vec![n; 2].iter().sum() }\n";
const PROGRAM: &str = "#include \"pitaya_client.h\"\nint other(int);\n\
    int main(void) { return pitaya_abi_version() == PITAYA_ABI_VERSION && other(21) == 42 ? 0 : 1; }\n";

pub(super) fn steps() -> Vec<Step> {
    vec![
        Step {
            name: "native library without its own network",
            needs: &[],
            work: without_network,
        },
        Step {
            name: "native library as it is published",
            needs: &[],
            work: published,
        },
        Step {
            name: "hosts in C",
            needs: &[Need::Valgrind, Need::Jansson],
            work: hosts,
        },
    ]
}

/// The tests of all packages have these too, but leave out what needs a tool that is not there.
fn hosts(workspace: &Workspace) -> Result<Tests> {
    process::run(&mut workspace.cargo([
        "test",
        "--locked",
        "--no-fail-fast",
        "-p",
        "pitaya-client-ffi",
        "--test",
        "header",
        "--test",
        "hosts",
    ]))
}

/// Why the chat's client in C cannot be built; `None` when it can.
pub(crate) fn missing_jansson() -> Option<String> {
    let mut look = Command::new("cc");
    look.args(["-x", "c", "-E", "-include", "jansson.h", "/dev/null"]);
    let found = process::read(&mut look).is_ok();
    (!found).then(|| "there is no jansson, a JSON library for C".to_owned())
}

/// What consoles and WebGL link.
fn without_network(workspace: &Workspace) -> Result<Tests> {
    process::run(&mut workspace.cargo([
        "check",
        "--locked",
        "--no-default-features",
        "-p",
        "pitaya-client-ffi",
    ]))
}

fn published(workspace: &Workspace) -> Result<Tests> {
    let folder = libraries(workspace)?;
    if cfg!(target_os = "linux") {
        shared(&folder.join("libpitaya_client_ffi.so"))?;
        archive(workspace, &folder)?;
    }
    Ok(Tests::default())
}

/// Builds both libraries as they are published and says where they are.
pub(super) fn libraries(workspace: &Workspace) -> Result<PathBuf> {
    let mut build = workspace.cargo([
        "rustc",
        "--locked",
        "--profile",
        "native",
        "-p",
        "pitaya-client-ffi",
        "--lib",
    ]);
    // Twice the size up to which a function is copied into its callers: many are smaller than a call.
    build.args(["--", "-Cllvm-args=-inline-threshold=10"]);
    process::run(build.env("CARGO_ENCODED_RUSTFLAGS", short_paths()?))?;
    let target = workspace.metadata().target_directory.as_std_path();
    Ok(target.join("native"))
}

/// Panics name the file in which they happen: with the paths of this machine, which are long, and nobody else's business.
fn short_paths() -> Result<String> {
    let home = std::env::var_os("CARGO_HOME").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cargo"),
        PathBuf::from,
    );
    let registries = std::fs::read_dir(home.join("registry/src"))
        .into_iter()
        .flatten()
        .flatten();
    let mut prefixes: Vec<_> = registries.map(|registry| registry.path()).collect();
    let compiler = process::read(Command::new("rustc").args(["--print", "sysroot"]))?;
    prefixes.push(PathBuf::from(compiler.trim()).join("lib/rustlib/src/rust"));
    let flags = prefixes
        .iter()
        .map(|prefix| format!("--remap-path-prefix={}=", prefix.display()));
    Ok(flags.collect::<Vec<_>>().join("\u{1f}"))
}

/// Checks the shared library: its size, what it shows, how it is loaded.
fn shared(library: &PathBuf) -> Result<()> {
    let size = std::fs::metadata(library)?.len();
    screen::note(&format!(
        "the shared library has {} bytes",
        screen::thousands(usize::try_from(size)?)
    ));
    ensure!(
        size <= MAX_SIZE,
        "the shared library has {size} bytes, {MAX_SIZE} are the limit"
    );
    let shown = process::read(
        Command::new("nm")
            .args(["-D", "--defined-only"])
            .arg(library),
    )?;
    only_ours(&shown, "the shared library")?;
    let segments = process::read(Command::new("readelf").arg("-lW").arg(library))?;
    for segment in segments
        .lines()
        .filter(|line| line.trim_start().starts_with("LOAD"))
    {
        let alignment = segment.split_whitespace().last().unwrap_or_default();
        let bytes = u64::from_str_radix(alignment.trim_start_matches("0x"), 16)
            .with_context(|| format!("no alignment in `{segment}`"))?;
        ensure!(
            bytes >= PAGE,
            "a segment is aligned to {bytes} bytes, not to {PAGE}"
        );
    }
    Ok(())
}

/// Fails for a symbol of a list by `nm` that is not one of ours.
fn only_ours(list: &str, what: &str) -> Result<()> {
    let foreign: Vec<_> = list
        .lines()
        .filter_map(|line| line.split_whitespace().nth(2))
        .filter(|symbol| !OURS.iter().any(|ours| symbol.starts_with(ours)))
        .collect();
    ensure!(
        list.lines().any(|line| line.contains("pitaya_poll")),
        "{what} does not have the C ABI"
    );
    if !foreign.is_empty() {
        bail!("{what} shows what is not ours: {}", foreign.join(", "));
    }
    Ok(())
}

/// Makes `libpitaya_client.a` of the static library: one object, in which only our symbols are global, so that a program may link other
/// libraries in Rust as well. Checks that.
fn archive(workspace: &Workspace, folder: &std::path::Path) -> Result<()> {
    let object = folder.join("pitaya_client.o");
    process::read(
        Command::new("ld")
            // Without its groups: another library's code would be dropped in favour of ours, which it then cannot see.
            .args(["-r", "--force-group-allocation", "--whole-archive"])
            .arg(folder.join("libpitaya_client_ffi.a"))
            .arg("-o")
            .arg(&object),
    )?;
    let keep = OURS.map(|ours| format!("--keep-global-symbol={ours}*"));
    process::read(
        Command::new("objcopy")
            .arg("--wildcard")
            .args(keep)
            // The standard library brings its bitcode along, which nobody needs any more and older tools stumble over.
            .args(["--remove-section=.llvmbc", "--remove-section=.llvmcmd"])
            .arg(&object),
    )?;
    let library = folder.join("libpitaya_client.a");
    if library.exists() {
        std::fs::remove_file(&library)?;
    }
    process::read(Command::new("ar").arg("rcs").arg(&library).arg(&object))?;
    std::fs::remove_file(&object)?;
    let shown = process::read(
        Command::new("nm")
            .args(["-g", "--defined-only"])
            .arg(&library),
    )?;
    only_ours(&shown, "the static library")?;
    beside_another(workspace, folder)
}

/// Links and runs a program with two static libraries in Rust.
fn beside_another(workspace: &Workspace, folder: &std::path::Path) -> Result<()> {
    let (other, program) = (folder.join("other.rs"), folder.join("two_libraries.c"));
    std::fs::write(&other, OTHER)?;
    std::fs::write(&program, PROGRAM)?;
    process::read(
        Command::new("rustc")
            .args(["--edition=2024", "--crate-type=staticlib", "-O", "-o"])
            .arg(folder.join("libother.a"))
            .arg(&other),
    )?;
    let built = folder.join("two_libraries");
    process::read(
        Command::new("cc")
            .args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-I"])
            .arg(workspace.root().join("client-ffi/include"))
            .arg(&program)
            .arg(folder.join("libpitaya_client.a"))
            .arg(folder.join("libother.a"))
            .args(["-lpthread", "-ldl", "-lm", "-o"])
            .arg(&built),
    )?;
    process::read(&mut Command::new(&built)).map(drop)
}
