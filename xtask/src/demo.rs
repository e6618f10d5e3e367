//! The chat, from sources to a running server with its page.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use crate::{
    need::Need,
    process, screen,
    wasm::{self, Mode, compiler, package},
    workspace::Workspace,
};

/// Where the chat listens: TCP, WebSocket, the page.
const PORTS: [u16; 3] = [3260, 3261, 3262];
/// The same for the gates of a cluster.
const PORTS_OF_GATES: [u16; 6] = [3260, 3261, 3262, 3270, 3271, 3272];
/// What a cluster takes.
const NEEDS_OF_CLUSTER: [Need; 3] = [Need::Protoc, Need::NatsServer, Need::EtcdServer];
/// The page's sources.
const WEB: &str = "examples/chat/web";

/// Builds the chat and becomes its server: Ctrl-C reaches the server itself, which says goodbye to its players.
///
/// Where the page cannot be built, the chat of terminals is started all the same.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let page = prepare(workspace, &PORTS, "chat-server")?;
    process::run(&mut workspace.cargo(["build", "--locked", "--package", "chat", "--bins"]))?;
    explain(page.is_ok());
    become_server(workspace, &["chat-server"], page)
}

/// The same with many servers: becomes the program that starts NATS, etcd, two gates and two room servers, and says how to join them.
pub(crate) fn run_cluster(workspace: &Workspace) -> Result<()> {
    let missing: Vec<_> = NEEDS_OF_CLUSTER
        .into_iter()
        .filter_map(Need::missing)
        .map(|missing| format!("{}; to install it: {}", missing.why, missing.install))
        .collect();
    if !missing.is_empty() {
        bail!("{}", missing.join("\n  and "));
    }
    let page = prepare(workspace, &PORTS_OF_GATES, "chat-cluster")?;
    process::run(
        workspace
            .cargo(["build", "--locked", "--bins"])
            .args(["--package", "chat", "--package", "chat-cluster"])
            .args(["--features", "chat-cluster/engines"]),
    )?;
    become_server(workspace, &["chat-cluster", "demo"], page)
}

/// What comes before the build of the servers: the page, or why there is none.
fn prepare(workspace: &Workspace, ports: &[u16], program: &str) -> Result<Result<PathBuf>> {
    for port in ports {
        free(*port, ports)?;
    }
    if !built(workspace, program).exists() {
        screen::note(
            "The first build takes 5 to 10 minutes on two cores, later ones seconds: first the browser client and the page, then the server.",
        );
    }
    let page = page(workspace);
    if let Err(error) = &page {
        without_page(error);
    }
    Ok(page)
}

/// Where the build puts a program.
fn built(workspace: &Workspace, program: &str) -> PathBuf {
    let target = workspace.metadata().target_directory.as_std_path();
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    target.join("debug").join(file)
}

/// Builds the browser client and the page; returns the folder with the page.
fn page(workspace: &Workspace) -> Result<PathBuf> {
    // Said at once and together, not one after the other between builds.
    let compiler = match compiler::find(Mode::Development) {
        Some(_) => None,
        None => Some(compiler::missing(Mode::Development)),
    };
    let node = package::missing_tools()
        .map(|why| format!("{why}; to install it: {}", package::INSTALL_NODE));
    let missing: Vec<_> = [compiler, node].into_iter().flatten().collect();
    if !missing.is_empty() {
        bail!("{}", missing.join("\n  and "));
    }
    wasm::build(workspace, Mode::Development)?;
    package::install_in(workspace, WEB)?;
    process::run(package::npm(workspace, WEB).args(["run", "--silent", "build"]))?;
    Ok(workspace.root().join(Path::new(WEB).join("dist")))
}

fn without_page(error: &anyhow::Error) {
    screen::warning(&format!("{error:#}"));
    screen::warning("so there is no page; the chat for terminals works without it");
}

/// Says how to join. The address of the page is the server's to say, once it listens.
fn explain(with_page: bool) {
    let [tcp, ws, _] = PORTS;
    screen::note("");
    let also = if with_page {
        "Browsers and terminals share its rooms"
    } else {
        "Join it from further terminals"
    };
    screen::passed(
        "The chat server starts. ",
        &format!("{also}. In a terminal:"),
    );
    screen::note("");
    screen::note(&format!(
        "  cargo run -p chat --bin chat-client -- ws://127.0.0.1:{ws} ALICE"
    ));
    screen::note(&format!(
        "  cargo run -p chat --bin chat-client -- tcp://127.0.0.1:{tcp} BOB"
    ));
    screen::note("");
    screen::note(
        "Ctrl-C ends the server; everyone comes back by themselves when it is started again.",
    );
    screen::note("");
}

/// A taken port is said here, before minutes of building.
fn free(port: u16, all: &[u16]) -> Result<()> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            let all: Vec<_> = all.iter().map(u16::to_string).collect();
            bail!(
                "port {port} is taken; the chat needs {}. Is another demo running? Stop it, then try again",
                all.join(", ")
            )
        }
        Err(error) => Err(error).with_context(|| format!("port {port} cannot be opened")),
    }
}

/// Goes on as the program with these words of a command.
fn become_server(workspace: &Workspace, words: &[&str], page: Result<PathBuf>) -> Result<()> {
    let mut server = Command::new(built(workspace, words[0]));
    server.args(&words[1..]).current_dir(workspace.root());
    match page {
        Ok(page) => {
            server.arg("--web").arg(page);
        }
        // What was said before the build has scrolled away.
        Err(error) => without_page(&error),
    }
    replace_by(&mut server)
}

#[cfg(unix)]
fn replace_by(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt as _;
    // Returns only when it fails.
    Err(command.exec()).context("the chat server cannot be started")
}

#[cfg(not(unix))]
fn replace_by(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .context("the chat server cannot be started")?;
    if !status.success() {
        bail!("the chat server ended with {status}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_said_with_its_number() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = taken.local_addr().expect("an address").port();
        let error = free(port, &PORTS).expect_err("the port is taken");
        assert!(
            error
                .to_string()
                .starts_with(&format!("port {port} is taken")),
            "{error}"
        );
        drop(taken);
        free(port, &PORTS).expect("the port is free again");
    }
}
