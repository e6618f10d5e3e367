//! The engines of a cluster with Go Pitaya: NATS or gRPC, and etcd.

use std::sync::Arc;

use pitaya_server::cluster::{
    Bus, Cluster, EtcdBindings, EtcdDiscovery, GrpcBus, NatsBus, NatsConfig,
};

use crate::support::etcd::Etcd;
use crate::support::grpc;
use crate::support::nats::Nats;

/// What the servers of one cluster meet over.
pub(crate) struct Engines {
    /// None: they call each other over gRPC, and etcd has the bindings.
    nats: Option<Nats>,
    etcd: Etcd,
}

impl Engines {
    pub(crate) async fn nats() -> Self {
        Self {
            nats: Some(Nats::start().await),
            etcd: Etcd::start().await,
        }
    }

    pub(crate) async fn grpc() -> Self {
        Self {
            nats: None,
            etcd: Etcd::start().await,
        }
    }

    /// The part of a server of ours in it.
    pub(crate) fn cluster(&self, id: &str, frontend: bool) -> Cluster {
        let config = self.etcd.config();
        let bus: Arc<dyn Bus> = if let Some(nats) = &self.nats {
            Arc::new(NatsBus::new(NatsConfig::new(nats.url())))
        } else {
            let bindings = Arc::new(EtcdBindings::new(config.clone()));
            Arc::new(GrpcBus::new(grpc::config(), bindings).expect("a port"))
        };
        Cluster::over(bus, Arc::new(EtcdDiscovery::new(config)), frontend).id(id)
    }

    /// What tells a Go server of them.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let etcd = self.etcd.endpoint();
        let etcd = etcd.trim_start_matches("http://").to_owned();
        let mut arguments = vec!["-etcd".to_owned(), etcd];
        match &self.nats {
            Some(nats) => arguments.extend(["-nats".to_owned(), nats.url()]),
            None => arguments.push("-grpc".to_owned()),
        }
        arguments
    }
}
