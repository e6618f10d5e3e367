//! How a server is reached over gRPC, and what it may keep in memory for it.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use serde::Deserialize;

/// Options of a [`GrpcBus`](super::GrpcBus). They deserialize, durations are written as `5s`, what is left out keeps its default.
///
/// ```
/// use pitaya_server::cluster::GrpcConfig;
///
/// let config: GrpcConfig = serde_json::from_str(r#"{"host": "10.0.0.5", "region": "eu"}"#)?;
/// assert_eq!((config.port, config.request_timeout.as_secs()), (3434, 5));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct GrpcConfig {
    /// The address to listen on. Default `0.0.0.0`, all of IPv4, as other servers come from everywhere. There is neither TLS nor a log-in,
    /// as in the family (wire 16): keep the port inside the cluster's network.
    pub listen: IpAddr,
    /// The port to listen on; 0 takes a free one. Default 3434, as Go Pitaya.
    pub port: u16,
    /// The host by which servers of this region reach this one, a name or an address. Default `127.0.0.1`: all servers on one machine.
    pub host: String,
    /// The host by which servers of other regions reach this one; empty for none. Default none.
    pub external_host: String,
    /// The port that goes with it. Default the port that is listened on.
    pub external_port: Option<u16>,
    /// The name of this server's region; empty for none. Default none. Servers of one region use each other's `host`, others the external
    /// one; a server without a region is reached by its external host from everywhere, if it has one (wire 16).
    pub region: String,
    /// How long pushes, kicks and bindings may take at the server that they are for. Default 5 s, as Go Pitaya. Calls say themselves how
    /// long they may take.
    #[serde(with = "humantime_serde")]
    pub request_timeout: Duration,
    /// How long making a connection may take. Default 1 s: a packet that is lost on the way is sent again once within that time, and what
    /// waits for a server that cannot be reached fails soon.
    #[serde(with = "humantime_serde")]
    pub connect_timeout: Duration,
    /// How long a server may acknowledge none of the bytes sent to it, before its connection is given up and the next call makes a new
    /// one. Default 2 s: after a partition of the network everyone is reached again within that time. Linux alone can do it.
    #[serde(with = "humantime_serde")]
    pub stalled_timeout: Duration,
    /// What may be under way at one time.
    pub limits: GrpcLimits,
}

/// What a [`GrpcBus`](super::GrpcBus) keeps in memory at most.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct GrpcLimits {
    /// Largest message, sent or received, in bytes. Default 4 MiB, which is what servers in Go take.
    pub message_bytes: usize,
    /// Calls that wait for their answers. Default 65,536: at five seconds each that is 13,000 a second to servers that do not answer.
    pub pending_calls: usize,
    /// Requests of others that were taken and not answered. Default 10,000; one more is answered `PIT-503` at once.
    pub taken_requests: usize,
    /// Pushes and kicks that were handed over and not acknowledged. Default 10,000, as each is looked up, sent and acknowledged by itself.
    pub queued_pushes: usize,
    /// Users who have come or gone and are not yet entered in the table of bindings. Default 65,536, the sessions of a full server.
    pub queued_bindings: usize,
    /// Connections of other servers. Default 1,024: every server keeps one. Further ones are closed at once.
    pub connections: usize,
}

impl Default for GrpcConfig {
    fn default() -> Self {
        Self {
            listen: Ipv4Addr::UNSPECIFIED.into(),
            port: 3434,
            host: "127.0.0.1".to_owned(),
            external_host: String::new(),
            external_port: None,
            region: String::new(),
            request_timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(1),
            stalled_timeout: Duration::from_secs(2),
            limits: GrpcLimits::default(),
        }
    }
}

impl Default for GrpcLimits {
    fn default() -> Self {
        Self {
            message_bytes: 4 * 1024 * 1024,
            pending_calls: 65_536,
            taken_requests: 10_000,
            queued_pushes: 10_000,
            queued_bindings: 65_536,
            connections: 1_024,
        }
    }
}
