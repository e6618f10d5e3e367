//! What a step needs beside Rust and a C compiler: whether it is there, and how it is installed.

use std::{path::PathBuf, process::Command};

use crate::{
    cluster,
    ffi::{c, csharp, kotlin, python, webgl},
    interop, process, screen, trial,
    wasm::{Mode, compiler, package},
    workspace::Workspace,
};

/// Something that a step needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// A compiler for the browser's target and the sources of its standard library.
    WasmSources,
    /// node and npm.
    Node,
    /// The Chromium browser.
    Chromium,
    /// The Firefox browser.
    Firefox,
    /// valgrind, which sees leaks and bad memory.
    Valgrind,
    /// The JSON library of the chat's client in C.
    Jansson,
    /// Python, and what it takes to make an environment of it.
    Python,
    /// A JDK and Maven.
    Maven,
    /// Mono and its C# compiler.
    Mono,
    /// emscripten, which links programs for pages.
    Emscripten,
    /// The compiler of protobuf messages, for the crate that talks to etcd.
    Protoc,
    /// The NATS server.
    NatsServer,
    /// The etcd server.
    EtcdServer,
    /// Network namespaces that the trials can make.
    NetworkNamespaces,
    /// The Go toolchain.
    Go,
}

/// Why a step cannot run, and the command that would change that.
#[derive(Debug)]
pub(crate) struct Missing {
    pub(crate) why: String,
    pub(crate) install: &'static str,
}

impl Need {
    /// Tells what is missing; `None` when the need is met.
    pub(crate) fn missing(self) -> Option<Missing> {
        let (why, install) = match self {
            Self::WasmSources => {
                let found = compiler::find(Mode::Published).is_some();
                let why = "the sources of Rust's standard library are missing";
                ((!found).then(|| why.to_owned())?, compiler::INSTALL_SOURCES)
            }
            Self::Node => (package::missing_tools()?, package::INSTALL_NODE),
            Self::Chromium => (no_browser(CHROMIUM)?, "apt-get install chromium"),
            Self::Firefox => (no_browser(FIREFOX)?, "apt-get install firefox-esr"),
            Self::Valgrind => {
                let found = process::is_installed("valgrind");
                let why = "there is no valgrind";
                (
                    (!found).then(|| why.to_owned())?,
                    "apt-get install valgrind",
                )
            }
            Self::Jansson => (c::missing_jansson()?, "apt-get install libjansson-dev"),
            Self::Python => (python::missing()?, python::INSTALL),
            Self::Maven => (kotlin::missing()?, kotlin::INSTALL),
            Self::Mono => (csharp::missing()?, csharp::INSTALL),
            Self::Emscripten => (webgl::missing()?, webgl::INSTALL),
            Self::Protoc => (cluster::missing_protoc()?, cluster::INSTALL_PROTOC),
            Self::NatsServer => (
                cluster::missing_engine("nats-server")?,
                cluster::INSTALL_NATS,
            ),
            Self::EtcdServer => (cluster::missing_engine("etcd")?, cluster::INSTALL_ETCD),
            Self::NetworkNamespaces => (trial::missing_namespaces()?, trial::INSTALL_IP),
            Self::Go => (interop::missing()?, interop::INSTALL),
        };
        Some(Missing { why, install })
    }

    /// Tries to meet the need; the caller looks again afterwards.
    pub(crate) fn install(self, workspace: &Workspace) {
        match self {
            Self::WasmSources => install_sources(workspace),
            Self::Node => apt_install(workspace, &["nodejs", "npm"]),
            Self::Chromium => apt_install(workspace, &["chromium"]),
            Self::Firefox => apt_install(workspace, &["firefox-esr"]),
            Self::Valgrind => apt_install(workspace, &["valgrind"]),
            Self::Jansson => apt_install(workspace, &["libjansson-dev"]),
            Self::Python => apt_install(workspace, &["python3", "python3-venv"]),
            Self::Maven => apt_install(workspace, &["default-jdk-headless", "maven"]),
            Self::Mono => apt_install(workspace, &csharp::PACKAGES),
            Self::Emscripten => apt_install(workspace, &["emscripten"]),
            Self::Protoc => apt_install(workspace, &["protobuf-compiler", "libprotobuf-dev"]),
            Self::NatsServer => apt_install(workspace, &["nats-server"]),
            Self::EtcdServer => apt_install(workspace, &["etcd-server"]),
            Self::NetworkNamespaces => apt_install(workspace, &["iproute2"]),
            Self::Go => apt_install(workspace, &["golang-go"]),
        }
    }
}

/// A browser: the variable that names its program, and where it lies otherwise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Browser {
    /// Tests read it too.
    pub(crate) variable: &'static str,
    places: &'static [&'static str],
}

pub(crate) const CHROMIUM: Browser = Browser {
    variable: "PITAYA_CHROMIUM",
    places: &[
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ],
};

pub(crate) const FIREFOX: Browser = Browser {
    variable: "PITAYA_FIREFOX",
    places: &[
        "/usr/bin/firefox-esr",
        "/usr/bin/firefox",
        "/Applications/Firefox.app/Contents/MacOS/firefox",
    ],
};

impl Browser {
    /// The browser's program, where there is one.
    pub(crate) fn program(self) -> Option<PathBuf> {
        let named = std::env::var_os(self.variable).map(PathBuf::from);
        named
            .into_iter()
            .chain(self.places.iter().map(PathBuf::from))
            .find(|path| path.is_file())
    }
}

/// Why tests in a browser cannot run.
fn no_browser(browser: Browser) -> Option<String> {
    browser.program().is_none().then(|| {
        format!(
            "neither {} nor {} is a browser",
            browser.variable,
            browser.places.join(", ")
        )
    })
}

/// rustup's component first, Debian's packages where that cannot be had.
fn install_sources(workspace: &Workspace) {
    let mut rustup = Command::new("rustup");
    // The component belongs to the toolchain that the root folder selects.
    rustup
        .args(["component", "add", "rust-src"])
        .current_dir(workspace.root());
    if let Err(error) = process::run(&mut rustup) {
        screen::warning(&error.to_string());
    }
    if compiler::find(Mode::Published).is_none() {
        apt_install(workspace, &["rustc-web", "cargo-web", "rust-web-src"]);
    }
}

/// Debian's packages, as root, or with sudo where that asks for no password.
fn apt_install(workspace: &Workspace, packages: &[&str]) {
    // A package that asks something would wait for an answer that nobody gives.
    let quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
    let attempts: [&[&str]; 2] = [&quiet, &[&["sudo", "-n"], &quiet[..]].concat()];
    for attempt in attempts {
        let apt = |arguments: &[&str]| {
            let mut command = Command::new(attempt[0]);
            command
                .args(&attempt[1..])
                .args(arguments)
                .current_dir(workspace.root());
            process::run(&mut command)
        };
        let installed = apt(&["update"]).and_then(|_| {
            let install = ["install", "-y", "--no-install-recommends"];
            apt(&[install.as_slice(), packages].concat())
        });
        match installed {
            Ok(_) => return,
            Err(error) => screen::warning(&error.to_string()),
        }
    }
}
