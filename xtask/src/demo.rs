//! The chat, from sources to a running server.

use std::{
    net::{Ipv4Addr, TcpListener},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use crate::{process, screen, workspace::Workspace};

/// Where the chat server listens: TCP, then WebSocket.
const PORTS: [u16; 2] = [3260, 3261];

/// Builds the chat and becomes its server: Ctrl-C reaches the server itself, which says goodbye to its players.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    for port in PORTS {
        free(port)?;
    }
    process::run(&mut workspace.cargo(["build", "--locked", "--package", "chat", "--bins"]))?;
    let [tcp, ws] = PORTS;
    screen::note("");
    screen::passed(
        "The chat server starts. ",
        "Join it from further terminals, each with a name of its own:",
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
        "Ctrl-C ends the server; the clients come back by themselves when it is started again.",
    );
    screen::note("");
    let program = workspace
        .metadata()
        .target_directory
        .join("debug")
        .join(format!("chat-server{}", std::env::consts::EXE_SUFFIX));
    become_server(Command::new(program).current_dir(workspace.root()))
}

/// A taken port is said here, before minutes of building.
fn free(port: u16) -> Result<()> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
            "port {port} is taken; the chat needs {} and {}. Is another demo running? Stop it, then try again",
            PORTS[0],
            PORTS[1]
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
