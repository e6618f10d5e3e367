//! The client for Apple's systems: its bindings and scenarios, and on macOS its XCFramework.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail, ensure};

use crate::{
    ffi::bindings::{self, Profile, TargetLanguage},
    process::{self, Tests},
    runner::Step,
    screen,
    workspace::Workspace,
};

/// The Swift package. Its folder `target` has what is built here, as a package has nothing outside of its folder.
const PACKAGE: &str = "client-ffi/swift";
/// The surface that the package was compiled with last, under its folder.
const SURFACE: &str = "surface.txt";
/// What the tests start, and where they look for it.
const SERVER: (&str, &str) = ("PITAYA_CONFORMANCE_SERVER", "pitaya-conformance-server");
/// The oldest systems that the client is for.
const OLDEST: [(&str, &str); 2] = [
    ("IPHONEOS_DEPLOYMENT_TARGET", "13.0"),
    ("MACOSX_DEPLOYMENT_TARGET", "10.15"),
];
/// The parts of the XCFramework, each with Rust's names of its processors.
const PARTS: [(&str, &[&str]); 3] = [
    ("ios", &["aarch64-apple-ios"]),
    (
        "ios-simulator",
        &["aarch64-apple-ios-sim", "x86_64-apple-ios"],
    ),
    ("macos", &["aarch64-apple-darwin", "x86_64-apple-darwin"]),
];

/// What has no Swift to run with is not among the steps: not every system has a package of it, so that nothing here could install it.
pub(super) fn steps() -> Vec<Step> {
    let mut steps = vec![Step {
        name: "swift client: bindings",
        needs: &[],
        work: build,
    }];
    if is_installed() {
        steps.push(Step {
            name: "swift client: tests and scenarios",
            needs: &[],
            work: tests,
        });
    }
    steps
}

/// Another program has the same name.
fn is_installed() -> bool {
    process::read(Command::new("swift").arg("--version"))
        .is_ok_and(|told| told.contains("Swift version"))
}

fn build(workspace: &Workspace) -> Result<Tests> {
    let library = bindings::library(workspace, Profile::Development)?;
    let target = workspace.root().join(PACKAGE).join("target");
    let written = emptied(target.join("bindings"))?;
    bindings::write(TargetLanguage::Swift, &library, &written)?;
    let native = emptied(target.join("PitayaNative"))?;
    fs::copy(
        written.join("PitayaNative.swift"),
        native.join("PitayaNative.swift"),
    )?;
    let below = emptied(target.join("PitayaFFI"))?;
    fs::copy(written.join("PitayaFFI.h"), below.join("PitayaFFI.h"))?;
    if cfg!(target_os = "macos") {
        fs::write(below.join("module.modulemap"), module(""))?;
        framework(workspace, &below, &target)?;
    } else {
        let link = "    link \"pitaya_client_ffi\"\n";
        fs::write(below.join("module.modulemap"), module(link))?;
        let beside = below.join(library.file_name().context("a library has a name")?);
        fs::copy(&library, beside)?;
        screen::skipped("left out: ", "the XCFramework needs macOS with Xcode");
    }
    if is_installed() {
        return Ok(Tests::default());
    }
    screen::skipped(
        "left out: ",
        "the Swift package is not compiled: there is no Swift 5.9 or newer (swift.org, or Debian 13's swiftlang)",
    );
    as_compiled(workspace)
}

/// How Swift finds the C below.
fn module(link: &str) -> String {
    format!("module PitayaFFI {{\n    header \"PitayaFFI.h\"\n{link}    export *\n}}\n")
}

/// Without a compiler: that the surface is the one which the package was compiled with.
fn as_compiled(workspace: &Workspace) -> Result<Tests> {
    let known = fs::read_to_string(workspace.root().join(PACKAGE).join(SURFACE))?;
    let now = surface(workspace)?;
    let differs = |one: &str, other: &str| -> Vec<String> {
        one.lines()
            .filter(|line| !other.lines().any(|other| other == *line))
            .map(str::to_owned)
            .collect()
    };
    ensure!(
        known == now,
        "the surface is not the one that {PACKAGE} was compiled with: new {:?}, gone {:?}; `cargo xtask ffi swift` with Swift installed compiles \
         and tests it and writes {SURFACE}",
        differs(&now, &known),
        differs(&known, &now)
    );
    Ok(Tests::default())
}

/// What the bindings declare for the package, a line for each name and each value of a case.
fn surface(workspace: &Workspace) -> Result<String> {
    const DECLARATIONS: [&str; 8] = [
        "case ",
        "open class ",
        "open func ",
        "public convenience init",
        "public func ",
        "public static func start",
        "public struct ",
        "public var ",
    ];
    let bindings = workspace
        .root()
        .join(PACKAGE)
        .join("target/PitayaNative/PitayaNative.swift");
    let mut surface = String::new();
    let text = without_comments(&fs::read_to_string(bindings)?);
    // What comes before the first object, and a `switch` anywhere, is how the bindings work.
    for line in text
        .lines()
        .skip_while(|line| !line.starts_with("open class "))
    {
        let line = line.trim();
        let inner = [
            "case .",
            "case let ",
            "errorHandler: ",
            "public struct NoHandle",
        ];
        if inner.iter().any(|start| line.starts_with(start)) {
            continue;
        }
        let is_declared = line.starts_with("public enum ")
            || DECLARATIONS.iter().any(|start| line.starts_with(start)) && !line.ends_with(':');
        let is_value = line
            .split_once(": ")
            .is_some_and(|(name, _)| name.chars().all(char::is_alphanumeric))
            && !line.contains(['(', '{', '=']);
        if (is_declared || is_value) && !line.to_lowercase().contains("ffi") {
            surface.push_str(line.split('{').next().unwrap_or_default().trim_end());
            surface.push('\n');
        }
    }
    Ok(surface)
}

fn without_comments(text: &str) -> String {
    let mut parts = text.split("/**");
    let mut rest = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        rest.push_str(part.split_once("*/").map_or("", |(_, rest)| rest));
    }
    rest
}

fn tests(workspace: &Workspace) -> Result<Tests> {
    let (variable, program) = SERVER;
    let mut server = workspace.cargo(["build", "--locked", "--package", "pitaya-conformance"]);
    process::run(server.arg("--bins"))?;
    let package = workspace.root().join(PACKAGE);
    let library = package.join("target/PitayaFFI");
    let mut swift = Command::new("swift");
    swift
        .args(["test", "--disable-swift-testing"])
        .arg("-Xlinker")
        .arg(format!("-L{}", library.display()))
        .current_dir(&package)
        .env(variable, workspace.program(program));
    if cfg!(target_os = "linux") {
        swift.env("LD_LIBRARY_PATH", &library);
    }
    process::run(&mut swift)?;
    fs::write(package.join(SURFACE), surface(workspace)?)?;
    Ok(Tests::default())
}

/// `PitayaFFI.xcframework`: the library as it is given to players, for each system.
fn framework(workspace: &Workspace, headers: &Path, target: &Path) -> Result<()> {
    if !process::read(Command::new("xcodebuild").arg("-version"))
        .is_ok_and(|told| told.contains("Xcode"))
    {
        bail!("there is no Xcode: `xcode-select --install` is not enough, install it from Apple");
    }
    let libraries = emptied(target.join("libraries"))?;
    let mut create = Command::new("xcodebuild");
    create.arg("-create-xcframework");
    for (part, processors) in PARTS {
        let folder = emptied(libraries.join(part))?;
        let mut lipo = Command::new("lipo");
        lipo.arg("-create");
        for processor in processors {
            lipo.arg(library(workspace, processor)?);
        }
        let whole = folder.join("libpitaya_client_ffi.a");
        process::run(lipo.arg("-output").arg(&whole))?;
        create
            .arg("-library")
            .arg(whole)
            .arg("-headers")
            .arg(headers);
    }
    let framework = target.join("PitayaFFI.xcframework");
    if framework.exists() {
        fs::remove_dir_all(&framework)?;
    }
    process::run(create.arg("-output").arg(framework)).map(drop)
}

/// The static library for one processor.
fn library(workspace: &Workspace, processor: &str) -> Result<PathBuf> {
    let mut cargo = workspace.cargo(["build", "--locked", "--profile", "native", "--lib"]);
    cargo
        .args(["--package", "pitaya-client-ffi", "--target", processor])
        .envs(OLDEST);
    process::run(&mut cargo)
        .with_context(|| format!("if Rust lacks the target: `rustup target add {processor}`"))?;
    let target = workspace.metadata().target_directory.as_std_path();
    let folder = target.join(processor).join("native");
    Ok(folder.join("libpitaya_client_ffi.a"))
}

/// The folder, with nothing in it.
fn emptied(folder: PathBuf) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}
