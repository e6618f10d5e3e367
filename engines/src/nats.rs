//! A NATS server.

use tempfile::TempDir;

use crate::{EngineError, Process, Program, Signal, free_port};

const PROGRAM: Program = Program {
    name: "nats-server",
    install: "apt-get install nats-server",
    ready: "Server is ready",
};

/// A NATS server on a port of its own. It is killed when this is dropped.
#[derive(Debug)]
pub struct Nats {
    port: u16,
    arguments: Vec<String>,
    folder: TempDir,
    process: Option<Process>,
}

impl Nats {
    /// Starts one that asks for no password.
    ///
    /// # Errors
    ///
    /// [`EngineError`] when it does not run.
    pub async fn start() -> Result<Self, EngineError> {
        Self::start_with(&[]).await
    }

    /// Starts one with further arguments.
    ///
    /// # Errors
    ///
    /// [`EngineError`] when it does not run.
    pub async fn start_with(arguments: &[&str]) -> Result<Self, EngineError> {
        let folder = tempfile::tempdir().map_err(|cause| EngineError::NotStarted {
            program: PROGRAM.name,
            cause,
        })?;
        let mut nats = Self {
            port: free_port(),
            arguments: arguments.iter().map(|&one| one.to_owned()).collect(),
            folder,
            process: None,
        };
        for _ in 0..5 {
            match nats.run().await {
                Err(error) if error.port_is_taken() => nats.port = free_port(),
                ended => return ended.map(|()| nats),
            }
        }
        nats.run().await.map(|()| nats)
    }

    async fn run(&mut self) -> Result<(), EngineError> {
        let mut arguments: Vec<_> = ["-a", "127.0.0.1", "-p"].map(str::to_owned).into();
        arguments.push(self.port.to_string());
        arguments.extend(self.arguments.iter().cloned());
        let process = Process::start(PROGRAM, self.folder.path(), &arguments).await?;
        self.process = Some(process);
        Ok(())
    }

    /// Its process, to measure it; none while it is stopped.
    #[must_use]
    pub const fn process(&self) -> Option<&Process> {
        self.process.as_ref()
    }

    /// Where it is reached: `nats://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Kills it, as a crash would.
    pub fn stop(&mut self) {
        self.process = None;
    }

    /// Starts it again, on the same port.
    ///
    /// # Errors
    ///
    /// [`EngineError`] when it does not run.
    pub async fn restart(&mut self) -> Result<(), EngineError> {
        self.stop();
        self.run().await
    }

    /// Sends it a signal: `SIGSTOP` makes it silent, `SIGUSR2` a lame duck.
    pub fn signal(&self, signal: Signal) {
        if let Some(process) = &self.process {
            process.signal(signal);
        }
    }
}
