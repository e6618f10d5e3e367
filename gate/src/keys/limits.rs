//! Keys of what a client may cost.

use super::{Key, table};

pub(super) const KEYS: &[Key] = table! {
    "gate.limits.connections" [] server.limits.connections: "connections at one time";
    "gate.limits.connections_per_ip" [] server.limits.connections_per_ip: "the same from one address";
    "gate.limits.packet_bytes" [] server.limits.packet_bytes: "largest packet of a session";
    "gate.limits.inflated_bytes" [] server.limits.inflated_bytes: "largest message after inflating";
    "gate.limits.handshake_packet_bytes" [] server.limits.handshake_packet_bytes: "largest packet before the handshake is done";
    "gate.limits.handshake_json_bytes" [] server.limits.handshake_json_bytes: "largest text of a handshake";
    "gate.limits.handshake_json_depth" [] server.limits.handshake_json_depth: "deepest nesting in it";
    "gate.limits.handshake_timeout" [] server.limits.handshake_timeout: "time for the handshake";
    "gate.limits.tls_timeout" [] server.limits.tls_timeout: "time for TLS";
    "gate.limits.upgrade_timeout" [] server.limits.upgrade_timeout: "time for the request of a WebSocket";
    "gate.limits.upgrade_bytes" [] server.limits.upgrade_bytes: "largest head of that request";
    "gate.limits.proxy_timeout" [] server.limits.proxy_timeout: "time for a PROXY header";
    "gate.limits.proxy_bytes" [] server.limits.proxy_bytes: "largest PROXY header";
    "gate.limits.packets_grace" [] server.limits.packets_grace: "how long a client above `gate.rate.limit` is slowed down before it is closed";
    "gate.limits.outbox_soft_bytes" [] server.limits.outbox_soft_bytes: "waiting bytes above which a session's messages wait too";
    "gate.limits.outbox_bytes" [] server.limits.outbox_bytes: "waiting bytes above which `gate.slow_consumer` decides";
    "gate.limits.stalled_timeout" ["pitaya.buffer.agent.conntimeout" "pitaya.buffer.agent.writetimeout"] server.limits.stalled_timeout: "how long a client may take none of them";
    "gate.limits.close_timeout" [] server.limits.close_timeout: "time for an orderly end of a connection";
    "gate.limits.read_ahead" [] server.limits.read_ahead: "messages of a session that are read while it waits";
    "gate.limits.wakeup_messages" [] server.limits.wakeup_messages: "messages of a connection in one turn";
    "gate.limits.forwarded_per_session" [] cluster.forwarded_per_session: "messages of a session under way to other servers";
};
