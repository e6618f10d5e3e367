//! What a server is told before it starts.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use serde::Deserialize;

use crate::limits::Limits;

/// Settings of a server. Build one in code, or let the host program read it from its own file or environment: it deserializes, durations are
/// written as `30s`, what is left out keeps its default.
///
/// ```
/// use pitaya_server::ServerConfig;
///
/// let config: ServerConfig = serde_json::from_str(r#"{"heartbeat": "10s", "limits": {"packet_bytes": 65536}}"#)?;
/// assert_eq!(config.heartbeat.as_secs(), 10);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ServerConfig {
    /// The server's type, the first part of three-part routes. Default `connector`.
    pub server_type: String,
    /// Time between heartbeats; a client that is silent for two of them is cut before the third. Whole seconds, at least one,
    /// as the family's clients read no fraction (wire 2.2). Default 30 s, as Go Pitaya.
    #[serde(with = "humantime_serde")]
    pub heartbeat: Duration,
    /// Codes for routes, from 1 up. Default none. Clients learn them in the handshake (wire 7.3).
    pub dictionary: BTreeMap<String, u16>,
    /// Message bodies of at least this many bytes are deflated when that makes them shorter; `None` switches
    /// compression off. Default 256: shorter bodies hardly shrink and cost the same. Clients that cannot inflate get plain bodies whatever this says.
    pub compression: Option<usize>,
    /// Whether a user has one session: a second one that binds the same uid replaces the first, which is kicked. Default true.
    pub unique_sessions: bool,
    /// How long a session outlives its connection. Default zero, which is the family's behaviour.
    #[serde(with = "humantime_serde")]
    pub grace: Duration,
    /// What happens to a client that does not read the pushes sent to it. Default [`SlowConsumer::Disconnect`].
    pub slow_consumer: SlowConsumer,
    /// How long a shutdown may take. Default 10 s; then handlers that still run are dropped and reported.
    #[serde(with = "humantime_serde")]
    pub shutdown_timeout: Duration,
    /// Over how long the clients of a server that shuts down are told to spread their return. Default 5 s.
    #[serde(with = "humantime_serde")]
    pub reconnect_spread: Duration,
    /// Sessions that a shutdown sends away per second. Default none: all at once, and [`reconnect_spread`](Self::reconnect_spread) spreads their return. With
    /// it they may come back at once, and the shutdown may take longer by the time that this needs.
    pub drain_per_second: Option<NonZeroU32>,
    /// What peers may cost.
    pub limits: Limits,
}

/// What happens when the pushes that wait for a client exceed [`Limits::outbox_bytes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SlowConsumer {
    /// Its connection is closed; it may come back.
    Disconnect,
    /// Pushes to it fail until it has read some; answers to its requests are never dropped.
    DropPushes,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            server_type: "connector".into(),
            heartbeat: Duration::from_secs(30),
            dictionary: BTreeMap::new(),
            compression: Some(256),
            unique_sessions: true,
            grace: Duration::ZERO,
            slow_consumer: SlowConsumer::Disconnect,
            shutdown_timeout: Duration::from_secs(10),
            reconnect_spread: Duration::from_secs(5),
            drain_per_second: None,
            limits: Limits::default(),
        }
    }
}
