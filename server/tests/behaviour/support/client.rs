//! A client made of the protocol's own state machine, with nothing hidden from the test.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use pitaya_server::protocol::compression::{inflate, is_compressed};
use pitaya_server::protocol::connection::{ClientConfig, Event, Input, Output};
use pitaya_server::protocol::handshake::{HandshakeRequest, HandshakeResponse};
use pitaya_server::protocol::{
    Close, CloseCode, Closed, Connection, ErrorPayload, Message, MessageKind, Origin, RouteRef,
    Serializer, Timestamp,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::hello::Hello;
use super::link::{Got, Link};

/// A message that came.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Heard {
    Answer {
        id: u64,
        error: bool,
        deflated: bool,
        body: Vec<u8>,
    },
    Push {
        route: String,
        deflated: bool,
        body: Vec<u8>,
    },
}

impl Heard {
    pub(crate) fn body(&self) -> &[u8] {
        match self {
            Self::Answer { body, .. } | Self::Push { body, .. } => body,
        }
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(self.body()).expect("the expected JSON")
    }
}

/// A client that moves when it is awaited.
pub(crate) struct Client {
    link: Link,
    conn: Connection,
    origin: Instant,
    out: Vec<u8>,
    heard: VecDeque<Heard>,
    closed: Option<Closed>,
    last_id: u64,
    /// Whether the server's stream has ended, and the number of its WebSocket close frame.
    ended: bool,
    frame_code: Option<u16>,
    /// What the server said in the handshake.
    pub(crate) welcome: Option<HandshakeResponse>,
    /// Whether the handshake's response came compressed.
    pub(crate) welcome_deflated: bool,
    /// Whether it sends heartbeats and notices the server's silence.
    pub(crate) beats: bool,
    /// How often bytes came.
    pub(crate) reads: usize,
}

impl Client {
    /// Shakes hands.
    pub(crate) async fn open(link: Link, hello: Hello) -> Result<Self, Closed> {
        let handshake = HandshakeRequest::new(hello.info, hello.user).to_json();
        let conn = Connection::client(Timestamp::ZERO, &ClientConfig::new(&handshake))
            .expect("a handshake fits");
        let mut client = Self {
            link,
            conn,
            origin: Instant::now(),
            out: Vec::new(),
            heard: VecDeque::new(),
            closed: None,
            last_id: 0,
            ended: false,
            frame_code: None,
            welcome: None,
            welcome_deflated: false,
            beats: true,
            reads: 0,
        };
        while !client.conn.is_open() {
            if let Some(closed) = client.closed {
                return Err(closed);
            }
            client.step(true).await;
        }
        client.flush().await;
        Ok(client)
    }

    /// Queues a request and returns its id.
    pub(crate) fn send(&mut self, route: &str, body: &[u8]) -> u64 {
        self.last_id += 1;
        let id = self.last_id;
        self.say(Message::request(id, RouteRef::Name(route), body));
        id
    }

    pub(crate) fn send_json(&mut self, route: &str, body: &impl Serialize) -> u64 {
        let body = serde_json::to_vec(body).expect("a JSON form");
        self.send(route, &body)
    }

    /// Queues a notify.
    pub(crate) fn notify(&mut self, route: &str, body: &impl Serialize) {
        let body = serde_json::to_vec(body).expect("a JSON form");
        self.say(Message::notify(RouteRef::Name(route), &body));
    }

    /// Queues any message.
    pub(crate) fn say(&mut self, message: Message<'_>) {
        let now = self.now();
        let said = self.conn.handle_input(now, Input::Send(message));
        said.expect("an open connection");
        self.drain();
    }

    /// Queues bytes as they are.
    pub(crate) fn say_raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// Waits until what is queued is sent; reads nothing.
    pub(crate) async fn flush(&mut self) {
        self.drain();
        let written = poll_fn(|cx| self.link.poll_write(cx, &mut self.out)).await;
        if let Err(error) = written {
            self.failed(&error);
        }
    }

    /// Sends a request and waits for its answer; what comes before is kept.
    pub(crate) async fn request<T: DeserializeOwned>(
        &mut self,
        route: &str,
        body: &impl Serialize,
    ) -> Result<T, ErrorPayload> {
        let id = self.send_json(route, body);
        self.answer(id).await
    }

    /// Waits for the answer to request `wanted`; what else comes is kept.
    pub(crate) async fn answer<T: DeserializeOwned>(
        &mut self,
        wanted: u64,
    ) -> Result<T, ErrorPayload> {
        loop {
            let at = self
                .heard
                .iter()
                .position(|heard| matches!(heard, Heard::Answer { id, .. } if *id == wanted));
            if let Some(answer) = at.and_then(|at| self.heard.remove(at)) {
                return match answer {
                    Heard::Answer { error: true, .. } => {
                        let body = answer.body().to_vec().into();
                        Err(ErrorPayload::read(Serializer::Json, &body).expect("an error payload"))
                    }
                    _ => Ok(answer.json()),
                };
            }
            assert_eq!(self.closed, None, "closed before answer {wanted}");
            self.step(true).await;
        }
    }

    /// The next message.
    pub(crate) async fn next(&mut self) -> Result<Heard, Closed> {
        loop {
            if let Some(heard) = self.heard.pop_front() {
                return Ok(heard);
            }
            if let Some(closed) = &self.closed {
                return Err(closed.clone());
            }
            self.step(true).await;
        }
    }

    /// The next message, which has to be a push on `route`.
    pub(crate) async fn push<T: DeserializeOwned>(&mut self, route: &str) -> T {
        let heard = self.next().await.expect("a push");
        let is_it = matches!(&heard, Heard::Push { route: heard, .. } if heard == route);
        assert!(is_it, "{heard:?}");
        heard.json()
    }

    /// Waits until the server has read the ack: until then its side is not open.
    pub(crate) async fn ready(&mut self) {
        let answer = self.request::<()>("no.route", &()).await;
        answer.expect_err("there is no such route");
    }

    /// Waits for the end. What comes before it is kept.
    pub(crate) async fn closed(&mut self) -> Closed {
        loop {
            if let Some(closed) = &self.closed {
                return closed.clone();
            }
            self.step(true).await;
        }
    }

    /// Waits for the end of the server's stream; the number of the WebSocket close frame, if there was one.
    pub(crate) async fn frame_code(&mut self) -> Option<u16> {
        while !self.ended {
            match poll_fn(|cx| self.link.poll_read(cx)).await {
                Ok(Got::Eof(code)) => (self.ended, self.frame_code) = (true, code),
                Ok(_) => {}
                Err(error) => panic!("{error}"),
            }
        }
        self.frame_code
    }

    /// What came and was not asked for.
    pub(crate) fn rest(&mut self) -> Vec<Heard> {
        self.heard.drain(..).collect()
    }

    /// Ends the stream in order, which says nothing of why.
    pub(crate) async fn hang_up(mut self) {
        self.flush().await;
        self.link.shut().await;
    }

    /// Does without the connection's rules from here on.
    pub(crate) fn into_link(self) -> Link {
        self.link
    }

    /// Moves once: until something came or a deadline passed. With `read` false only writes.
    async fn step(&mut self, read: bool) {
        let deadline = self.drain().filter(|_| self.beats);
        if self.closed.is_some() {
            return;
        }
        let moved = poll_fn(|cx| {
            if !self.out.is_empty()
                && let Poll::Ready(Err(error)) = self.link.poll_write(cx, &mut self.out)
            {
                // A server that has said why it ends may take nothing more; that is still to be read.
                self.out.clear();
                return Poll::Ready(Err(error));
            }
            if read {
                return self.link.poll_read(cx);
            }
            Poll::Pending
        });
        let moved = match deadline {
            None => Some(moved.await),
            Some(at) => {
                let at = self.origin + Duration::from_micros(at.as_micros());
                tokio::time::timeout_at(at, moved).await.ok()
            }
        };
        let now = self.now();
        let input = match &moved {
            None => Input::Timer,
            Some(Ok(Got::Bytes(bytes))) => Input::Bytes(bytes),
            Some(Ok(Got::Frame(frame))) => Input::Frame(frame),
            Some(Ok(Got::Eof(code))) => {
                self.frame_code = self.frame_code.or(*code);
                self.ended = true;
                Input::Eof
            }
            Some(Err(error)) => Input::Ended(Closed::transport(&error.to_string())),
        };
        self.reads += 1;
        let _ = self.conn.handle_input(now, input);
        self.drain();
    }

    /// Takes what the connection has to say; until when there is nothing more.
    fn drain(&mut self) -> Option<Timestamp> {
        loop {
            let now = self.now();
            match self.conn.poll_output() {
                Output::Wait(deadline) => return deadline,
                Output::Transmit(transmit) => self.out.extend_from_slice(transmit.bytes),
                Output::Event(Event::Handshake(body)) => {
                    self.welcome_deflated = is_compressed(body);
                    let body = if self.welcome_deflated {
                        inflate(body, 1 << 20).expect("a zlib stream")
                    } else {
                        body.to_vec()
                    };
                    let welcome = HandshakeResponse::parse(&body).expect("a response");
                    let response: &[u8] = &[];
                    let input = match welcome.agreement() {
                        Ok(agreement) => Input::Accept {
                            agreement,
                            response,
                        },
                        Err(close) => Input::Refuse { close, response },
                    };
                    self.welcome = Some(welcome);
                    self.conn.handle_input(now, input).expect("awaited");
                }
                Output::Event(Event::Kick(body)) => {
                    let close = Close::parse_kick(body);
                    let kicked = self.conn.handle_input(now, Input::Kicked(close));
                    kicked.expect("awaited");
                }
                Output::Event(Event::Message(message)) => {
                    let deflated = message.deflated;
                    let body = if deflated {
                        inflate(message.body, 16 << 20).expect("a zlib stream")
                    } else {
                        message.body.to_vec()
                    };
                    self.heard.push_back(match message.kind {
                        MessageKind::Response => Heard::Answer {
                            id: message.id,
                            error: message.error,
                            deflated,
                            body,
                        },
                        _ => Heard::Push {
                            route: message.route.into(),
                            deflated,
                            body,
                        },
                    });
                }
                Output::Event(Event::Closed(closed)) => self.closed = Some(closed),
                Output::Event(_) => {}
            }
        }
    }

    fn failed(&mut self, error: &std::io::Error) {
        let close = Close::new(CloseCode::TRANSPORT).with_reason(error.to_string());
        self.closed
            .get_or_insert_with(|| Closed::new(close, Origin::Transport));
    }

    fn now(&self) -> Timestamp {
        let micros = self.origin.elapsed().as_micros();
        Timestamp::from_micros(u64::try_from(micros).expect("a test is short"))
    }
}
