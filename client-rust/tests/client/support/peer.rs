//! The server side of one connection, step by step.

use std::collections::VecDeque;

use pitaya_client::{Capabilities, Close};
use pitaya_protocol::connection::{Event, Input, Output, ServerConfig};
use pitaya_protocol::handshake::{Agreement, HandshakeRequest, HandshakeResponse, ServerInfo};
use pitaya_protocol::{Connection, Message, MessageKind, RouteRef, Timestamp};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Duration, Instant, timeout};

use super::LONG;

/// What a server answers to handshakes.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    pub(crate) heartbeat: Option<Duration>,
    pub(crate) serializer: &'static str,
    pub(crate) capabilities: Capabilities,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            heartbeat: None,
            serializer: "json",
            capabilities: Capabilities::ALL,
        }
    }
}

/// A listener on a port of its own.
#[derive(Debug)]
pub(crate) struct Server {
    listener: TcpListener,
    pub(crate) terms: Terms,
}

impl Server {
    pub(crate) async fn start(terms: Terms) -> Self {
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            terms,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("tcp://{}", self.listener.local_addr().unwrap())
    }

    /// The next connection, before its handshake.
    pub(crate) async fn connection(&self) -> Peer<TcpStream> {
        let accepted = timeout(LONG, self.listener.accept())
            .await
            .expect("nobody connects");
        Peer::new(accepted.unwrap().0)
    }

    /// The next connection, open.
    pub(crate) async fn accept(&self) -> Peer<TcpStream> {
        let mut peer = self.connection().await;
        peer.open(&self.terms).await;
        peer
    }
}

/// A message of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) kind: MessageKind,
    pub(crate) id: u64,
    pub(crate) route: String,
    pub(crate) body: String,
}

/// One connection, seen from the server.
#[derive(Debug)]
pub(crate) struct Peer<Io> {
    io: Io,
    machine: Connection,
    start: Instant,
    pub(crate) request: Option<HandshakeRequest>,
    received: VecDeque<Received>,
    opened: bool,
    ended: bool,
}

impl<Io: AsyncRead + AsyncWrite + Unpin> Peer<Io> {
    pub(crate) fn new(io: Io) -> Self {
        let mut config = ServerConfig::default();
        config.handshake_timeout = LONG;
        Self {
            io,
            machine: Connection::server(Timestamp::ZERO, &config),
            start: Instant::now(),
            request: None,
            received: VecDeque::new(),
            opened: false,
            ended: false,
        }
    }

    /// Waits for the client's handshake.
    pub(crate) async fn handshake(&mut self) -> HandshakeRequest {
        while self.request.is_none() {
            assert!(self.step().await, "the client went before its handshake");
        }
        self.request.clone().unwrap()
    }

    pub(crate) async fn open(&mut self, terms: &Terms) {
        let offered = self.handshake().await.sys.capabilities;
        let agreement = Agreement::new(
            terms.heartbeat,
            Default::default(),
            offered & terms.capabilities,
        );
        let response = HandshakeResponse::accept(ServerInfo::new(&agreement, terms.serializer));
        self.tell(Input::Accept {
            agreement,
            response: &response.to_json(),
        })
        .await;
        while !self.opened {
            assert!(self.step().await, "the client went before its ack");
        }
    }

    pub(crate) async fn refuse(&mut self, code: u16, close: Close) {
        self.handshake().await;
        let response = HandshakeResponse::refuse(code, ServerInfo::default(), Some(close.clone()));
        self.tell(Input::Refuse {
            close,
            response: &response.to_json(),
        })
        .await;
    }

    /// The next message of the client; `None` when it has gone.
    pub(crate) async fn receive(&mut self) -> Option<Received> {
        while self.received.is_empty() {
            if !self.step().await {
                return None;
            }
        }
        self.received.pop_front()
    }

    /// The next message, which has to be a request on `route`.
    pub(crate) async fn request_on(&mut self, route: &str) -> Received {
        let received = self.receive().await.expect("the client has gone");
        assert_eq!(
            (received.kind, &*received.route),
            (MessageKind::Request, route)
        );
        received
    }

    pub(crate) async fn respond(&mut self, id: u64, body: impl AsRef<[u8]>) {
        self.tell(Input::Send(Message::response(id, body.as_ref())))
            .await;
    }

    pub(crate) async fn respond_error(&mut self, id: u64, body: impl AsRef<[u8]>) {
        let message = Message {
            error: true,
            ..Message::response(id, body.as_ref())
        };
        self.tell(Input::Send(message)).await;
    }

    pub(crate) async fn push(&mut self, route: &str, body: impl AsRef<[u8]>) {
        let body = body.as_ref();
        let route = RouteRef::Name(route);
        let message = Message {
            kind: MessageKind::Push,
            route,
            ..Message::response(0, body)
        };
        self.tell(Input::Send(message)).await;
    }

    pub(crate) async fn close(&mut self, close: Close) {
        self.tell(Input::Close(close)).await;
        let _ = self.io.shutdown().await;
    }

    /// Writes bytes of the test's own making.
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.io.write_all(bytes).await.unwrap();
    }

    async fn tell(&mut self, input: Input<'_>) {
        let now = Timestamp::ZERO + self.start.elapsed();
        self.machine.handle_input(now, input).unwrap();
        self.drain().await;
    }

    /// Reads once; false at the end.
    async fn step(&mut self) -> bool {
        let mut bytes = [0; 4096];
        let read = timeout(LONG, self.io.read(&mut bytes))
            .await
            .expect("the client is silent");
        let length = read.unwrap_or(0);
        if length == 0 {
            return false;
        }
        self.tell(Input::Bytes(&bytes[..length])).await;
        !self.ended
    }

    async fn drain(&mut self) {
        loop {
            match self.machine.poll_output() {
                Output::Wait(_) => return,
                Output::Transmit(transmit) => {
                    // The client may be gone, which is then what the test is about.
                    let _ = self.io.write_all(transmit.bytes).await;
                    let _ = self.io.flush().await;
                }
                Output::Event(Event::Handshake(body)) => {
                    self.request = Some(HandshakeRequest::parse(body, 16).unwrap());
                }
                Output::Event(Event::Open) => self.opened = true,
                Output::Event(Event::Message(message)) => self.received.push_back(Received {
                    kind: message.kind,
                    id: message.id,
                    route: message.route.to_owned(),
                    body: String::from_utf8_lossy(message.body).into_owned(),
                }),
                Output::Event(Event::Closed(_)) => self.ended = true,
                Output::Event(other) => panic!("unexpected: {other:?}"),
            }
        }
    }
}

impl Peer<TcpStream> {
    /// Waits until the client has sent something, and leaves it unread.
    pub(crate) async fn readable(&self) {
        timeout(LONG, self.io.readable())
            .await
            .expect("the client is silent")
            .unwrap();
    }

    /// Ends the connection without good order.
    pub(crate) fn reset(self) {
        self.io.set_zero_linger().unwrap();
    }
}
