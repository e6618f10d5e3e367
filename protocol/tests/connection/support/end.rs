//! One side of a connection with a driver that writes down what it sees.

use std::time::Duration;

use pitaya_protocol::{
    Close, CloseCode, Closed, Connection, Message, MessageKind, Timestamp,
    connection::{ClientConfig, Event, Input, Misuse, Output, ServerConfig},
    handshake::{Agreement, ClientInfo, HandshakeRequest, HandshakeResponse, ServerInfo},
};
use serde_json::Map;

/// What a driver is told, in owned form.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Seen {
    Handshake(Vec<u8>),
    Open,
    Message {
        kind: MessageKind,
        id: u64,
        route: String,
        error: bool,
        deflated: bool,
        body: Vec<u8>,
    },
    Kick(Vec<u8>),
    RoundTrip(Duration),
    Closed(Closed),
}

impl Seen {
    /// A message without flags.
    pub(crate) fn message(kind: MessageKind, id: u64, route: &str, body: &[u8]) -> Self {
        Self::Message {
            kind,
            id,
            route: route.to_owned(),
            error: false,
            deflated: false,
            body: body.to_vec(),
        }
    }
}

/// How a driver answers the peer's handshake and kick.
#[derive(Clone, Debug)]
pub(crate) enum Policy {
    /// A server that accepts on these terms.
    Accept(Agreement),
    /// A server that refuses.
    Refuse(Close),
    /// A client that reads the response and does as it says.
    Obey,
    /// Answers nothing: the test does.
    Wait,
}

/// One side.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) connection: Connection,
    pub(crate) policy: Policy,
    /// Every event with its time.
    pub(crate) seen: Vec<(Timestamp, Seen)>,
    /// Every transmit with its time.
    pub(crate) sent: Vec<(Timestamp, Vec<u8>)>,
    /// What the last poll waits for.
    pub(crate) deadline: Option<Timestamp>,
}

/// The handshake of a client that offers these.
pub(crate) fn request_body(capabilities: pitaya_protocol::Capabilities) -> Vec<u8> {
    let mut sys = ClientInfo::default();
    sys.platform = "test".to_owned();
    sys.capabilities = capabilities;
    HandshakeRequest::new(sys, Map::new()).to_json()
}

impl End {
    pub(crate) fn server(now: Timestamp, config: &ServerConfig, policy: Policy) -> Self {
        Self::new(Connection::server(now, config), policy)
    }

    pub(crate) fn client(now: Timestamp, config: &ClientConfig<'_>) -> Self {
        Self::new(
            Connection::client(now, config).expect("a small handshake"),
            Policy::Obey,
        )
    }

    /// A server with its defaults that has seen a good handshake and ack of a client without extensions.
    pub(crate) fn open_server(agreement: Agreement) -> Self {
        let mut end = Self::server(
            Timestamp::ZERO,
            &ServerConfig::default(),
            Policy::Accept(agreement),
        );
        let body = request_body(pitaya_protocol::Capabilities::ALL);
        let mut bytes = Vec::new();
        pitaya_protocol::packet::encode(pitaya_protocol::PacketType::Handshake, &body, &mut bytes)
            .expect("small");
        end.bytes(Timestamp::ZERO, &bytes);
        end.bytes(Timestamp::ZERO, &[2, 0, 0, 0]);
        assert!(end.connection.is_open());
        end.seen.clear();
        end.sent.clear();
        end
    }

    fn new(connection: Connection, policy: Policy) -> Self {
        let mut end = Self {
            connection,
            policy,
            seen: Vec::new(),
            sent: Vec::new(),
            deadline: None,
        };
        end.drain(Timestamp::ZERO);
        end
    }

    /// Feeds and drains; a misuse is the test's own mistake.
    pub(crate) fn input(&mut self, now: Timestamp, input: Input<'_>) {
        self.try_input(now, input)
            .expect("the test drives the connection as its state allows");
    }

    pub(crate) fn try_input(&mut self, now: Timestamp, input: Input<'_>) -> Result<(), Misuse> {
        let result = self.connection.handle_input(now, input);
        self.drain(now);
        result
    }

    pub(crate) fn bytes(&mut self, now: Timestamp, bytes: &[u8]) {
        self.input(now, Input::Bytes(bytes));
    }

    pub(crate) fn timer(&mut self, now: Timestamp) {
        self.input(now, Input::Timer);
    }

    pub(crate) fn send(&mut self, now: Timestamp, message: Message<'_>) {
        self.input(now, Input::Send(message));
    }

    /// The events without their times.
    pub(crate) fn events(&self) -> Vec<Seen> {
        self.seen.iter().map(|(_, seen)| seen.clone()).collect()
    }

    /// The messages without their times.
    pub(crate) fn messages(&self) -> Vec<Seen> {
        self.events()
            .into_iter()
            .filter(|seen| matches!(seen, Seen::Message { .. }))
            .collect()
    }

    /// How and when it ended.
    pub(crate) fn closed(&self) -> Option<(Timestamp, &Closed)> {
        self.seen.iter().find_map(|(at, seen)| match seen {
            Seen::Closed(closed) => Some((*at, closed)),
            _ => None,
        })
    }

    /// The code of the close; it fails the test if there is none.
    pub(crate) fn close_code(&self) -> CloseCode {
        self.closed().expect("it is closed").1.close.code
    }

    /// Everything transmitted, in one piece.
    pub(crate) fn sent_bytes(&self) -> Vec<u8> {
        self.sent
            .iter()
            .flat_map(|(_, bytes)| bytes.iter().copied())
            .collect()
    }

    fn drain(&mut self, now: Timestamp) {
        // A machine that never waits would hang the test.
        for _ in 0..100_000 {
            let seen = match self.connection.poll_output() {
                Output::Wait(deadline) => {
                    self.deadline = deadline;
                    return;
                }
                Output::Transmit(transmit) => {
                    assert_eq!(
                        transmit.packets().map(<[u8]>::len).sum::<usize>(),
                        transmit.bytes.len()
                    );
                    self.sent.push((now, transmit.bytes.to_vec()));
                    continue;
                }
                Output::Event(Event::Handshake(body)) => Seen::Handshake(body.to_vec()),
                Output::Event(Event::Open) => Seen::Open,
                Output::Event(Event::Message(message)) => Seen::Message {
                    kind: message.kind,
                    id: message.id,
                    route: message.route.to_owned(),
                    error: message.error,
                    deflated: message.deflated,
                    body: message.body.to_vec(),
                },
                Output::Event(Event::Kick(body)) => Seen::Kick(body.to_vec()),
                Output::Event(Event::RoundTrip(time)) => Seen::RoundTrip(time.into()),
                Output::Event(Event::Closed(closed)) => Seen::Closed(closed),
                Output::Event(other) => panic!("unknown event {other:?}"),
            };
            self.answer(now, &seen);
            self.seen.push((now, seen));
        }
        panic!("the connection never waits");
    }

    fn answer(&mut self, now: Timestamp, seen: &Seen) {
        let answered = match (&self.policy, seen) {
            (Policy::Accept(offer), Seen::Handshake(body)) => {
                let request = HandshakeRequest::parse(body, 32).expect("our own request");
                let agreement = Agreement::new(
                    offer.heartbeat.map(Into::into),
                    offer.dictionary.clone(),
                    offer.capabilities & request.sys.capabilities,
                );
                let response =
                    HandshakeResponse::accept(ServerInfo::new(&agreement, "json")).to_json();
                self.connection.handle_input(
                    now,
                    Input::Accept {
                        agreement,
                        response: &response,
                    },
                )
            }
            (Policy::Refuse(close), Seen::Handshake(_)) => {
                let info = ServerInfo::new(&Agreement::default(), "json");
                let response = HandshakeResponse::refuse(400, info, Some(close.clone())).to_json();
                self.connection.handle_input(
                    now,
                    Input::Refuse {
                        close: close.clone(),
                        response: &response,
                    },
                )
            }
            (Policy::Obey, Seen::Handshake(body)) => {
                let response = HandshakeResponse::parse(body).expect("our own response");
                self.connection.handle_input(
                    now,
                    match response.agreement() {
                        Ok(agreement) => Input::Accept {
                            agreement,
                            response: &[],
                        },
                        Err(close) => Input::Refuse {
                            close,
                            response: &[],
                        },
                    },
                )
            }
            (Policy::Obey, Seen::Kick(body)) => self
                .connection
                .handle_input(now, Input::Kicked(Close::parse_kick(body))),
            _ => Ok(()),
        };
        answered.expect("the answer is due");
    }
}
