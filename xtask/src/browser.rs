//! Tests of the browser client: the package in Node, in Chromium and in Firefox, its size and its public types.

use anyhow::Result;

use crate::{
    need::{CHROMIUM, FIREFOX, Need},
    process::{self, Tests},
    runner::Step,
    wasm::{self, Mode, PACKAGE, package},
    workspace::Workspace,
};

/// The page that is an example of using the package.
const PAGE: &str = "examples/chat/web";
/// The program that is an example of protobuf bodies.
const PROTOBUF: &str = "examples/protobuf-es";
/// What the tests start, and where they look for it.
const PROGRAMS: [(&str, &str); 3] = [
    ("PITAYA_CONFORMANCE_SERVER", "pitaya-conformance-server"),
    ("PITAYA_CHAT_SERVER", "chat-server"),
    ("PITAYA_CHAT_CLIENT", "chat-client"),
];

/// Each step tests what the first one built.
pub(crate) fn steps() -> Vec<Step> {
    const BUILT: &[Need] = &[Need::WasmSources, Need::Node];
    const IN_CHROMIUM: &[Need] = &[Need::WasmSources, Need::Node, Need::Chromium];
    const IN_FIREFOX: &[Need] = &[Need::WasmSources, Need::Node, Need::Firefox];
    vec![
        Step {
            name: "browser client: build",
            needs: BUILT,
            work: build,
        },
        Step {
            name: "browser client: sizes",
            needs: BUILT,
            work: |workspace| script(workspace, PACKAGE, "sizes"),
        },
        Step {
            name: "browser client: what is weighed is what a page downloads",
            needs: IN_CHROMIUM,
            work: |workspace| script(workspace, PACKAGE, "test:weight"),
        },
        Step {
            name: "browser client: public types",
            needs: BUILT,
            work: types,
        },
        Step {
            name: "browser client: unit tests",
            needs: BUILT,
            work: |workspace| script(workspace, PACKAGE, "test:unit"),
        },
        Step {
            name: "browser client: tests of testing, trace, protobuf and react",
            needs: BUILT,
            work: |workspace| script(workspace, PACKAGE, "test:kit"),
        },
        Step {
            name: "browser client: vectors",
            needs: BUILT,
            work: |workspace| script(workspace, PACKAGE, "test:vectors"),
        },
        Step {
            name: "browser client: scenarios in Node",
            needs: BUILT,
            work: |workspace| script(workspace, PACKAGE, "test:scenarios:node"),
        },
        Step {
            name: "browser client: scenarios in Chromium",
            needs: IN_CHROMIUM,
            work: |workspace| script(workspace, PACKAGE, "test:scenarios:chromium"),
        },
        Step {
            name: "browser client: scenarios in Chromium without wasm, under a strict policy",
            needs: IN_CHROMIUM,
            work: |workspace| script(workspace, PACKAGE, "test:scenarios:js"),
        },
        Step {
            name: "browser client: scenarios in Firefox",
            needs: IN_FIREFOX,
            work: |workspace| script(workspace, PACKAGE, "test:scenarios:firefox"),
        },
        Step {
            name: "browser client: packaging",
            needs: IN_CHROMIUM,
            work: |workspace| script(workspace, PACKAGE, "test:packaging"),
        },
        Step {
            name: "example with protobuf-es",
            needs: BUILT,
            work: protobuf,
        },
        Step {
            name: "demo in Chromium",
            needs: IN_CHROMIUM,
            work: demo,
        },
    ]
}

/// The published build, and the servers and clients that the tests start.
fn build(workspace: &Workspace) -> Result<Tests> {
    wasm::build(workspace, Mode::Published)?;
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

fn types(workspace: &Workspace) -> Result<Tests> {
    script(workspace, PACKAGE, "typecheck")?;
    script(workspace, PACKAGE, "types:check")
}

fn protobuf(workspace: &Workspace) -> Result<Tests> {
    package::install_in(workspace, PROTOBUF)?;
    script(workspace, PROTOBUF, "test")
}

fn demo(workspace: &Workspace) -> Result<Tests> {
    package::install_in(workspace, PAGE)?;
    script(workspace, PAGE, "test:demo")
}

/// Runs an npm script, which finds the programs that it starts in its environment.
fn script(workspace: &Workspace, folder: &str, script: &str) -> Result<Tests> {
    let mut npm = package::npm(workspace, folder);
    for (variable, program) in PROGRAMS {
        npm.env(variable, workspace.program(program));
    }
    for browser in [CHROMIUM, FIREFOX] {
        if let Some(program) = browser.program() {
            npm.env(browser.variable, program);
        }
    }
    process::run(npm.args(["run", "--silent", script]))
}
