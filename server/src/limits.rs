//! What one peer, and all of them together, may cost.

use std::time::Duration;

use serde::Deserialize;

/// Every bound that the server puts on a peer, with a default for each.
///
/// All sizes are bytes unless a field says otherwise. A limit that is `None` is off. In a configuration file durations
/// are written as `5s` or `1m 30s`; a field that is left out keeps its default, an unknown one is an error.
///
/// ```
/// use pitaya_server::Limits;
///
/// let mut limits = Limits::default();
/// limits.connections_per_ip = Some(32);
/// assert!(limits.check().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// Largest packet body that a session may send. Default 16,777,215, the most that the 24-bit length can say: a
    /// client of the family knows of no smaller limit (wire 1.1). A game that knows its messages should lower it, since a
    /// connection can make the server hold one body of this size.
    pub packet_bytes: usize,
    /// Largest packet body before the handshake is done. Default 4 KiB: a real handshake is some hundred bytes, and
    /// strangers should not be able to make the server hold more.
    pub handshake_packet_bytes: usize,
    /// Time from the first byte that could be sent until the handshake is acknowledged. Default 5 s, which is several
    /// round trips of a bad mobile network. The family has no such deadline and keeps silent connections for a minute.
    #[serde(with = "humantime_serde")]
    pub handshake_timeout: Duration,
    /// Time for the TLS handshake. Default 5 s, for the same reason.
    #[serde(with = "humantime_serde")]
    pub tls_timeout: Duration,
    /// Time for the HTTP request that asks for a WebSocket. Default 5 s, for the same reason.
    #[serde(with = "humantime_serde")]
    pub upgrade_timeout: Duration,
    /// Largest head (request line and headers) of that HTTP request. Default 8 KiB, what common HTTP servers allow; large
    /// cookies fit.
    pub upgrade_bytes: usize,
    /// Time for the PROXY header on a listener that demands one. Default 5 s; a proxy sends it at once, so only a peer that
    /// goes around the proxy runs into it.
    #[serde(with = "humantime_serde")]
    pub proxy_timeout: Duration,
    /// Largest PROXY header of version 2 with its extensions. Default 2 KiB: addresses take 36 bytes, the rest holds the
    /// facts about TLS that some proxies add. (Version 1 is never longer than 107 bytes.)
    pub proxy_bytes: usize,
    /// Largest JSON text of a handshake. Default 4 KiB; it cannot exceed [`handshake_packet_bytes`](Self::handshake_packet_bytes).
    pub handshake_json_bytes: usize,
    /// Deepest nesting of that JSON, in levels. Default 32: real handshakes have three, and a parser needs stack per level.
    pub handshake_json_depth: usize,
    /// Largest message body after inflating. Default 1 MiB: without a cap a few kilobytes could become gigabytes.
    pub inflated_bytes: usize,
    /// Connections at one time, all listeners together. Default 65,536: at the 6 KiB that an idle WebSocket costs this is
    /// 400 MiB, a size that a host should exceed on purpose only. Further ones are closed at once.
    pub connections: Option<usize>,
    /// Connections at one time from one IP address. Off by default: a school or a mobile carrier puts thousands of players
    /// behind one address.
    pub connections_per_ip: Option<usize>,
    /// Packets per second that one connection may send, averaged over a second. Off by default: it depends on the game.
    /// Above it the server reads later, which slows the client down; nothing is dropped.
    pub packets_per_second: Option<u32>,
    /// How long a connection above [`packets_per_second`](Self::packets_per_second) is slowed down without a pause before it
    /// is closed. Default 5 s: a burst after a stall passes, a flood does not.
    #[serde(with = "humantime_serde")]
    pub packets_grace: Duration,
    /// Queued outgoing bytes of a session above which none of its messages is dispatched, and then none is read. Default
    /// 64 KiB: replies that the client does not fetch hold up the client's own requests, nobody else.
    pub outbox_soft_bytes: usize,
    /// Queued outgoing bytes of a session above which a push meets the slow-consumer policy. Default 256 KiB: a second or
    /// two of a busy game.
    pub outbox_bytes: usize,
    /// How long a peer may take none of the bytes that wait for it. Default 5 s; then it counts as gone.
    #[serde(with = "humantime_serde")]
    pub stalled_timeout: Duration,
    /// How long an orderly end may take: the last bytes, the close frame and the peer's own end. Default 1 s; then the
    /// socket is closed all the same.
    #[serde(with = "humantime_serde")]
    pub close_timeout: Duration,
    /// Messages of one session that are read ahead while its handler waits. Default 64: enough to see heartbeats among
    /// them, few enough to bound memory; then the socket is not read and the client feels it.
    pub read_ahead: usize,
    /// Handlers marked `concurrent` that one session may have in flight. Default 16.
    pub concurrent_handlers: usize,
    /// Handlers, in the whole server, that go on although their session has ended. Default 1,024; above it such a handler is
    /// dropped at its next await, since clients that connect, ask and leave could otherwise pile up work without end.
    pub orphaned_handlers: usize,
    /// Messages of one connection that are handled before other connections get their turn. Default 64.
    pub wakeup_messages: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            packet_bytes: LARGEST_PACKET,
            handshake_packet_bytes: 4 * KIB,
            handshake_timeout: Duration::from_secs(5),
            tls_timeout: Duration::from_secs(5),
            upgrade_timeout: Duration::from_secs(5),
            upgrade_bytes: 8 * KIB,
            proxy_timeout: Duration::from_secs(5),
            proxy_bytes: 2 * KIB,
            handshake_json_bytes: 4 * KIB,
            handshake_json_depth: 32,
            inflated_bytes: 1024 * KIB,
            connections: Some(65_536),
            connections_per_ip: None,
            packets_per_second: None,
            packets_grace: Duration::from_secs(5),
            outbox_soft_bytes: 64 * KIB,
            outbox_bytes: 256 * KIB,
            stalled_timeout: Duration::from_secs(5),
            close_timeout: Duration::from_secs(1),
            read_ahead: 64,
            concurrent_handlers: 16,
            orphaned_handlers: 1024,
            wakeup_messages: 64,
        }
    }
}

impl Limits {
    /// Says whether these limits can work together; the server asks at its start.
    pub fn check(&self) -> Result<(), LimitsError> {
        if self.packet_bytes > LARGEST_PACKET {
            return Err(LimitsError::PacketTooLarge {
                given: self.packet_bytes,
            });
        }
        let at_least_one = [
            ("packet_bytes", self.packet_bytes),
            ("handshake_packet_bytes", self.handshake_packet_bytes),
            ("upgrade_bytes", self.upgrade_bytes),
            ("handshake_json_bytes", self.handshake_json_bytes),
            ("handshake_json_depth", self.handshake_json_depth),
            ("outbox_soft_bytes", self.outbox_soft_bytes),
            ("read_ahead", self.read_ahead),
            ("concurrent_handlers", self.concurrent_handlers),
            ("wakeup_messages", self.wakeup_messages),
            ("connections", self.connections.unwrap_or(1)),
            ("connections_per_ip", self.connections_per_ip.unwrap_or(1)),
            (
                "packets_per_second",
                self.packets_per_second.map_or(1, |limit| limit as usize),
            ),
        ];
        if let Some((field, _)) = at_least_one.into_iter().find(|(_, value)| *value == 0) {
            return Err(LimitsError::Zero { field });
        }
        let in_order = [
            (
                "handshake_packet_bytes",
                self.handshake_packet_bytes,
                "packet_bytes",
                self.packet_bytes,
            ),
            (
                "handshake_json_bytes",
                self.handshake_json_bytes,
                "handshake_packet_bytes",
                self.handshake_packet_bytes,
            ),
            (
                "outbox_soft_bytes",
                self.outbox_soft_bytes,
                "outbox_bytes",
                self.outbox_bytes,
            ),
        ];
        for (smaller, smaller_value, larger, larger_value) in in_order {
            if smaller_value > larger_value {
                return Err(LimitsError::Order {
                    smaller,
                    smaller_value,
                    larger,
                    larger_value,
                });
            }
        }
        Ok(())
    }
}

/// Why a set of limits cannot work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LimitsError {
    /// A packet cannot be that long on the wire.
    #[error("limit `packet_bytes` is {given}, but the wire carries at most {LARGEST_PACKET}")]
    PacketTooLarge {
        /// The value that was set.
        given: usize,
    },
    /// Nothing could pass this limit.
    #[error("limit `{field}` is 0, so that nothing could pass")]
    Zero {
        /// The limit's name.
        field: &'static str,
    },
    /// One limit is part of another, yet larger.
    #[error("limit `{smaller}` ({smaller_value}) is larger than `{larger}` ({larger_value})")]
    Order {
        /// The limit that must not be the larger one.
        smaller: &'static str,
        /// Its value.
        smaller_value: usize,
        /// The limit that contains it.
        larger: &'static str,
        /// Its value.
        larger_value: usize,
    },
}

const KIB: usize = 1024;

/// The most that the packet header can announce (wire 1.1).
const LARGEST_PACKET: usize = 0xFF_FFFF;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_hold_together() {
        assert_eq!(Limits::default().check(), Ok(()));
    }

    #[test]
    fn a_file_overrides_only_what_it_names() {
        let limits: Limits =
            serde_json::from_str(r#"{"tls_timeout": "1m 30s", "connections_per_ip": 8}"#)
                .expect("valid limits");
        assert_eq!(limits.tls_timeout, Duration::from_secs(90));
        assert_eq!(limits.connections_per_ip, Some(8));
        assert_eq!(limits.packet_bytes, 16_777_215);
    }

    #[test]
    fn a_misspelt_limit_is_an_error() {
        let error =
            serde_json::from_str::<Limits>(r#"{"packet_byte": 1}"#).expect_err("unknown field");
        assert!(error.to_string().contains("packet_byte"), "{error}");
    }

    fn with(change: impl FnOnce(&mut Limits)) -> Limits {
        let mut limits = Limits::default();
        change(&mut limits);
        limits
    }

    #[test]
    fn impossible_limits_are_named() {
        let cases = [
            (
                with(|limits| limits.packet_bytes = 16_777_216),
                "packet_bytes",
            ),
            (with(|limits| limits.read_ahead = 0), "read_ahead"),
            (with(|limits| limits.outbox_bytes = 1), "outbox_soft_bytes"),
            (
                with(|limits| limits.packets_per_second = Some(0)),
                "packets_per_second",
            ),
        ];
        for (limits, name) in cases {
            let error = limits.check().expect_err(name);
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}
