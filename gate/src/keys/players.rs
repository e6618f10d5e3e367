//! Keys of what clients meet.

use super::{Key, table};

pub(super) const KEYS: &[Key] = table! {
    "gate.listen.tcp" [] listen.tcp: "addresses for TCP, such as `0.0.0.0:3250`; Go's acceptors are in its code";
    "gate.listen.tls" [] listen.tls: "addresses for TCP with TLS";
    "gate.listen.ws" [] listen.ws: "addresses for WebSockets, on any path";
    "gate.listen.wss" [] listen.wss: "addresses for WebSockets with TLS";
    "gate.tls.certificate" [] listen.certificate: "PEM file with the certificate chain of `tls` and `wss`; read again at SIGHUP";
    "gate.tls.key" [] listen.key: "PEM file with its key";
    "gate.proxy.packets" ["pitaya.acceptor.proxyprotocol"] listen.proxy_packets: "whether connections of `tcp` and `tls` have to begin with a PROXY header";
    "gate.proxy.websockets" [] listen.proxy_websockets: "the same for `ws` and `wss`";
    "gate.origins" [] listen.origins: "web origins whose pages may open a WebSocket; none named: all may";
    "gate.serializer" ["pitaya.serializertype"] serializer: "`json` (Go: 1) or `protobuf` (2), as the backends have it; bodies pass as they are, the gate writes only errors of its own";
    "gate.heartbeat" ["pitaya.heartbeat.interval"] server.heartbeat: "time between heartbeats, in whole seconds";
    "gate.dictionary" [] dictionary: "JSON file with the codes of routes: an object of route and number";
    "gate.compression" ["pitaya.handler.messages.compression"] compression.on: "whether messages to clients may be compressed";
    "gate.compress_from" [] compression.from: "bytes from which on that is tried";
    "gate.unique_sessions" ["pitaya.session.unique"] server.unique_sessions: "whether a second session of a user ends the first, on all frontends";
    "gate.slow_consumer" [] server.slow_consumer: "what happens to a client that does not read: `disconnect`, or `drop_pushes`";
    "gate.rate.limit" ["pitaya.conn.ratelimiting.limit"] rate.limit: "packets that a client may send in each interval; above it the gate reads later and drops nothing";
    "gate.rate.interval" ["pitaya.conn.ratelimiting.interval"] rate.interval: "that interval";
    "gate.rate.disabled" ["pitaya.conn.ratelimiting.forcedisable"] rate.disabled: "whether the limit is off all the same";
};
