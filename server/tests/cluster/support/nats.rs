//! A NATS server.

use nix::sys::signal::Signal;
use tempfile::TempDir;

use super::process::{Process, Program, free_port};

const PROGRAM: Program = Program {
    name: "nats-server",
    install: "apt-get install nats-server",
    ready: "Server is ready",
};

/// A NATS server of one test, on a port of its own.
#[derive(Debug)]
pub(crate) struct Nats {
    port: u16,
    arguments: Vec<String>,
    folder: TempDir,
    process: Option<Process>,
}

impl Nats {
    /// Starts one that asks for no password.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts one with further arguments.
    pub(crate) async fn start_with(arguments: &[&str]) -> Self {
        let mut nats = Self {
            port: 0,
            arguments: arguments.iter().map(|&one| one.to_owned()).collect(),
            folder: tempfile::tempdir().expect("a temporary folder"),
            process: None,
        };
        // Another test may take the port between the look and the start.
        for _ in 0..5 {
            nats.port = free_port();
            match nats.run().await {
                Ok(()) => return nats,
                Err(log) if log.contains("address already in use") => {}
                Err(log) => panic!("nats-server ended:\n{log}"),
            }
        }
        panic!("nats-server found its port taken five times");
    }

    async fn run(&mut self) -> Result<(), String> {
        let mut arguments: Vec<_> = ["-a", "127.0.0.1", "-p"].map(str::to_owned).into();
        arguments.push(self.port.to_string());
        arguments.extend(self.arguments.iter().cloned());
        let process = Process::start(PROGRAM, self.folder.path(), &arguments).await?;
        self.process = Some(process);
        Ok(())
    }

    /// Where it is reached.
    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Kills it, as a crash would.
    pub(crate) fn stop(&mut self) {
        self.process = None;
    }

    /// Starts it again, on the same port.
    pub(crate) async fn restart(&mut self) {
        self.stop();
        if let Err(log) = self.run().await {
            panic!("nats-server did not start again:\n{log}");
        }
    }

    /// Sends it a signal: `SIGSTOP` makes it silent, `SIGUSR2` a lame duck.
    pub(crate) fn signal(&self, signal: Signal) {
        let process = self.process.as_ref().expect("it runs");
        process.signal(signal);
    }
}
