//! How one of many processes finds the others.

use std::time::Duration;

use clap::Args;
use pitaya_server::cluster::{EtcdConfig, EtcdDiscovery, NatsBus, NatsConfig};

/// What a server says when the others can reach it.
pub(crate) const JOINED: &str = "in the cluster";
/// How long a crashed server stays listed. Its rooms move at once all the same, with the first message for them.
const LEASE: Duration = Duration::from_secs(10);

#[derive(Args)]
pub(crate) struct Server {
    /// The server's name, another one for each start.
    #[arg(long)]
    pub(crate) id: String,
    /// Where NATS is.
    #[arg(long, default_value = "nats://127.0.0.1:4222")]
    nats: String,
    /// Where etcd is.
    #[arg(long, default_value = "http://127.0.0.1:2379")]
    etcd: String,
}

impl Server {
    pub(crate) fn bus(&self) -> NatsBus {
        NatsBus::new(NatsConfig::new(&self.nats))
    }

    pub(crate) fn discovery(&self) -> EtcdDiscovery {
        let mut config = EtcdConfig::default();
        config.endpoints = vec![self.etcd.clone()];
        config.lease_ttl = LEASE;
        EtcdDiscovery::new(config)
    }

    pub(crate) fn joined(&self) {
        tracing::info!(id = self.id, "{JOINED}");
    }
}
