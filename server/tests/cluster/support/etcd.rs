//! An etcd server.

use std::time::Duration;

use etcd_client::Client;
use nix::sys::signal::Signal;
use pitaya_server::cluster::EtcdConfig;
use tempfile::TempDir;

use super::process::{Process, Program, free_port};

const PROGRAM: Program = Program {
    name: "etcd",
    install: "apt-get install etcd-server",
    ready: "ready to serve client requests",
};

/// An etcd server of one test, on ports of its own.
#[derive(Debug)]
pub(crate) struct Etcd {
    port: u16,
    peer_port: u16,
    scheme: &'static str,
    arguments: Vec<String>,
    folder: TempDir,
    process: Option<Process>,
}

impl Etcd {
    /// Starts one that asks for no password.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts one with further arguments.
    pub(crate) async fn start_with(arguments: &[&str]) -> Self {
        let secure = arguments.contains(&"--cert-file");
        let mut etcd = Self {
            port: 0,
            peer_port: 0,
            scheme: if secure { "https" } else { "http" },
            arguments: arguments.iter().map(|&one| one.to_owned()).collect(),
            folder: tempfile::tempdir().expect("a temporary folder"),
            process: None,
        };
        // Another test may take a port between the look and the start.
        for _ in 0..5 {
            (etcd.port, etcd.peer_port) = (free_port(), free_port());
            match etcd.run().await {
                Ok(()) => return etcd,
                Err(log) if log.contains("address already in use") => {}
                Err(log) => panic!("etcd ended:\n{log}"),
            }
            etcd.lose_data();
        }
        panic!("etcd found a port taken five times");
    }

    async fn run(&mut self) -> Result<(), String> {
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

    /// Where it is reached.
    pub(crate) fn endpoint(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme, self.port)
    }

    /// Its port, for a [`Cable`](super::cable::Cable).
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Settings for it.
    pub(crate) fn config(&self) -> EtcdConfig {
        config(self.endpoint())
    }

    /// Another program's connection to it.
    pub(crate) async fn client(&self) -> Client {
        let client = Client::connect([self.endpoint()], None).await;
        client.expect("it runs and asks for no password")
    }

    /// Kills it, as a crash would.
    pub(crate) fn stop(&mut self) {
        self.process = None;
    }

    /// Starts it again, with its data and on the same port.
    pub(crate) async fn restart(&mut self) {
        self.stop();
        if let Err(log) = self.run().await {
            panic!("etcd did not start again:\n{log}");
        }
    }

    /// Removes what it has stored; it does not run.
    pub(crate) fn lose_data(&mut self) {
        assert!(self.process.is_none(), "it is stopped first");
        let data = self.folder.path().join("data");
        std::fs::remove_dir_all(data).expect("it has stored something");
    }

    /// Sends it a signal: `SIGSTOP` makes it silent.
    pub(crate) fn signal(&self, signal: Signal) {
        let process = self.process.as_ref().expect("it runs");
        process.signal(signal);
    }
}

/// Settings for the etcd at this address. Leases outlive a test: nobody is gone because his has run out.
pub(crate) fn config(endpoint: String) -> EtcdConfig {
    let mut config = EtcdConfig::default();
    config.endpoints = vec![endpoint];
    config.deletion_hold = Duration::from_secs(3);
    config
}
