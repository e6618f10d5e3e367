//! The chat, from sources to a running server with its page.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use crate::{
    process, screen,
    wasm::{self, Mode, compiler, package},
    workspace::Workspace,
};

/// Where the chat listens: TCP, WebSocket, the page.
const PORTS: [u16; 3] = [3260, 3261, 3262];
/// The page's sources.
const WEB: &str = "examples/chat/web";

/// Builds the chat and becomes its server: Ctrl-C reaches the server itself, which says goodbye to its players.
///
/// Where the page cannot be built, the chat of terminals is started all the same.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    for port in PORTS {
        free(port)?;
    }
    let program = workspace
        .metadata()
        .target_directory
        .join("debug")
        .join(format!("chat-server{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        screen::note(
            "The first build takes 5 to 10 minutes on two cores, later ones seconds: first the browser client and the page, then the server.",
        );
    }
    let page = page(workspace);
    if let Err(error) = &page {
        without_page(error);
    }
    process::run(&mut workspace.cargo(["build", "--locked", "--package", "chat", "--bins"]))?;
    explain(page.is_ok());
    if let Err(error) = &page {
        // What was said before the build has scrolled away.
        without_page(error);
    }
    let mut server = Command::new(program);
    server.current_dir(workspace.root());
    if let Ok(page) = page {
        server.arg("--web").arg(page);
    }
    become_server(&mut server)
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
fn free(port: u16) -> Result<()> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
            "port {port} is taken; the chat needs {}, {} and {}. Is another demo running? Stop it, then try again",
            PORTS[0],
            PORTS[1],
            PORTS[2]
        ),
        Err(error) => Err(error).with_context(|| format!("port {port} cannot be opened")),
    }
}

#[cfg(unix)]
fn become_server(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt as _;
    // Returns only when it fails.
    Err(command.exec()).context("the chat server cannot be started")
}

#[cfg(not(unix))]
fn become_server(command: &mut Command) -> Result<()> {
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
        let error = free(port).expect_err("the port is taken");
        assert!(
            error
                .to_string()
                .starts_with(&format!("port {port} is taken")),
            "{error}"
        );
        drop(taken);
        free(port).expect("the port is free again");
    }
}
