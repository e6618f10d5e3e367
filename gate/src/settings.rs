//! What a gate is told, as plain data. What each of it means is said where its key is, in [`keys`](crate::keys).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use pitaya_server::ServerConfig;
use pitaya_server::cluster::ClusterConfig;

use crate::routing::Routing;

/// All settings of a gate.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each key has its meaning")]
pub struct Settings {
    pub server: ServerConfig,
    pub cluster: ClusterConfig,
    pub me: Identity,
    pub listen: Listen,
    pub serializer: Serialization,
    pub dictionary: Option<PathBuf>,
    pub compression: Compression,
    pub rate: Rate,
    pub bus: Bus,
    pub nats: Nats,
    pub grpc: Grpc,
    pub etcd: Etcd,
    pub bindings: Bindings,
    pub routing: BTreeMap<String, Routing>,
    pub routing_default: Routing,
    pub drain: Drain,
    pub metrics: Metrics,
    pub log: Log,
}

/// What others can know of the gate.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each key has its meaning")]
pub struct Identity {
    pub id: Option<String>,
    pub region: Option<String>,
    pub metadata: BTreeMap<String, String>,
}

/// Where it listens.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each key has its meaning")]
pub struct Listen {
    pub tcp: Vec<String>,
    pub tls: Vec<String>,
    pub ws: Vec<String>,
    pub wss: Vec<String>,
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
    pub proxy_packets: bool,
    pub proxy_websockets: bool,
    pub origins: Vec<String>,
    pub health: Option<String>,
    pub hand_over: Option<PathBuf>,
}

/// In what payloads are written, which only the gate's own answers need: those of others pass as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Serialization {
    /// JSON.
    #[default]
    Json,
    /// Protobuf.
    Protobuf,
}

/// Whether and when messages to clients are compressed.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each key has its meaning")]
pub struct Compression {
    pub on: bool,
    pub from: usize,
}

/// How fast a client may send, as Go Pitaya writes it.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each key has its meaning")]
pub struct Rate {
    pub limit: Option<u32>,
    pub interval: Duration,
    pub disabled: bool,
}

impl Rate {
    /// Packets per second, at least one; `None` where the rate is not limited.
    #[must_use]
    pub fn per_second(&self) -> Option<u32> {
        let limit = self.limit.filter(|_| !self.disabled)?;
        let rate = f64::from(limit) / self.interval.as_secs_f64();
        // A float beyond the type becomes its largest number.
        Some((rate.ceil() as u32).max(1))
    }
}

/// How servers call each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Bus {
    /// Over NATS.
    #[default]
    Nats,
    /// Over gRPC, with the users' bindings in etcd.
    Grpc,
}

/// The way to NATS.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each key has its meaning")]
pub struct Nats {
    pub urls: Vec<String>,
    pub user: Option<String>,
    pub password: Secret,
    pub token: Secret,
    pub credentials: Option<PathBuf>,
    pub ca: Option<PathBuf>,
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
    pub connect_timeout: Duration,
    pub reconnect_delay: Duration,
    pub ping_interval: Duration,
}

/// How the gate is reached over gRPC.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each key has its meaning")]
pub struct Grpc {
    pub listen: IpAddr,
    pub port: u16,
    pub host: String,
    pub external_host: Option<String>,
    pub external_port: Option<u16>,
    pub connect_timeout: Duration,
}

/// Where servers find each other.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each key has its meaning")]
pub struct Etcd {
    pub endpoints: Vec<String>,
    pub prefix: String,
    pub user: String,
    pub password: Secret,
    pub ca: Option<PathBuf>,
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
    pub server_name: Option<String>,
    pub dial_timeout: Duration,
    pub request_timeout: Duration,
    pub lease_ttl: Duration,
    pub sync_interval: Duration,
    pub ignore_types: BTreeSet<String>,
}

/// Where it is entered on which gate a user is, under gRPC.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each key has its meaning")]
pub struct Bindings {
    pub endpoints: Option<Vec<String>>,
    pub prefix: Option<String>,
    pub dial_timeout: Option<Duration>,
    pub ttl: Duration,
}

/// How clients are sent away at the end, beyond what [`ServerConfig`] says.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each key has its meaning")]
pub struct Drain {
    pub endpoints: Vec<String>,
    pub reason: Option<String>,
}

/// What is measured, over HTTP.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each key has its meaning")]
pub struct Metrics {
    pub enabled: bool,
    pub address: IpAddr,
    pub port: u16,
    pub game: Option<String>,
    pub labels: BTreeMap<String, String>,
}

/// What is logged.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each key has its meaning")]
pub struct Log {
    pub level: LogLevel,
    pub format: LogFormat,
}

/// From which level on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the usual levels")]
pub enum LogLevel {
    Off,
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// An object of JSON a line.
    Json,
}

/// A password or a token, which is not printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret; an empty one is none.
    #[must_use]
    pub const fn new(secret: String) -> Self {
        Self(secret)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For the one who asks for it.
    #[must_use]
    pub fn reveal(&self) -> Option<String> {
        (!self.is_empty()).then(|| self.0.clone())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "none" } else { "***" })
    }
}

impl Default for Compression {
    fn default() -> Self {
        Self {
            on: true,
            from: 256,
        }
    }
}

impl Default for Rate {
    fn default() -> Self {
        Self {
            limit: None,
            interval: Duration::from_secs(1),
            disabled: false,
        }
    }
}

impl Default for Nats {
    fn default() -> Self {
        Self {
            urls: vec!["nats://localhost:4222".to_owned()],
            user: None,
            password: Secret::default(),
            token: Secret::default(),
            credentials: None,
            ca: None,
            certificate: None,
            key: None,
            connect_timeout: Duration::from_secs(2),
            reconnect_delay: Duration::from_millis(400),
            ping_interval: Duration::from_secs(1),
        }
    }
}

impl Default for Grpc {
    fn default() -> Self {
        Self {
            listen: Ipv4Addr::UNSPECIFIED.into(),
            port: 3434,
            host: "127.0.0.1".to_owned(),
            external_host: None,
            external_port: None,
            connect_timeout: Duration::from_secs(1),
        }
    }
}

impl Default for Etcd {
    fn default() -> Self {
        Self {
            endpoints: vec!["localhost:2379".to_owned()],
            prefix: "pitaya/".to_owned(),
            user: String::new(),
            password: Secret::default(),
            ca: None,
            certificate: None,
            key: None,
            server_name: None,
            dial_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(5),
            lease_ttl: Duration::from_secs(60),
            sync_interval: Duration::from_secs(120),
            ignore_types: BTreeSet::new(),
        }
    }
}

impl Default for Bindings {
    fn default() -> Self {
        Self {
            endpoints: None,
            prefix: None,
            dial_timeout: None,
            ttl: Duration::from_secs(5 * 60 * 60),
        }
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            enabled: false,
            address: Ipv4Addr::UNSPECIFIED.into(),
            port: 9090,
            game: None,
            labels: BTreeMap::new(),
        }
    }
}
