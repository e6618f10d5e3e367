//! How a server is part of a cluster.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use pitaya_protocol::cluster::{Member, keys};
use serde::Deserialize;

use super::bus::Bus;
use super::discovery::Discovery;
use super::peers::EjectionConfig;

/// A server's place in a cluster: the engines by which it reaches the others, and what it says of itself.
///
/// ```
/// use pitaya_server::Server;
/// use pitaya_server::cluster::{Cluster, memory::Hub};
///
/// # async fn start() -> Result<(), pitaya_server::StartError> {
/// let hub = Hub::new();
/// let room = Server::builder()
///     .configure(|config| config.server_type = "room".into())
///     .cluster(Cluster::backend(hub.bus(), hub.discovery()))
///     .start()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a server joins with `ServerBuilder::cluster`"]
pub struct Cluster {
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) discovery: Arc<dyn Discovery>,
    pub(crate) frontend: bool,
    pub(crate) id: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) config: ClusterConfig,
}

impl Cluster {
    /// A server that clients connect to.
    pub fn frontend(bus: impl Bus, discovery: impl Discovery) -> Self {
        Self::over(Arc::new(bus), Arc::new(discovery), true)
    }

    /// A server that only other servers talk to.
    pub fn backend(bus: impl Bus, discovery: impl Discovery) -> Self {
        Self::over(Arc::new(bus), Arc::new(discovery), false)
    }

    /// The same for engines that are chosen at run time; `frontend` says whether clients connect to it.
    pub fn over(bus: Arc<dyn Bus>, discovery: Arc<dyn Discovery>, frontend: bool) -> Self {
        Self {
            bus,
            discovery,
            frontend,
            id: None,
            metadata: BTreeMap::new(),
            config: ClusterConfig::default(),
        }
    }

    /// Sets the server's id, which has to be unique among all starts of all servers. By default a random UUID, as in the family.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Adds an entry to what others can know of the server.
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }

    /// Takes the settings, in the place of those set before.
    pub fn config(mut self, config: ClusterConfig) -> Self {
        self.config = config;
        self
    }

    /// The server as others will see it.
    pub(crate) fn member(&self, server_type: &str) -> Member {
        let id = self.id.clone();
        let id = id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let mut me = Member::new(server_type, id);
        me.frontend = self.frontend;
        me.hostname = hostname();
        me.metadata = self.metadata.clone();
        me.metadata.insert(keys::SUITE.to_owned(), "1".to_owned());
        self.bus.describe(&mut me);
        me
    }
}

/// The machine's name, for people who read what discovery lists; empty where the environment does not say.
fn hostname() -> String {
    std::env::var("HOSTNAME").unwrap_or_default()
}

/// Settings of a server in a cluster. It deserializes as [`ServerConfig`](crate::ServerConfig) does.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ClusterConfig {
    /// Server types of services whose routes do not name one: with `room = "room"` a client's `room.join` goes to a server of the type `room`, unless this
    /// server has the service itself. So a game can be split without a change of its clients. Default none.
    pub services: BTreeMap<String, String>,
    /// How long another server may take for a call, where the caller's own deadline is not nearer. Default 5 s, as Go Pitaya.
    #[serde(with = "humantime_serde")]
    pub request_timeout: Duration,
    /// Messages of one session that are under way to other servers; further ones wait, which reaches the client as backpressure. Default 32:
    /// several times what a game has under way, far below what would hurt.
    pub forwarded_per_session: usize,
    /// Requests of others that are being handled or wait for their turn; further ones are answered with `PIT-503`. Default 10,000: at 5 s each
    /// that is more than a server can answer in time.
    pub requests: usize,
    /// Requests of one session that wait for their turn; further ones are answered with `PIT-503`. Default 64, twice what a frontend of this suite has
    /// under way.
    pub requests_per_session: usize,
    /// Sessions of other servers that are remembered. Default 100,000. For further ones handlers run, but a session that nobody watches is forgotten
    /// with the answer.
    pub served_sessions: usize,
    /// How long a session of a frontend of the family is remembered after its last message: those frontends do not tell of its end. Default 30 min.
    #[serde(with = "humantime_serde")]
    pub foreign_session_idle: Duration,
    /// How long a server that leaves still takes requests, as the others hear of it a little later. Default 300 ms, as Go Pitaya.
    #[serde(with = "humantime_serde")]
    pub leave_delay: Duration,
    /// Whether a server may call remote methods of its own type, itself included. Default false, as in Go Pitaya, where it is a mistake.
    pub loopback: bool,
    /// When servers that do not answer are avoided.
    pub ejection: EjectionConfig,
}

impl Default for ClusterConfig {
    fn default() -> Self {
        Self {
            services: BTreeMap::new(),
            request_timeout: Duration::from_secs(5),
            forwarded_per_session: 32,
            requests: 10_000,
            requests_per_session: 64,
            served_sessions: 100_000,
            foreign_session_idle: Duration::from_secs(30 * 60),
            leave_delay: Duration::from_millis(300),
            loopback: false,
            ejection: EjectionConfig::default(),
        }
    }
}

/// Why a server cannot be part of a cluster as it is set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// The bus.
    #[error(transparent)]
    Bus(#[from] super::BusError),
    /// The discovery.
    #[error(transparent)]
    Discovery(#[from] super::DiscoveryError),
    /// The type or the id cannot be part of a subject.
    #[error(transparent)]
    Name(#[from] pitaya_protocol::cluster::NameError),
}
