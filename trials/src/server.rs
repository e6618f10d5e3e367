//! A gate or a room of the trials, in a process of its own.

use std::fs::OpenOptions;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use pitaya_server::cluster::{
    Bus, Cluster, ClusterConfig, EtcdBindings, EtcdConfig, EtcdDiscovery, GrpcBus, GrpcConfig,
    NatsBus, NatsConfig,
};
use pitaya_server::{Server, tcp};
use tokio::signal::unix::{SignalKind, signal};

use crate::game;

/// What a server says when it can be used.
pub(crate) const READY: &str = "the server is ready";

/// How a server is started.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Arguments {
    /// Its id in the cluster.
    #[arg(long)]
    pub(crate) id: String,
    /// Where clients connect to; a server without is a room.
    #[arg(long)]
    pub(crate) listen: Option<SocketAddr>,
    #[arg(long)]
    pub(crate) nats: String,
    #[arg(long)]
    pub(crate) etcd: String,
    /// What all keys in etcd begin with.
    #[arg(long, default_value = "pitaya/")]
    pub(crate) prefix: String,
    /// Calls over gRPC; the address by which others reach it.
    #[arg(long)]
    pub(crate) grpc: Option<IpAddr>,
    /// How long another server may take, in milliseconds.
    #[arg(long, default_value_t = 5_000)]
    pub(crate) patience: u64,
    /// By which file the next process takes over.
    #[arg(long)]
    pub(crate) hand_over: Option<PathBuf>,
    /// How many clients are sent away in a second when it ends.
    #[arg(long)]
    pub(crate) drain_per_second: Option<NonZeroU32>,
    /// Where to note what was handled.
    #[arg(long)]
    pub(crate) handled: Option<PathBuf>,
}

/// Serves until it is told to stop.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let mut etcd = EtcdConfig::default();
    etcd.endpoints = vec![arguments.etcd];
    etcd.prefix = arguments.prefix;
    let bus: Arc<dyn Bus> = match arguments.grpc {
        Some(host) => {
            let mut config = GrpcConfig::default();
            config.listen = host;
            config.host = host.to_string();
            config.port = 0;
            Arc::new(GrpcBus::new(
                config,
                Arc::new(EtcdBindings::new(etcd.clone())),
            )?)
        }
        None => Arc::new(NatsBus::new(NatsConfig::new(&arguments.nats))),
    };
    let mut config = ClusterConfig::default();
    config.request_timeout = Duration::from_millis(arguments.patience);
    let frontend = arguments.listen.is_some();
    let cluster = Cluster::over(bus, Arc::new(EtcdDiscovery::new(etcd)), frontend)
        .id(&arguments.id)
        .config(config);
    let server = Server::builder().cluster(cluster);
    let server = if let Some(address) = arguments.listen {
        let gate = server
            .configure(|config| {
                config.server_type = "gate".into();
                config.drain_per_second = arguments.drain_per_second;
            })
            .register(game::gate())
            .listen(tcp(address));
        match arguments.hand_over {
            Some(file) => gate.hand_over(file),
            None => gate,
        }
    } else {
        let handled = arguments
            .handled
            .map(|path| OpenOptions::new().append(true).create(true).open(path))
            .transpose()
            .context("no file for what was handled")?;
        server
            .configure(|config| config.server_type = "room".into())
            .register(game::room(arguments.id, handled))
    };
    let mut told = signal(SignalKind::terminate())?;
    let server = server.start().await?;
    println!("{READY}");
    tokio::select! {
        _ = told.recv() => {}
        () = server.replaced() => {}
    }
    server.shutdown().await;
    Ok(())
}
