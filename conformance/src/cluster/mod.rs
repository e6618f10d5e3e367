//! The server that clusters of the family are tested with, with the same flags, routes and answers.

mod arguments;
mod handlers;
mod messages;
mod remotes;

use std::sync::Arc;

use pitaya_server::cluster::{
    Bus, BusError, Cluster, ClusterConfig, Discovery, EtcdBindings, EtcdConfig, EtcdDiscovery,
    GrpcBus, GrpcConfig, NatsBus, NatsConfig,
};
use pitaya_server::protocol::{Json, Protobuf, SerializerSet};
use pitaya_server::{Functions, Handle, Server, StartError, tcp};

pub use self::arguments::{ArgumentError, Arguments};

/// A server that runs.
#[derive(Debug)]
#[non_exhaustive]
pub enum Running {
    /// With JSON.
    Json(Handle<Json>),
    /// With protobuf.
    Protobuf(Handle<Protobuf>),
}

/// Why it does not.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// The port for other servers cannot be listened on.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The server did not start.
    #[error(transparent)]
    Start(#[from] StartError),
}

/// What a server is told by its environment, under the names of Go Pitaya's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Environment {
    /// `PITAYA_CLUSTER_RPC_CLIENT_NATS_CONNECT`. Default `nats://localhost:4222`.
    pub nats: String,
    /// `PITAYA_CLUSTER_SD_ETCD_ENDPOINTS`, with commas between several. Default `localhost:2379`.
    pub etcd: String,
    /// `PITAYA_CLUSTER_RPC_SERVER_LOOPBACKENABLED`. Default false.
    pub loopback: bool,
    /// `PITAYA_SESSION_UNIQUE`. Default true.
    pub unique: bool,
}

impl Default for Environment {
    fn default() -> Self {
        Self {
            nats: "nats://localhost:4222".to_owned(),
            etcd: "localhost:2379".to_owned(),
            loopback: false,
            unique: true,
        }
    }
}

impl Environment {
    /// The process's own.
    #[must_use]
    pub fn read() -> Self {
        let mut environment = Self::default();
        let text = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        if let Some(nats) = text("PITAYA_CLUSTER_RPC_CLIENT_NATS_CONNECT") {
            environment.nats = nats;
        }
        if let Some(etcd) = text("PITAYA_CLUSTER_SD_ETCD_ENDPOINTS") {
            environment.etcd = etcd;
        }
        if let Some(loopback) = text("PITAYA_CLUSTER_RPC_SERVER_LOOPBACKENABLED") {
            environment.loopback = loopback == "true";
        }
        if let Some(unique) = text("PITAYA_SESSION_UNIQUE") {
            environment.unique = unique == "true";
        }
        environment
    }
}

impl Running {
    /// Starts the server over the engines that the environment names.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] when an engine is not there or a port is taken.
    pub async fn start(
        arguments: &Arguments,
        environment: &Environment,
    ) -> Result<Self, ClusterError> {
        let mut etcd = EtcdConfig::default();
        etcd.endpoints = environment.etcd.split(',').map(str::to_owned).collect();
        etcd.prefix.clone_from(&arguments.prefix);
        let bus: Arc<dyn Bus> = if arguments.grpc {
            let mut config = GrpcConfig::default();
            config.port = arguments.grpc_port;
            let bindings = Arc::new(EtcdBindings::new(etcd.clone()));
            Arc::new(GrpcBus::new(config, bindings)?)
        } else {
            Arc::new(NatsBus::new(NatsConfig::new(&environment.nats)))
        };
        let discovery = Arc::new(EtcdDiscovery::new(etcd));
        Ok(Self::join(arguments, environment, bus, discovery).await?)
    }

    /// Starts the server over these engines.
    ///
    /// # Errors
    ///
    /// [`StartError`] when a port is taken, or an engine refuses the server.
    pub async fn join(
        arguments: &Arguments,
        environment: &Environment,
        bus: Arc<dyn Bus>,
        discovery: Arc<dyn Discovery>,
    ) -> Result<Self, StartError> {
        let mut config = ClusterConfig::default();
        config.loopback = environment.loopback;
        let cluster = Cluster::over(bus, discovery, arguments.frontend).config(config);
        let unique = environment.unique;
        if arguments.protobuf {
            let server = serve(arguments, unique, cluster, handlers::protobuf()).await?;
            Ok(Self::Protobuf(server))
        } else {
            let server = serve(arguments, unique, cluster, handlers::json()).await?;
            Ok(Self::Json(server))
        }
    }

    /// Where clients connect; none at a backend.
    #[must_use]
    pub fn addresses(&self) -> Vec<std::net::SocketAddr> {
        match self {
            Self::Json(server) => server.addresses(),
            Self::Protobuf(server) => server.addresses(),
        }
    }

    /// Ends the server.
    pub async fn shutdown(&self) {
        match self {
            Self::Json(server) => server.shutdown().await,
            Self::Protobuf(server) => server.shutdown().await,
        };
    }
}

async fn serve<S: SerializerSet>(
    arguments: &Arguments,
    unique: bool,
    cluster: Cluster,
    handlers: Functions<S>,
) -> Result<Handle<S>, StartError> {
    let mut server = Server::builder_for::<S>()
        .configure(|config| {
            config.server_type.clone_from(&arguments.server_type);
            config.unique_sessions = unique;
        })
        .register(handlers)
        .register(remotes::remotes())
        .cluster(cluster);
    if arguments.frontend {
        server = server.listen(tcp(format!("127.0.0.1:{}", arguments.port)));
    }
    let server = server.start().await?;
    // Nobody else makes groups here.
    let _ = server.create_group(handlers::GROUP);
    Ok(server)
}
