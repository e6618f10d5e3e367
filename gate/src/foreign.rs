//! Keys of Go Pitaya that a gate has no setting for, each with what is there in its place.

use crate::keys::variable;

/// A key of Go Pitaya, or all that begin with it and a dot, and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Foreign {
    /// The key.
    pub name: &'static str,
    /// What there is in its place.
    pub instead: &'static str,
}

/// All of them.
#[must_use]
pub const fn foreign_keys() -> &'static [Foreign] {
    FOREIGN
}

impl Foreign {
    /// By the dotted name of a key, in lower case.
    pub(crate) fn of_key(name: &str) -> Option<&'static Self> {
        FOREIGN
            .iter()
            .find(|foreign| begins(name, foreign.name, '.'))
    }

    /// By the name of a variable.
    pub(crate) fn of_variable(name: &str) -> Option<&'static Self> {
        FOREIGN
            .iter()
            .find(|foreign| begins(name, &variable(foreign.name), '_'))
    }
}

fn begins(name: &str, start: &str, next: char) -> bool {
    name.strip_prefix(start)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(next))
}

const fn foreign(name: &'static str, instead: &'static str) -> Foreign {
    Foreign { name, instead }
}

const NEVER_GIVES_UP: &str = "the gate never gives up; there is nothing to set";
const NO_JITTER: &str =
    "pauses are drawn by chance anyway; gate.nats.reconnect_delay is the longest";
const NO_WEBSOCKET: &str = "NATS is reached over TCP";
const TWO_PINGS: &str = "always two; gate.nats.ping_interval says how often";
const NO_POOL: &str = "a message holds no worker; gate.limits.forwarded_per_session bounds what a client has under way";

const FOREIGN: &[Foreign] = &[
    foreign(
        "pitaya.session.drain",
        "sessions are sent away at the end in any case; gate.drain.* says how",
    ),
    foreign(
        "pitaya.buffer.agent.messages",
        "what waits for a client is counted in bytes: gate.limits.outbox_bytes",
    ),
    foreign("pitaya.buffer.handler", NO_POOL),
    foreign("pitaya.concurrency.handler.dispatch", NO_POOL),
    foreign(
        "pitaya.defaultpipelines",
        "arguments are validated by the backends",
    ),
    foreign(
        "pitaya.metrics.period",
        "measured when it happens, and read by Prometheus",
    ),
    foreign("pitaya.metrics.additionallabels", "use gate.metrics.labels"),
    foreign("pitaya.metrics.additionaltags", "use gate.metrics.labels"),
    foreign(
        "pitaya.metrics.custom",
        "a gate runs no code that could report them",
    ),
    foreign(
        "pitaya.metrics.statsd",
        "use Prometheus: gate.metrics.enabled",
    ),
    foreign(
        "pitaya.cluster.rpc.client.grpc.lazyconnection",
        "connections are made when they are first used",
    ),
    foreign(
        "pitaya.cluster.rpc.client.nats.maxreconnectionretries",
        NEVER_GIVES_UP,
    ),
    foreign(
        "pitaya.cluster.rpc.server.nats.maxreconnectionretries",
        NEVER_GIVES_UP,
    ),
    foreign("pitaya.cluster.rpc.client.nats.reconnectjitter", NO_JITTER),
    foreign("pitaya.cluster.rpc.server.nats.reconnectjitter", NO_JITTER),
    foreign(
        "pitaya.cluster.rpc.client.nats.reconnectjittertls",
        NO_JITTER,
    ),
    foreign(
        "pitaya.cluster.rpc.server.nats.reconnectjittertls",
        NO_JITTER,
    ),
    foreign(
        "pitaya.cluster.rpc.client.nats.websocketcompression",
        NO_WEBSOCKET,
    ),
    foreign(
        "pitaya.cluster.rpc.server.nats.websocketcompression",
        NO_WEBSOCKET,
    ),
    foreign(
        "pitaya.cluster.rpc.client.nats.maxpingsoutstanding",
        TWO_PINGS,
    ),
    foreign(
        "pitaya.cluster.rpc.server.nats.maxpingsoutstanding",
        TWO_PINGS,
    ),
    foreign("pitaya.cluster.rpc.server.nats.services", NO_POOL),
    foreign(
        "pitaya.cluster.rpc.server.nats.buffer",
        "what comes over NATS is bounded in bytes by the bus itself",
    ),
    foreign(
        "pitaya.cluster.rpc.server.loopbackenabled",
        "a gate calls no remote methods",
    ),
    foreign("pitaya.cluster.sd.etcd.heartbeat.log", "use gate.log.level"),
    foreign(
        "pitaya.cluster.sd.etcd.syncservers.parallelism",
        "one request reads all servers",
    ),
    foreign(
        "pitaya.cluster.sd.etcd.grantlease",
        "leases are asked for until etcd gives one; gate.etcd.request_timeout bounds each try",
    ),
    foreign(
        "pitaya.cluster.sd.etcd.revoke",
        "use gate.etcd.request_timeout",
    ),
    foreign("pitaya.groups", "groups are made by backends"),
    foreign("pitaya.worker", "a gate has no jobs"),
];
