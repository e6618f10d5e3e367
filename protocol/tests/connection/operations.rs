//! Whatever a driver does and a peer sends, in any order: a connection never panics and never breaks its promises.

use std::{collections::BTreeMap, time::Duration};

use pitaya_protocol::{
    Capabilities, Close, Closed, Dictionary, Message, MessageKind, Timestamp,
    connection::{ClientConfig, Connection, Event, Input, Output, ServerConfig},
    handshake::Agreement,
};
use proptest::{collection::vec, option, prelude::*};

use crate::support::{
    at,
    strategies::{capabilities, close, dictionary, kind, route, route_ref, wire_bytes},
};

proptest! {
    #[test]
    fn any_operations_leave_a_connection_sound(server in any::<bool>(), operations in vec(operation(), 0..60)) {
        let mut watched = Watched::new(server);
        for operation in operations {
            watched.apply(&operation);
        }
    }
}

/// Anything that a driver can do.
#[derive(Clone, Debug)]
enum Operation {
    Bytes(Vec<u8>),
    Frame(Vec<u8>),
    Eof,
    TransportFailed,
    /// Time passes, then the timer fires, due or not.
    Timer(u64),
    Accept {
        heartbeat: Option<u64>,
        capabilities: Capabilities,
        entries: BTreeMap<String, u16>,
    },
    Refuse(Close),
    Kicked(Close),
    Send {
        kind: MessageKind,
        route: Result<String, u16>,
        body: Vec<u8>,
    },
    Reading(bool),
    Close(Close),
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        8 => wire_bytes().prop_map(Operation::Bytes),
        // What leads on from each state, so that sequences get somewhere.
        6 => prop_oneof![Just(&b"\x01\x00\x00\x02{}"[..]), Just(&[2, 0, 0, 0][..]), Just(&[3, 0, 0, 1, 9][..])].prop_map(|bytes| Operation::Bytes(bytes.to_vec())),
        2 => wire_bytes().prop_map(Operation::Frame),
        1 => Just(Operation::Eof),
        1 => Just(Operation::TransportFailed),
        4 => (0..100_000_u64).prop_map(Operation::Timer),
        6 => (option::of(any::<u64>()), capabilities(), dictionary())
            .prop_map(|(heartbeat, capabilities, entries)| Operation::Accept { heartbeat, capabilities, entries }),
        1 => close().prop_map(Operation::Refuse),
        2 => close().prop_map(Operation::Kicked),
        3 => (kind(), route(), vec(any::<u8>(), 0..20)).prop_map(|(kind, route, body)| Operation::Send { kind, route, body }),
        2 => any::<bool>().prop_map(Operation::Reading),
        1 => close().prop_map(Operation::Close),
    ]
}

/// A connection and what may happen next.
struct Watched {
    connection: Connection,
    now: Timestamp,
    opened: bool,
    closed: bool,
}

impl Watched {
    fn new(server: bool) -> Self {
        let mut config = ServerConfig::default();
        config.max_packet = 1000;
        config.max_handshake_packet = 100;
        let connection = if server {
            Connection::server(at(0), &config)
        } else {
            Connection::client(at(0), &ClientConfig::new(b"{}")).expect("small")
        };
        let mut watched = Self {
            connection,
            now: at(0),
            opened: false,
            closed: false,
        };
        watched.drain(0);
        watched
    }

    fn apply(&mut self, operation: &Operation) {
        if let Operation::Timer(millis) = operation {
            self.now = self.now + Duration::from_millis(*millis);
        }
        let (connection, now) = (&mut self.connection, self.now);
        let (open, closed) = (connection.is_open(), connection.is_closed());
        let mut length = 0;
        let result = match operation {
            Operation::Bytes(bytes) => {
                length = bytes.len();
                connection.handle_input(now, Input::Bytes(bytes))
            }
            Operation::Frame(bytes) => {
                length = bytes.len();
                connection.handle_input(now, Input::Frame(bytes))
            }
            Operation::Eof => connection.handle_input(now, Input::Eof),
            Operation::TransportFailed => {
                connection.handle_input(now, Input::Ended(Closed::transport("reset")))
            }
            Operation::Timer(_) => connection.handle_input(now, Input::Timer),
            Operation::Accept {
                heartbeat,
                capabilities,
                entries,
            } => {
                let dictionary =
                    Dictionary::new(entries.iter().map(|(route, code)| (route, *code)))
                        .expect("distinct");
                let agreement = Agreement::new(
                    heartbeat.map(Duration::from_nanos),
                    dictionary,
                    *capabilities,
                );
                connection.handle_input(
                    now,
                    Input::Accept {
                        agreement,
                        response: b"{}",
                    },
                )
            }
            Operation::Refuse(close) => connection.handle_input(
                now,
                Input::Refuse {
                    close: close.clone(),
                    response: b"{}",
                },
            ),
            Operation::Kicked(close) => connection.handle_input(now, Input::Kicked(close.clone())),
            Operation::Send { kind, route, body } => {
                let message = Message {
                    kind: *kind,
                    id: 1,
                    route: route_ref(route),
                    error: false,
                    deflated: false,
                    body,
                };
                let sent = connection.handle_input(now, Input::Send(message));
                assert_eq!(
                    sent.is_ok(),
                    open,
                    "messages are taken between the opening and the close: {sent:?}"
                );
                sent
            }
            Operation::Reading(reading) => connection.handle_input(now, Input::Reading(*reading)),
            Operation::Close(close) => connection.handle_input(now, Input::Close(close.clone())),
        };
        let misusable = matches!(
            operation,
            Operation::Accept { .. }
                | Operation::Refuse(_)
                | Operation::Kicked(_)
                | Operation::Send { .. }
        );
        assert!(result.is_ok() || misusable, "{operation:?}: {result:?}");
        assert!(
            !closed || result.is_ok() != misusable,
            "a closed connection answers nothing: {operation:?}"
        );
        self.drain(length);
    }

    fn drain(&mut self, length: usize) {
        // Each packet of the input makes at most one event; a transmit, an opening, a kick and a close may join them.
        // What was held back before may come now as well, so the bound is that of everything a test ever feeds.
        let bound = 10_000 + length;
        for _ in 0..bound {
            match self.connection.poll_output() {
                Output::Wait(deadline) => {
                    if self.closed {
                        assert_eq!(
                            deadline, None,
                            "after the close there is nothing to wait for"
                        );
                    }
                    assert!(
                        deadline.is_none_or(|deadline| deadline > self.now),
                        "a deadline in the past makes a driver spin"
                    );
                    assert_eq!(self.connection.is_closed(), self.closed);
                    assert!(!(self.closed && self.connection.wants_bytes()));
                    return;
                }
                Output::Transmit(transmit) => {
                    assert!(!self.closed, "the close comes last");
                    assert!(!transmit.bytes.is_empty());
                    assert_eq!(
                        transmit.packets().map(<[u8]>::len).sum::<usize>(),
                        transmit.bytes.len(),
                        "whole packets"
                    );
                }
                Output::Event(event) => {
                    assert!(!self.closed, "{event:?} after the close");
                    match event {
                        Event::Open => {
                            assert!(!self.opened, "it opens once");
                            self.opened = true;
                        }
                        Event::Message(_) | Event::RoundTrip(_) => {
                            assert!(self.opened, "{event:?} before the opening")
                        }
                        Event::Handshake(_) => assert!(!self.opened, "one handshake"),
                        Event::Closed(_) => self.closed = true,
                        _ => {}
                    }
                }
            }
        }
        panic!("the connection never waits");
    }
}
