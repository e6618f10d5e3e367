//! The engines, and servers in processes of their own.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use pitaya_engines::{Etcd, Nats, Process, Program, Signal, free_port};

use crate::server::READY;

/// NATS and etcd.
#[derive(Debug)]
pub(crate) struct Engines {
    pub(crate) nats: Nats,
    pub(crate) etcd: Etcd,
}

impl Engines {
    pub(crate) async fn start() -> Result<Self> {
        Ok(Self {
            nats: Nats::start().await?,
            etcd: Etcd::start().await?,
        })
    }

    /// A room.
    pub(crate) fn room(&self, id: &str) -> Start {
        Start::new(id, &self.nats.url(), &self.etcd.endpoint())
    }

    /// A gate on this port.
    pub(crate) fn gate(&self, id: &str, port: u16) -> Start {
        self.room(id).listen(port)
    }
}

/// A port for a gate that is found there again.
pub(crate) fn port() -> u16 {
    free_port()
}

/// Where clients connect to a gate on this port.
pub(crate) fn url(port: u16) -> String {
    format!("tcp://127.0.0.1:{port}")
}

/// A server that is about to be started.
#[derive(Debug)]
pub(crate) struct Start {
    id: String,
    namespace: Option<String>,
    arguments: Vec<String>,
}

impl Start {
    pub(crate) fn new(id: &str, nats: &str, etcd: &str) -> Self {
        Self {
            id: id.to_owned(),
            namespace: None,
            arguments: Vec::new(),
        }
        .with("--id", id)
        .with("--nats", nats)
        .with("--etcd", etcd)
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.arguments.extend([name.to_owned(), value.to_owned()]);
        self
    }

    pub(crate) fn listen(self, port: u16) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        self.with("--listen", &address.to_string())
    }

    /// Runs it in a network namespace.
    pub(crate) fn inside(mut self, namespace: &str) -> Self {
        self.namespace = Some(namespace.to_owned());
        self
    }

    /// Starts it and waits until it can be used.
    pub(crate) async fn start(self) -> Result<ServerProcess> {
        let own = own_program()?;
        let mut arguments = Vec::new();
        let program = match self.namespace {
            Some(namespace) => {
                arguments.extend(["netns", "exec", &namespace].map(str::to_owned));
                arguments.push(own.display().to_string());
                PathBuf::from("ip")
            }
            None => own,
        };
        arguments.push("serve".to_owned());
        arguments.extend(self.arguments);
        ServerProcess::start(&program, "apt-get install iproute2", READY, &arguments)
            .await
            .with_context(|| format!("the server {} did not start", self.id))
    }
}

/// This program's own file, which is the servers' as well.
pub(crate) fn own_program() -> Result<PathBuf> {
    std::env::current_exe().context("this program has no file")
}

/// A server that was started. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct ServerProcess {
    process: Process,
}

impl ServerProcess {
    /// Starts a program and waits until it says that it is ready.
    pub(crate) async fn start(
        program: &Path,
        install: &'static str,
        ready: &'static str,
        arguments: &[String],
    ) -> Result<Self> {
        let name = program.to_str().context("a program's path is no text")?;
        let program = Program {
            // Once for each server of a trial; programs are known by names that live as long as this one.
            name: name.to_owned().leak(),
            install,
            ready,
        };
        let process = Process::start(program, Path::new("/"), arguments).await?;
        Ok(Self { process })
    }

    /// Kills it, as a crash would.
    pub(crate) fn crash(self) {
        drop(self);
    }

    /// Tells it to stop.
    pub(crate) fn terminate(&self) {
        self.process.signal(Signal::SIGTERM);
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(&self) {
        while self.is_running() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Whether it runs: until it is waited for, a program that has ended is still listed, as a zombie.
    pub(crate) fn is_running(&self) -> bool {
        std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))
            .ok()
            .and_then(|stat| Some(stat.rsplit_once(')')?.1.trim_start().to_owned()))
            .is_some_and(|rest| !rest.starts_with(['Z', 'X']))
    }
}
