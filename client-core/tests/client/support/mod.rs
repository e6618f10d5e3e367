//! A client and the protocol's server side, joined by a link that the test owns, under virtual time.

mod seen;

use std::collections::VecDeque;
use std::time::Duration;

use pitaya_client_core::{
    CallId, Client, Close, CloseCode, Config, Input, Offline, Output, State, Timestamp,
};
use pitaya_protocol::connection::{self, ServerConfig};
use pitaya_protocol::handshake::{Agreement, HandshakeResponse, ServerInfo};
use pitaya_protocol::{
    Capabilities, Connection, Dictionary, Message, MessageKind, Origin, RouteRef,
};

use self::seen::ended;
pub(crate) use self::seen::{Seen, seen_of};

/// A message as the server saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrived {
    pub(crate) kind: MessageKind,
    pub(crate) id: u64,
    pub(crate) route: String,
    pub(crate) body: Vec<u8>,
}

/// What the server does with those who connect.
#[derive(Clone, Debug)]
pub(crate) enum Door {
    /// Lets them in on these terms.
    Open(Agreement),
    /// Refuses the handshake.
    Refuse(Close),
    /// Never answers the handshake.
    Silent,
    /// There is no server; whether that may change.
    Unreachable { retryable: bool },
    /// The transport does not come about and does not fail.
    Hanging,
}

/// How the link treats bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    Up,
    /// Bytes of both directions vanish and nobody is told: a socket that died unnoticed.
    Dead,
}

#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) now: Timestamp,
    pub(crate) client: Client,
    pub(crate) server: Option<Connection>,
    pub(crate) door: Door,
    pub(crate) link: Link,
    /// Everything the client said, with the time.
    pub(crate) seen: VecDeque<(Timestamp, Seen)>,
    /// Everything that reached the server.
    pub(crate) arrived: VecDeque<Arrived>,
    /// Heartbeats and other bytes that the client has handed out.
    pub(crate) transmitted: usize,
    /// What the client waits for.
    pub(crate) wait: Option<Timestamp>,
    calls: u32,
}

/// Terms with heartbeats every ten seconds and these capabilities.
pub(crate) fn terms(capabilities: Capabilities) -> Agreement {
    let heartbeat = Some(Duration::from_secs(10));
    Agreement::new(heartbeat, Dictionary::default(), capabilities)
}

pub(crate) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

impl Pair {
    /// An idle client in front of an open door.
    pub(crate) fn new(config: Config) -> Self {
        Self {
            now: Timestamp::from_millis(1_000),
            client: Client::new(config),
            server: None,
            door: Door::Open(terms(Capabilities::ALL)),
            link: Link::Up,
            seen: VecDeque::new(),
            arrived: VecDeque::new(),
            transmitted: 0,
            wait: None,
            calls: 0,
        }
    }

    /// A connected pair; what was seen on the way is forgotten.
    pub(crate) fn connected(config: Config) -> Self {
        Self::connected_with(config, terms(Capabilities::ALL))
    }

    pub(crate) fn connected_with(config: Config, agreement: Agreement) -> Self {
        let mut pair = Self::new(config);
        pair.door = Door::Open(agreement);
        pair.input(Input::Connect);
        assert_eq!(pair.client.state(), &State::Connected);
        pair.seen.clear();
        pair
    }

    pub(crate) fn input(&mut self, input: Input<'_>) {
        self.client
            .handle_input(self.now, input)
            .expect("the test asks for what can be");
        self.pump();
    }

    /// A request with the default timeout that fails without a connection.
    pub(crate) fn request(&mut self, route: &str, body: &[u8]) -> CallId {
        self.request_with(route, body, None, Offline::Fail)
    }

    pub(crate) fn request_with(
        &mut self,
        route: &str,
        body: &[u8],
        timeout: Option<Duration>,
        offline: Offline<'_>,
    ) -> CallId {
        let call = self.new_call();
        self.input(Input::Request {
            call,
            route,
            body,
            timeout: timeout.map(Into::into),
            offline,
        });
        call
    }

    pub(crate) fn notify(&mut self, route: &str, body: &[u8], offline: Offline<'_>) -> CallId {
        let call = self.new_call();
        self.input(Input::Notify {
            call,
            route,
            body,
            offline,
        });
        call
    }

    pub(crate) fn new_call(&mut self) -> CallId {
        self.calls += 1;
        CallId(self.calls)
    }

    /// The server says something.
    pub(crate) fn serve(&mut self, message: Message<'_>) {
        self.server_input(connection::Input::Send(message));
    }

    pub(crate) fn respond(&mut self, id: u64, body: &[u8]) {
        self.serve(Message::response(id, body));
    }

    pub(crate) fn push(&mut self, route: &str, body: &[u8]) {
        self.serve(Message::push(RouteRef::Name(route), body));
    }

    /// The server closes.
    pub(crate) fn server_close(&mut self, close: Close) {
        self.server_input(connection::Input::Close(close));
    }

    /// The server's process is killed: the stream ends without a word.
    pub(crate) fn server_dies(&mut self) {
        self.server = None;
        self.input(Input::Eof);
    }

    pub(crate) fn server_input(&mut self, input: connection::Input<'_>) {
        let server = self.server.as_mut().expect("there is a server");
        server
            .handle_input(self.now, input)
            .expect("the server can do this");
        self.pump();
    }

    /// Lets time pass, stopping wherever either side wants to be told.
    pub(crate) fn advance(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let server = self.server.as_mut().and_then(server_deadline);
            let next = [self.wait, server].into_iter().flatten().min();
            let next = next.unwrap_or(end).max(self.now).min(end);
            self.now = next;
            if let Some(server) = &mut self.server {
                server
                    .handle_input(next, connection::Input::Timer)
                    .expect("a timer is always taken");
            }
            self.input(Input::Timer);
            if next == end {
                return;
            }
        }
    }

    /// The process is frozen: time passes and nobody is told.
    pub(crate) fn freeze(&mut self, time: Duration) {
        self.now = self.now + time;
    }

    /// Everything the client said since the last time.
    pub(crate) fn take(&mut self) -> Vec<Seen> {
        self.seen.drain(..).map(|(_, seen)| seen).collect()
    }

    /// How this call ended, once; anything else about it is a failure of the test.
    pub(crate) fn end_of(&mut self, call: CallId) -> Option<Seen> {
        let ends: Vec<Seen> = self
            .seen
            .iter()
            .map(|(_, seen)| seen)
            .filter(|seen| ended(seen) == Some(call))
            .cloned()
            .collect();
        assert!(ends.len() <= 1, "{call:?} ended more than once: {ends:?}");
        ends.into_iter().next()
    }

    /// When the first event of this kind came.
    pub(crate) fn time_of(&self, wanted: impl Fn(&Seen) -> bool) -> Option<Timestamp> {
        let found = self.seen.iter().find(|(_, seen)| wanted(seen));
        found.map(|(at, _)| *at)
    }

    /// The reconnect that waits: attempt, time until it starts, and why.
    pub(crate) fn reconnecting(&self) -> (u32, Option<Duration>, CloseCode) {
        match self.client.state() {
            State::Reconnecting {
                attempt,
                next,
                cause,
            } => {
                let delay = next.map(|next| next.saturating_since(self.now));
                (*attempt, delay, cause.close.code)
            }
            state => panic!("not reconnecting but {state:?}"),
        }
    }

    /// How the client ended: who ended it, the code, and whether attempts were used up.
    pub(crate) fn closed(&self) -> (Origin, CloseCode, bool) {
        match self.client.state() {
            State::Closed(ended) => (
                ended.closed.origin,
                ended.closed.close.code,
                ended.exhausted,
            ),
            state => panic!("not closed but {state:?}"),
        }
    }

    fn pump(&mut self) {
        loop {
            let quiet = self.pump_client();
            if self.pump_server() && quiet {
                return;
            }
        }
    }

    /// Drains the client; whether it had nothing to say.
    fn pump_client(&mut self) -> bool {
        let mut quiet = true;
        loop {
            let (seen, reply) = match self.client.poll_output() {
                Output::Wait(until) => {
                    self.wait = until;
                    return quiet;
                }
                Output::Transmit(transmit) => {
                    assert_eq!(
                        transmit.packets().map(<[u8]>::len).sum::<usize>(),
                        transmit.bytes.len(),
                        "a transmit is made of whole packets"
                    );
                    self.transmitted += transmit.bytes.len();
                    if self.link == Link::Up
                        && let Some(server) = &mut self.server
                    {
                        let input = connection::Input::Bytes(transmit.bytes);
                        server
                            .handle_input(self.now, input)
                            .expect("bytes are always taken");
                    }
                    (None, None)
                }
                Output::Event(event) => seen_of(event),
            };
            quiet = false;
            if let Some(seen) = seen {
                match &seen {
                    Seen::Connect { .. } => self.connect(&seen),
                    Seen::Disconnect(_) => {
                        if self.link == Link::Up
                            && let Some(server) = &mut self.server
                        {
                            let _ = server.handle_input(self.now, connection::Input::Eof);
                        }
                        self.seen.push_back((self.now, seen));
                    }
                    _ => self.seen.push_back((self.now, seen)),
                }
            }
            if let Some(reply) = reply {
                self.client
                    .handle_input(self.now, reply)
                    .expect("the client has asked");
            }
        }
    }

    fn connect(&mut self, seen: &Seen) {
        self.seen.push_back((self.now, seen.clone()));
        let input = match self.door {
            Door::Hanging => return,
            Door::Unreachable { retryable } => Input::ConnectFailed {
                close: Close::because(CloseCode::TRANSPORT, "connection refused"),
                retryable,
            },
            Door::Open(_) | Door::Refuse(_) | Door::Silent => {
                self.server = Some(Connection::server(self.now, &ServerConfig::default()));
                self.link = Link::Up;
                Input::Connected {
                    handshake: br#"{"sys":{}}"#,
                }
            }
        };
        self.client
            .handle_input(self.now, input)
            .expect("the client wants a transport");
    }

    /// Drains the server; whether it had nothing to say.
    fn pump_server(&mut self) -> bool {
        let mut quiet = true;
        while let Some(server) = &mut self.server {
            let mut answer = false;
            let mut ended = false;
            match server.poll_output() {
                connection::Output::Wait(_) => return quiet,
                connection::Output::Transmit(transmit) => {
                    if self.link == Link::Up {
                        self.client
                            .handle_input(self.now, Input::Bytes(transmit.bytes))
                            .expect("bytes are always taken");
                    }
                }
                connection::Output::Event(connection::Event::Handshake(_)) => answer = true,
                connection::Output::Event(connection::Event::Message(message)) => {
                    self.arrived.push_back(Arrived {
                        kind: message.kind,
                        id: message.id,
                        route: message.route.to_owned(),
                        body: message.body.to_vec(),
                    });
                }
                connection::Output::Event(connection::Event::Closed(_)) => ended = true,
                connection::Output::Event(_) => {}
            }
            quiet = false;
            if answer {
                self.answer_handshake();
            }
            if ended {
                self.server = None;
                if self.link == Link::Up {
                    self.client
                        .handle_input(self.now, Input::Eof)
                        .expect("an end is always taken");
                }
            }
        }
        quiet
    }

    fn answer_handshake(&mut self) {
        let server = self.server.as_mut().expect("there is a server");
        let input = match &self.door {
            Door::Open(agreement) => {
                let sys = ServerInfo::new(agreement, "json");
                let response = HandshakeResponse::accept(sys).to_json();
                let agreement = agreement.clone();
                server.handle_input(
                    self.now,
                    connection::Input::Accept {
                        agreement,
                        response: &response,
                    },
                )
            }
            Door::Refuse(close) => {
                let sys = ServerInfo::default();
                let response = HandshakeResponse::refuse(400, sys, Some(close.clone())).to_json();
                let close = close.clone();
                server.handle_input(
                    self.now,
                    connection::Input::Refuse {
                        close,
                        response: &response,
                    },
                )
            }
            _ => Ok(()),
        };
        input.expect("the server has asked");
    }
}

fn server_deadline(server: &mut Connection) -> Option<Timestamp> {
    match server.poll_output() {
        connection::Output::Wait(until) => until,
        other => panic!("the server was drained but says {other:?}"),
    }
}
