//! The coroutine client: generated, built and tested on the JVM.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};

use crate::{
    ffi::bindings::{self, Profile, TargetLanguage},
    need::Need,
    process::{self, Tests},
    runner::Step,
    workspace::Workspace,
};

/// The Maven module.
const PACKAGE: &str = "client-ffi/kotlin";
/// What the tests start, and where they look for it.
const PROGRAMS: [(&str, &str); 3] = [
    ("PITAYA_CONFORMANCE_SERVER", "pitaya-conformance-server"),
    ("PITAYA_CHAT_SERVER", "chat-server"),
    ("PITAYA_CHAT_CLIENT", "chat-client"),
];
/// The oldest Java that the client is for.
const JAVA: u32 = 17;
/// Writes where the dependencies lie.
const CLASSPATH: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:build-classpath";
/// Installs a JDK and Maven.
pub(crate) const INSTALL: &str = "apt-get install default-jdk-headless maven";

pub(super) fn steps() -> Vec<Step> {
    const MAVEN: &[Need] = &[Need::Maven];
    vec![
        Step {
            name: "kotlin client: bindings",
            needs: MAVEN,
            work: build,
        },
        Step {
            name: "kotlin client: tests and scenarios",
            needs: MAVEN,
            work: tests,
        },
    ]
}

/// Why the client cannot be built or run here; `None` when it can.
pub(crate) fn missing() -> Option<String> {
    let told = process::read(Command::new("mvn").args(["--batch-mode", "--version"])).ok();
    let version = told
        .as_deref()
        .and_then(|told| told.split("Java version: ").nth(1))
        .and_then(|rest| rest.split(['.', ',']).next()?.parse::<u32>().ok());
    match version {
        Some(version) if version >= JAVA => None,
        Some(version) => Some(format!("Maven runs on Java {version}, not {JAVA} or newer")),
        None => Some("Maven or its JDK is missing".to_owned()),
    }
}

/// uniffi's half of the client, and the library where JNA looks for it in a jar.
fn build(workspace: &Workspace) -> Result<Tests> {
    let library = bindings::library(workspace, Profile::Development)?;
    let target = workspace.root().join(PACKAGE).join("target");
    bindings::write(
        TargetLanguage::Kotlin,
        &library,
        &emptied(target.join("bindings"))?,
    )?;
    let platform = emptied(target.join("natives"))?.join(platform()?);
    fs::create_dir_all(&platform)?;
    let to = platform.join(library.file_name().context("a library has a name")?);
    fs::copy(&library, &to).with_context(|| format!("cannot write {}", to.display()))?;
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

fn tests(workspace: &Workspace) -> Result<Tests> {
    let package = workspace.root().join(PACKAGE);
    let reports = emptied(package.join("target/surefire-reports"))?;
    let mut maven = Command::new("mvn");
    maven
        .args(["--batch-mode", "--no-transfer-progress", "verify"])
        .current_dir(package);
    for (variable, program) in PROGRAMS {
        maven.env(variable, workspace.program(program));
    }
    process::run(&mut maven)?;
    counted(&reports)
}

/// The program that measures a request's round trip, as words of a command.
pub(crate) fn round_trip(workspace: &Workspace) -> Result<Vec<String>> {
    let library = bindings::library(workspace, Profile::Release)?;
    build(workspace)?;
    let package = workspace.root().join(PACKAGE);
    let classpath = package.join("target/classpath.txt");
    process::run(
        Command::new("mvn")
            .args(["--batch-mode", "--no-transfer-progress", "--quiet"])
            .args(["test-compile", CLASSPATH])
            .arg(format!("-Dmdep.outputFile={}", classpath.display()))
            .current_dir(&package),
    )?;
    let jars = fs::read_to_string(&classpath)?;
    let folder = library.parent().context("a library is in a folder")?;
    let classes = package.join("target/classes");
    let programs = package.join("target/test-classes");
    Ok(vec![
        "java".to_owned(),
        format!("-Djna.library.path={}", folder.display()),
        "-cp".to_owned(),
        format!("{}:{}:{jars}", programs.display(), classes.display()),
        "dev.pitaya.client.bench.RoundTripKt".to_owned(),
    ])
}

/// What Maven's reports say.
fn counted(reports: &Path) -> Result<Tests> {
    let mut tests = Tests::default();
    for report in fs::read_dir(reports)? {
        let report = report?.path();
        if report
            .extension()
            .is_none_or(|extension| extension != "xml")
        {
            continue;
        }
        let text = fs::read_to_string(&report)?;
        let suite = text
            .split_once("<testsuite ")
            .and_then(|(_, suite)| suite.split('>').next())
            .with_context(|| format!("{} has no suite", report.display()))?;
        let count = |name: &str| -> u64 {
            let value = suite.split(&format!(" {name}=\"")).nth(1);
            let value = value.and_then(|value| value.split('"').next());
            value.and_then(|value| value.parse().ok()).unwrap_or(0)
        };
        let (failed, ignored) = (count("failures") + count("errors"), count("skipped"));
        tests += Tests {
            programs: 1,
            passed: count("tests").saturating_sub(failed + ignored),
            failed,
            ignored,
        };
    }
    ensure!(tests.passed > 0, "no test ran");
    Ok(tests)
}

/// JNA's name of the folder in which a jar has this platform's library.
fn platform() -> Result<String> {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let processor = match std::env::consts::ARCH {
        "x86_64" => "x86-64",
        "aarch64" => "aarch64",
        other => anyhow::bail!("JNA's name of {other} is not known here"),
    };
    Ok(format!("{system}-{processor}"))
}

/// The folder, with nothing in it.
fn emptied(folder: PathBuf) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}
