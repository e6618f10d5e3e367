//! A server of a cluster as `hop` measures it: its defaults, and a handler that does nothing but answer. Its flags, its
//! first line and the handler's route are those of the Go peer, so that both are started and driven alike.

use std::{
    io::{self, Write},
    process::ExitCode,
    thread,
};

use clap::Args;
use pitaya_server::{
    Result, Server, Session,
    cluster::{Cluster, EtcdConfig, EtcdDiscovery, NatsBus, NatsConfig},
    component,
    protocol::Raw,
    tcp,
};
use tokio::runtime;

use super::{Outcome, end_with_input};

#[derive(Debug, Args)]
pub(crate) struct Peer {
    /// Its server type.
    #[arg(long)]
    r#type: String,
    /// Clients connect to it.
    #[arg(long)]
    frontend: bool,
    /// What keys in etcd begin with.
    #[arg(long)]
    sdprefix: String,
    /// host:port of etcd.
    #[arg(long)]
    etcd: String,
    /// URL of NATS.
    #[arg(long)]
    nats: String,
}

impl Peer {
    pub(crate) fn run(self) -> Outcome {
        thread::spawn(end_with_input);
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(self.serve())
    }

    async fn serve(self) -> Outcome {
        let mut etcd = EtcdConfig::default();
        etcd.endpoints = vec![self.etcd];
        etcd.prefix = self.sdprefix;
        let bus = NatsBus::new(NatsConfig::new(&self.nats));
        let discovery = EtcdDiscovery::new(etcd);
        let cluster = if self.frontend {
            Cluster::frontend(bus, discovery)
        } else {
            Cluster::backend(bus, discovery)
        };
        let mut server = Server::builder()
            .configure(|config| config.server_type = self.r#type)
            .register(Game)
            .cluster(cluster);
        if self.frontend {
            server = server.listen(tcp("127.0.0.1:0"));
        }
        let server = server.start().await?;
        let port = server
            .addresses()
            .first()
            .map_or(0, |address| address.port());
        {
            let mut output = io::stdout().lock();
            writeln!(output, r#"{{"ready":true,"port":{port}}}"#)?;
            output.flush()?;
        }
        server.stopping().await;
        Ok(ExitCode::SUCCESS)
    }
}

struct Game;

#[component("game")]
impl Game {
    #[request]
    async fn echo(&self, _session: &Session, body: Raw) -> Result<Raw> {
        Ok(body)
    }
}
