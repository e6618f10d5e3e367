//! The client for C# and Unity: compiled and tested with Mono, and put together as a Unity package.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use crate::{
    ffi::bindings::{self, Profile},
    need::Need,
    process::{self, Tests},
    runner::Step,
    workspace::Workspace,
};

/// The package.
const PACKAGE: &str = "client-ffi/csharp";
/// What the tests start, and where they look for it.
const PROGRAMS: [(&str, &str); 3] = [
    ("PITAYA_CONFORMANCE_SERVER", "pitaya-conformance-server"),
    ("PITAYA_CHAT_SERVER", "chat-server"),
    ("PITAYA_CHAT_CLIENT", "chat-client"),
];
/// The language of the oldest Unity that the package is for, every warning an error. Parameters are documented where their names do not say it.
const COMPILER: [&str; 5] = [
    "-langversion:7.2",
    "-unsafe",
    "-warn:4",
    "-warnaserror",
    "-nowarn:1573",
];
/// Assemblies that programs use beside their own.
const REFERENCES: [&str; 4] = [
    "-r:Pitaya.Client.dll",
    "-r:System.Core",
    "-r:System.Runtime.Serialization",
    "-r:System.Xml",
];
/// What Unity defines on the platforms for which the package has code of its own.
const UNITY_PLATFORMS: [&str; 3] = ["UNITY_STANDALONE", "UNITY_ANDROID", "UNITY_WEBGL"];
/// Debian's packages.
pub(crate) const PACKAGES: [&str; 3] = [
    "mono-mcs",
    "mono-runtime",
    "libmono-system-runtime-serialization4.0-cil",
];
/// Installs Mono and its compiler.
pub(crate) const INSTALL: &str =
    "apt-get install mono-mcs mono-runtime libmono-system-runtime-serialization4.0-cil";

/// Each step tests what the first one built.
pub(super) fn steps() -> Vec<Step> {
    const MONO: &[Need] = &[Need::Mono];
    vec![
        Step {
            name: "csharp client: build",
            needs: MONO,
            work: build,
        },
        Step {
            name: "csharp client: tests and scenarios",
            needs: MONO,
            work: tests,
        },
        Step {
            name: "csharp client: what Unity compiles",
            needs: MONO,
            work: unity,
        },
    ]
}

/// Why the client cannot be built or run here; `None` when it can.
pub(crate) fn missing() -> Option<String> {
    for program in ["mcs", "mono"] {
        if !process::is_installed(program) {
            return Some(format!("there is no {program}"));
        }
    }
    let json = Path::new("/usr/lib/mono/4.5/System.Runtime.Serialization.dll");
    // Elsewhere Mono comes with all its assemblies.
    (cfg!(target_os = "linux") && Path::new("/usr/lib/mono/4.5").is_dir() && !json.exists())
        .then(|| "Mono has no System.Runtime.Serialization".to_owned())
}

fn build(workspace: &Workspace) -> Result<Tests> {
    let library = bindings::library(workspace, Profile::Development)?;
    assemble(workspace, &library, &folder(workspace, "csharp")?)?;
    process::run(&mut workspace.cargo([
        "build",
        "--locked",
        "--package",
        "pitaya-conformance",
        "--package",
        "chat",
        "--bins",
    ]))
}

/// Compiles everything that Mono runs, beside the native library.
fn assemble(workspace: &Workspace, library: &Path, to: &Path) -> Result<()> {
    let beside = to.join(library.file_name().context("a library has a name")?);
    // A program that still runs keeps the old file.
    let _ = fs::remove_file(&beside);
    fs::copy(library, &beside).with_context(|| format!("cannot write {}", beside.display()))?;
    compile(to, "Pitaya.Client.dll", |mcs| {
        mcs.args([
            "-target:library",
            "-r:System.Runtime.Serialization",
            "-doc:Pitaya.Client.xml",
        ])
        .arg(sources(workspace, &format!("{PACKAGE}/Runtime")))
    })?;
    let programs = [
        (format!("{PACKAGE}/Tests~"), "Pitaya.Client.Tests.exe"),
        (format!("{PACKAGE}/Bench~"), "Pitaya.Client.Bench.exe"),
        ("examples/chat/csharp".to_owned(), "Chat.exe"),
    ];
    for (of, name) in programs {
        compile(to, name, |mcs| {
            mcs.args(REFERENCES).arg(sources(workspace, &of))
        })?;
    }
    Ok(())
}

fn tests(workspace: &Workspace) -> Result<Tests> {
    let folder = folder(workspace, "csharp")?;
    let mut tests = mono(&folder.join("Pitaya.Client.Tests.exe"));
    tests.env("PITAYA_CHAT", folder.join("Chat.exe"));
    tests.env("PITAYA_REPOSITORY", workspace.root());
    for (variable, program) in PROGRAMS {
        tests.env(variable, workspace.program(program));
    }
    process::run(&mut tests)?;
    // What a push costs is a test too: it fails where that is more than two allocations.
    process::run(mono(&folder.join("Pitaya.Client.Bench.exe")).arg("pushes"))
}

/// Compiles the package and the sample as Unity would on each platform, against stand-ins for Unity's own assemblies.
fn unity(workspace: &Workspace) -> Result<Tests> {
    let to = folder(workspace, "csharp-unity")?;
    for platform in UNITY_PLATFORMS {
        compile(&to, &format!("{platform}.dll"), |mcs| {
            // Bodies that are only read are filled by Unity.
            mcs.args(["-target:library", "-nowarn:649"])
                .arg(format!("-define:UNITY_5_3_OR_NEWER;{platform}"))
                .arg(sources(workspace, &format!("{PACKAGE}/Runtime")))
                .arg(sources(workspace, &format!("{PACKAGE}/StandIns~")))
                .arg(sources(workspace, "examples/unity-poll/Assets"))
        })?;
    }
    Ok(Tests::default())
}

/// The program that measures a request's round trip, as words of a command.
pub(crate) fn round_trip(workspace: &Workspace) -> Result<Vec<String>> {
    let library = bindings::library(workspace, Profile::Release)?;
    let to = folder(workspace, "csharp-bench")?;
    assemble(workspace, &library, &to)?;
    let program = to.join("Pitaya.Client.Bench.exe").display().to_string();
    Ok(vec!["mono".to_owned(), program, "round-trip".to_owned()])
}

/// Runs the compiler in the folder of what it writes, where it also finds what was built before.
fn compile(to: &Path, name: &str, with: impl FnOnce(&mut Command) -> &mut Command) -> Result<()> {
    let mut mcs = Command::new("mcs");
    mcs.current_dir(to)
        .args(COMPILER)
        .args(["-debug", &format!("-out:{name}")]);
    process::run(with(&mut mcs)).map(drop)
}

fn sources(workspace: &Workspace, of: &str) -> String {
    format!("-recurse:{}/*.cs", workspace.root().join(of).display())
}

fn mono(program: &Path) -> Command {
    let mut mono = Command::new("mono");
    mono.arg("--debug").arg(program);
    mono
}

fn folder(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let target = workspace.metadata().target_directory.as_std_path();
    let folder = target.join("ffi").join(name);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}
