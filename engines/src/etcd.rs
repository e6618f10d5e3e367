//! An etcd server.

use tempfile::TempDir;

use crate::{EngineError, Process, Program, Signal, free_port};

const PROGRAM: Program = Program {
    name: "etcd",
    install: "apt-get install etcd-server",
    ready: "ready to serve client requests",
};

/// An etcd server on ports of its own. It is killed when this is dropped.
#[derive(Debug)]
pub struct Etcd {
    port: u16,
    peer_port: u16,
    scheme: &'static str,
    arguments: Vec<String>,
    folder: TempDir,
    process: Option<Process>,
}

impl Etcd {
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
        let secure = arguments.contains(&"--cert-file");
        let mut etcd = Self {
            port: free_port(),
            peer_port: free_port(),
            scheme: if secure { "https" } else { "http" },
            arguments: arguments.iter().map(|&one| one.to_owned()).collect(),
            folder: tempfile::tempdir().map_err(not_started)?,
            process: None,
        };
        for _ in 0..5 {
            match etcd.run().await {
                Err(error) if error.port_is_taken() => {
                    (etcd.port, etcd.peer_port) = (free_port(), free_port());
                    etcd.lose_data()?;
                }
                ended => return ended.map(|()| etcd),
            }
        }
        etcd.run().await.map(|()| etcd)
    }

    /// Its process, to measure it; none while it is stopped.
    #[must_use]
    pub const fn process(&self) -> Option<&Process> {
        self.process.as_ref()
    }

    async fn run(&mut self) -> Result<(), EngineError> {
        let client = self.endpoint();
        let peer = format!("http://127.0.0.1:{}", self.peer_port);
        let mut arguments: Vec<String> = [
            ["--name", "alone"],
            ["--data-dir", "data"],
            ["--listen-client-urls", &client],
            ["--advertise-client-urls", &client],
            ["--listen-peer-urls", &peer],
            ["--initial-advertise-peer-urls", &peer],
            ["--initial-cluster", &format!("alone={peer}")],
            // Alone it has nobody to wait for, and leases can be as short as two seconds.
            ["--heartbeat-interval", "10"],
            ["--election-timeout", "100"],
        ]
        .concat()
        .into_iter()
        .map(str::to_owned)
        .collect();
        arguments.extend(self.arguments.iter().cloned());
        let process = Process::start(PROGRAM, self.folder.path(), &arguments).await?;
        self.process = Some(process);
        Ok(())
    }

    /// Where it is reached: `http://127.0.0.1:PORT`, or `https` when it was started with `--cert-file`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme, self.port)
    }

    /// The port for clients.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Kills it, as a crash would.
    pub fn stop(&mut self) {
        self.process = None;
    }

    /// Starts it again, with its data and on the same port.
    ///
    /// # Errors
    ///
    /// [`EngineError`] when it does not run.
    pub async fn restart(&mut self) -> Result<(), EngineError> {
        self.stop();
        self.run().await
    }

    /// Stops it and removes what it has stored.
    ///
    /// # Errors
    ///
    /// [`EngineError::NotStarted`] when the system does not remove it.
    pub fn lose_data(&mut self) -> Result<(), EngineError> {
        self.stop();
        match std::fs::remove_dir_all(self.folder.path().join("data")) {
            // It ended before it stored anything.
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(not_started(cause)),
            _ => Ok(()),
        }
    }

    /// Sends it a signal: `SIGSTOP` makes it silent.
    pub fn signal(&self, signal: Signal) {
        if let Some(process) = &self.process {
            process.signal(signal);
        }
    }
}

fn not_started(cause: std::io::Error) -> EngineError {
    EngineError::NotStarted {
        program: PROGRAM.name,
        cause,
    }
}
