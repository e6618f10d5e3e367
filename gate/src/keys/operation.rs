//! Keys of those who run the gate.

use super::{Key, table};

pub(super) const KEYS: &[Key] = table! {
    "gate.drain.timeout" [] server.shutdown_timeout: "how long the end may take, and what `gate.drain.per_second` needs in addition";
    "gate.drain.per_second" [] server.drain_per_second: "sessions that are sent away each second; unset: all at once";
    "gate.drain.spread" [] server.reconnect_spread: "over how long our clients are told to spread their return, where all are sent away at once";
    "gate.drain.endpoints" [] drain.endpoints: "where our clients are told to come back, in turn";
    "gate.drain.reason" [] drain.reason: "why, for people";
    "gate.hand_over" [] listen.hand_over: "file by which the next process takes the listeners over; see [Rolling restarts](rolling-restarts.md)";
    "gate.health" [] listen.health: "address where `/ready` and `/live` are answered";
    "gate.metrics.enabled" ["pitaya.metrics.prometheus.enabled"] metrics.enabled: "whether Prometheus can read `/metrics`";
    "gate.metrics.address" [] metrics.address: "address of it";
    "gate.metrics.port" ["pitaya.metrics.prometheus.port"] metrics.port: "port of it";
    "gate.metrics.game" ["pitaya.metrics.game"] metrics.game: "label `game` of everything that is measured";
    "gate.metrics.labels" ["pitaya.metrics.constlabels" "pitaya.metrics.consttags"] metrics.labels: "further labels of everything";
    "gate.log.level" [] log.level: "`off`, `error`, `warn`, `info`, `debug` or `trace`";
    "gate.log.format" [] log.format: "`text`, or `json`: an object a line";
};
