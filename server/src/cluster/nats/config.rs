//! How a server reaches NATS, and what it may keep in memory for it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Deserializer};

/// Options of a [`NatsBus`](super::NatsBus). Every one has a default.
///
/// ```
/// use pitaya_server::cluster::NatsConfig;
///
/// let config = NatsConfig::new("nats://10.0.0.5:4222,nats://10.0.0.6:4222");
/// assert_eq!(config.urls.len(), 2);
/// ```
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct NatsConfig {
    /// Where the engine is: `nats://host:port` or `tls://host:port`, one text with commas between several, or a list. A name and a
    /// password, or a token, may stand in front of the host. Default `nats://localhost:4222`, as in the family (wire 15.6).
    #[serde(deserialize_with = "one_or_many")]
    pub urls: Vec<String>,
    /// What the engine calls this connection in its own lists. Default: the server's type and id.
    pub name: Option<String>,
    /// The user, where no URL names one.
    pub user: Option<String>,
    /// The user's password.
    pub password: Option<String>,
    /// A token instead of a user.
    pub token: Option<String>,
    /// A file of credentials (`.creds`) with a JWT and a key.
    pub credentials: Option<PathBuf>,
    /// Certificates, where the URL or the engine asks for TLS.
    pub tls: NatsTls,
    /// How long one attempt to connect may take. Default 2 s, as in the family.
    #[serde(with = "humantime_serde")]
    pub connect_timeout: Duration,
    /// The longest pause between two attempts to connect again. Default 400 ms, so that a server is back within a second of its engine. The
    /// first attempt follows a loss at once; then the pauses double from 25 ms on, each shortened by chance by up to a half, so that
    /// not all servers of a cluster come in one instant.
    #[serde(with = "humantime_serde")]
    pub reconnect_delay: Duration,
    /// After how long without a word the engine is asked whether it is there; it is given up when two such questions have no answer.
    /// Default 1 s: a silent engine, or a network that loses everything, is noticed within 3 s, where the family takes six minutes. So a server
    /// is back within two seconds of its network: what TCP sends again by itself comes the later the longer the network was away.
    #[serde(with = "humantime_serde")]
    pub ping_interval: Duration,
    /// How long the beginning of a drain, and the end, may wait for the engine. Default 2 s.
    #[serde(with = "humantime_serde")]
    pub close_timeout: Duration,
    /// What may be under way at one time.
    pub limits: NatsLimits,
}

/// Certificates for a connection with TLS. What is absent is not used; without `ca` the certificates of the system count.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct NatsTls {
    /// A PEM file with the certificates by which the engine is known.
    pub ca: Option<PathBuf>,
    /// A PEM file with the certificate that the server shows.
    pub certificate: Option<PathBuf>,
    /// A PEM file with the key of that certificate.
    pub key: Option<PathBuf>,
}

/// What a [`NatsBus`](super::NatsBus) keeps in memory at most. The largest message is what the engine says it takes, 1 MiB where
/// nobody changed it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct NatsLimits {
    /// Calls that wait for their answers. Default 65,536: at the family's five seconds that is 13,000 a second to servers that do not answer.
    pub pending_calls: usize,
    /// Messages that are handed over and not yet on the wire. Default 16,384, some milliseconds' worth of a busy engine.
    pub queued_messages: usize,
    /// Their bytes. Default 64 MiB, as many messages of 4 KiB.
    pub queued_bytes: usize,
    /// Requests of others that were taken and not answered. Default 10,000; one more is answered `PIT-503` at once. The family drops
    /// what exceeds 75 and lets callers wait (wire 15.1).
    pub taken_requests: usize,
}

impl NatsConfig {
    /// The defaults, with the engine at these URLs: one, or several with commas between them.
    pub fn new(urls: impl AsRef<str>) -> Self {
        Self {
            urls: split(urls.as_ref()),
            ..Self::default()
        }
    }
}

impl Default for NatsConfig {
    fn default() -> Self {
        Self {
            urls: vec!["nats://localhost:4222".to_owned()],
            name: None,
            user: None,
            password: None,
            token: None,
            credentials: None,
            tls: NatsTls::default(),
            connect_timeout: Duration::from_secs(2),
            reconnect_delay: Duration::from_millis(400),
            ping_interval: Duration::from_secs(1),
            close_timeout: Duration::from_secs(2),
            limits: NatsLimits::default(),
        }
    }
}

impl Default for NatsLimits {
    fn default() -> Self {
        Self {
            pending_calls: 65_536,
            queued_messages: 16_384,
            queued_bytes: 64 * 1024 * 1024,
            taken_requests: 10_000,
        }
    }
}

/// Says nothing that is secret.
impl fmt::Debug for NatsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsConfig")
            .field("hosts", &self.hosts())
            .field("name", &self.name)
            .field("tls", &self.tls)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl NatsConfig {
    /// The URLs without what is secret in them.
    pub(super) fn hosts(&self) -> String {
        let hosts: Vec<_> = self
            .urls
            .iter()
            .map(|url| {
                let rest = url.split_once("://").map_or(&**url, |(_, rest)| rest);
                rest.rsplit_once('@').map_or(rest, |(_, host)| host)
            })
            .collect();
        hosts.join(", ")
    }
}

fn split(urls: &str) -> Vec<String> {
    let urls = urls.split(',').map(str::trim);
    urls.filter(|url| !url.is_empty())
        .map(str::to_owned)
        .collect()
}

fn one_or_many<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Urls {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Urls::deserialize(input)? {
        Urls::One(urls) => split(&urls),
        Urls::Many(urls) => urls,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_one_text_or_a_list() {
        let read = |json| serde_json::from_str::<NatsConfig>(json).expect(json);
        let one = read(r#"{"urls":"nats://a:1, tls://b:2","connect_timeout":"3s"}"#);
        assert_eq!(one.urls, ["nats://a:1", "tls://b:2"]);
        assert_eq!(one.connect_timeout, Duration::from_secs(3));
        let many = read(r#"{"urls":["nats://a:1"],"limits":{"pending_calls":7}}"#);
        assert_eq!(many.urls, ["nats://a:1"]);
        assert_eq!(many.limits.pending_calls, 7);
        assert_eq!(many.limits.taken_requests, 10_000);
        assert!(serde_json::from_str::<NatsConfig>(r#"{"url":"nats://a"}"#).is_err());
    }

    #[test]
    fn secrets_are_not_written() {
        let mut config = NatsConfig::new("nats://me:hush@a:1");
        config.password = Some("hush".to_owned());
        config.token = Some("hush".to_owned());
        let text = format!("{config:?}");
        assert!(text.contains("a:1") && !text.contains("hush"), "{text}");
    }
}
