//! What etcd is asked for, and how.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

/// Settings of [`EtcdDiscovery`](super::EtcdDiscovery) and [`EtcdBindings`](super::EtcdBindings). They deserialize, durations are written
/// as `30s`, what is left out keeps its default; the defaults are those of Go Pitaya where it has the setting.
///
/// ```
/// use pitaya_server::cluster::EtcdConfig;
///
/// let config: EtcdConfig = serde_json::from_str(r#"{"endpoints": ["10.0.0.1:2379", "10.0.0.2:2379"], "lease_ttl": "30s"}"#)?;
/// assert_eq!((config.prefix.as_str(), config.lease_ttl.as_secs()), ("pitaya/", 30));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct EtcdConfig {
    /// Addresses of etcd's servers: `host:port`, `http://host:port`, or `https://host:port` for TLS. One is used at a time, and the next one when
    /// that fails. Default `localhost:2379`.
    pub endpoints: Vec<String>,
    /// What all keys begin with, the slash included. Servers see each other when theirs are the same. Default `pitaya/` (wire 19).
    pub prefix: String,
    /// The user to log in as; empty for none. Default empty.
    pub user: String,
    /// The user's password. Default empty.
    pub password: String,
    /// How etcd is known and this server proves itself. With any of it set, endpoints without `https` are refused.
    pub tls: EtcdTls,
    /// How long this server stays entered when it has crashed. Whole seconds, at least two. Default 60 s, as Go Pitaya: until then others may
    /// send to it, but one that answers nothing is not chosen again.
    #[serde(with = "humantime_serde")]
    pub lease_ttl: Duration,
    /// How long a binding stays entered when its server has crashed. Whole seconds, at least two. Default 5 h, as Go Pitaya.
    #[serde(with = "humantime_serde")]
    pub bindings_ttl: Duration,
    /// How long making a connection may take, to each endpoint. Default 5 s.
    #[serde(with = "humantime_serde")]
    pub dial_timeout: Duration,
    /// How long etcd may take for an answer before it counts as away, and how long leaving may take. Default 5 s.
    #[serde(with = "humantime_serde")]
    pub request_timeout: Duration,
    /// Time between full comparisons with etcd, should a change have been missed. Default 120 s.
    #[serde(with = "humantime_serde")]
    pub sync_interval: Duration,
    /// How long servers that are missing after etcd was away are still listed. Default 20 s: etcd may have come back without what it knew, and
    /// all servers enter themselves again, ours within two seconds, those in Go after 10 to 15 (wire 19).
    #[serde(with = "humantime_serde")]
    pub deletion_hold: Duration,
    /// Servers that are listed; further ones are ignored. Default 4,096: clusters have hundreds, and at 64 KiB each, the most that a server may
    /// say of itself, they take 256 MiB.
    pub max_members: usize,
    /// Server types that are not listed, but for this server itself. Default none.
    pub ignore_types: BTreeSet<String>,
}

impl Default for EtcdConfig {
    fn default() -> Self {
        Self {
            endpoints: vec!["localhost:2379".to_owned()],
            prefix: "pitaya/".to_owned(),
            user: String::new(),
            password: String::new(),
            tls: EtcdTls::default(),
            lease_ttl: Duration::from_secs(60),
            bindings_ttl: Duration::from_secs(5 * 60 * 60),
            dial_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(5),
            sync_interval: Duration::from_secs(120),
            deletion_hold: Duration::from_secs(20),
            max_members: 4_096,
            ignore_types: BTreeSet::new(),
        }
    }
}

/// Without the password, which logs would keep.
impl fmt::Debug for EtcdConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EtcdConfig")
            .field("endpoints", &self.endpoints)
            .field("prefix", &self.prefix)
            .field("user", &self.user)
            .field("lease_ttl", &self.lease_ttl)
            .finish_non_exhaustive()
    }
}

/// How etcd is known, and how this server proves itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct EtcdTls {
    /// A PEM file with the certificates by which etcd is known; `None` for those that the system trusts. Default `None`.
    pub ca: Option<PathBuf>,
    /// A PEM file with the certificate that this server shows. Default `None`.
    pub certificate: Option<PathBuf>,
    /// A PEM file with the key of that certificate. Default `None`.
    pub key: Option<PathBuf>,
    /// The name in etcd's certificate, where it is not the endpoint's host. Default `None`.
    pub server_name: Option<String>,
}
