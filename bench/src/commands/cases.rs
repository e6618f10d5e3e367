//! What is measured, by the names under which figures are kept.

use pitaya_bench::{Dialect, Exchange, Transport, Work};

use super::subject::Subject::{
    self, FloorEpoll, FloorTokio, GoPitaya, GoPitayaTuned, Nano, PitayaRs,
};

/// The handler that returns the bytes it is given.
pub(super) const RAW: &str = "bench.echo";
/// The handler that reads and writes the same JSON as a typed value.
pub(super) const TYPED: &str = "bench.json";
const NOTE: &str = "bench.note";
const PUSH: &str = "bench.push";
/// The handler that pushes the body to the group.
pub(super) const TELL: &str = "bench.tell";
const TICK: &str = "bench.tick";
/// The handler that binds the session to the user in the body.
pub(super) const BIND: &str = "bench.bind";
/// The handler that adds the session to the group.
pub(super) const JOIN: &str = "bench.join";
/// The route of all pushes.
pub(super) const PUSHED: &str = "onBench";
/// Pushes that a request for them is answered with, and pushes of a tick.
pub(super) const PUSHES: u32 = 8;

/// A JSON object of 64 bytes, the size of a usual small game message; the raw handlers and the
/// floors carry the same bytes.
pub(super) const BODY: &[u8] =
    br#"{"name":"player-0042","x":123,"y":456,"tick":98765,"act":"move"}"#;

/// 2 KiB of JSON that deflates to about a tenth: what a world says of its players.
fn large_body() -> Vec<u8> {
    let mut body: Vec<u8> = (0..64)
        .flat_map(|number| {
            format!(r#"{{"id":{number},"x":{},"act":"walk"}},"#, number * 7 % 40).into_bytes()
        })
        .collect();
    body.resize(2 * 1024, b' ');
    body
}

/// What a case does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Requests to the raw handler, so many in flight on each connection.
    Request(u8),
    /// The same to the typed handler.
    Typed(u8),
    /// The same as requests, with a body of 2 KiB that deflates well.
    Deflate(u8),
    /// Requests at half the rate that [`Kind::Request`] of 1 reached on this server.
    Half,
    /// So many messages in flight, of which the last is a request and the others are notifies.
    Notify(u8),
    /// A request that is answered with pushes, so many in flight.
    Push(u8),
    /// A push to all members of a group.
    Broadcast,
    /// All pushes of a tick to all members of a group.
    Tick,
    /// Connections that are opened and closed.
    Connect,
    /// Connections that rest.
    Idle,
}

impl Kind {
    /// What is exchanged with a server; nothing for connections that carry no messages.
    pub(super) fn exchange(self, dialect: Dialect) -> Exchange {
        let echo = |route| Exchange::echo(dialect, route, BODY);
        match (self, dialect) {
            (Self::Typed(_), _) => echo(TYPED),
            (Self::Deflate(_), _) => Exchange::echo(dialect, RAW, &large_body()),
            (Self::Notify(depth), _) => {
                echo(RAW).after_notifies(NOTE, BODY, usize::from(depth).saturating_sub(1))
            }
            (Self::Push(_), _) => echo(PUSH).with_pushes(PUSHED, BODY),
            (Self::Broadcast, Dialect::Pitaya) => echo(TELL).with_pushes(PUSHED, BODY),
            (Self::Broadcast, Dialect::Echo) => Exchange::fan(PUSHED, BODY, 1),
            (Self::Tick, Dialect::Pitaya) => echo(TICK).with_pushes(PUSHED, BODY),
            (Self::Tick, Dialect::Echo) => Exchange::fan(PUSHED, BODY, PUSHES as usize),
            (Self::Request(_) | Self::Half | Self::Connect | Self::Idle, _) => echo(RAW),
        }
    }

    /// How requests are made; `saturation` is what [`Kind::Half`] takes half of, in messages a second.
    pub(super) fn work(self, saturation: f64) -> Work {
        match self {
            Self::Request(depth)
            | Self::Typed(depth)
            | Self::Deflate(depth)
            | Self::Push(depth) => Work::InFlight(depth),
            // One request, after its notifies.
            Self::Notify(_) => Work::InFlight(1),
            Self::Half => Work::PerSecond((saturation / 2.0) as u32),
            Self::Broadcast => Work::Broadcast(1),
            Self::Tick => Work::Broadcast(PUSHES),
            Self::Connect | Self::Idle => Work::Rest,
        }
    }
}

/// One line of figures for each of its servers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) transport: Transport,
    pub(super) kind: Kind,
    pub(super) servers: &'static [Subject],
}

const fn case(
    name: &'static str,
    transport: Transport,
    kind: Kind,
    servers: &'static [Subject],
) -> Case {
    Case {
        name,
        transport,
        kind,
        servers,
    }
}

const EVERY: &[Subject] = &[
    PitayaRs,
    FloorTokio,
    FloorEpoll,
    GoPitaya,
    GoPitayaTuned,
    Nano,
];
const FAMILY: &[Subject] = &[PitayaRs, FloorTokio, GoPitayaTuned, Nano];
const PITAYAS: &[Subject] = &[PitayaRs, GoPitayaTuned];
const TOLD: &[Subject] = &[PitayaRs, FloorEpoll, GoPitayaTuned, Nano];
const WITH_FLOOR: &[Subject] = &[PitayaRs, FloorTokio];
const DEFLATED: &[Subject] = &[PitayaRs, GoPitaya];

/// All cases; those of one transport share servers and connections.
pub(super) const CASES: &[Case] = &[
    case("request-tcp-1", Transport::Tcp, Kind::Request(1), EVERY),
    case("request-tcp-16", Transport::Tcp, Kind::Request(16), FAMILY),
    case("request-tcp-half", Transport::Tcp, Kind::Half, &[PitayaRs]),
    case("request-json-tcp-1", Transport::Tcp, Kind::Typed(1), FAMILY),
    case(
        "request-json-tcp-16",
        Transport::Tcp,
        Kind::Typed(16),
        WITH_FLOOR,
    ),
    case(
        "request-tcp-1-deflate",
        Transport::Tcp,
        Kind::Deflate(1),
        DEFLATED,
    ),
    case("notify-tcp-16", Transport::Tcp, Kind::Notify(16), PITAYAS),
    case("push-tcp-8", Transport::Tcp, Kind::Push(1), PITAYAS),
    case("broadcast-1000", Transport::Tcp, Kind::Broadcast, TOLD),
    case("broadcast-1000-tick8", Transport::Tcp, Kind::Tick, TOLD),
    case("request-ws-1", Transport::Ws, Kind::Request(1), FAMILY),
    case("request-ws-16", Transport::Ws, Kind::Request(16), FAMILY),
    case(
        "request-tls-1",
        Transport::Tls,
        Kind::Request(1),
        WITH_FLOOR,
    ),
    case("connect-tcp", Transport::Tcp, Kind::Connect, FAMILY),
    case("connect-ws", Transport::Ws, Kind::Connect, FAMILY),
    case("connect-tls", Transport::Tls, Kind::Connect, WITH_FLOOR),
    case("connect-wss", Transport::Wss, Kind::Connect, WITH_FLOOR),
    case("idle-tcp", Transport::Tcp, Kind::Idle, FAMILY),
    case("idle-ws", Transport::Ws, Kind::Idle, FAMILY),
    case("idle-tls", Transport::Tls, Kind::Idle, WITH_FLOOR),
    case("idle-wss", Transport::Wss, Kind::Idle, WITH_FLOOR),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_have_the_sizes_that_are_stated() {
        assert_eq!(BODY.len(), 64);
        assert_eq!(large_body().len(), 2048);
        assert!(large_body().ends_with(b" "), "all of the world fits");
    }

    #[test]
    fn every_case_has_a_name_of_its_own_and_our_server_in_it() {
        for (index, case) in CASES.iter().enumerate() {
            assert_eq!(case.servers[0], PitayaRs, "{}", case.name);
            assert!(CASES[..index].iter().all(|other| other.name != case.name));
        }
    }
}
