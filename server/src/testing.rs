//! Tests of a game's handlers in three lines: a server and clients in one process, no ports, and time that can be paused.
//!
//! ```
//! use pitaya_server::protocol::Request;
//! use pitaya_server::testing::TestServer;
//! use pitaya_server::{Functions, Server, Session};
//!
//! const DOUBLE: Request<u32, u32> = Request::new("math.double");
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let math = Functions::new("math").request(DOUBLE, async |_: Session, number: u32| Ok(number * 2));
//! let server = TestServer::start(Server::builder().register(math)).await?;
//! let mut client = server.connect().await?;
//! assert_eq!(client.request(DOUBLE, &21).await?, 42);
//! # Ok(())
//! # }
//! ```

use std::collections::VecDeque;
use std::ops::Deref;

use bytes::Bytes;
use pitaya_protocol::compression::{InflateError, inflate, is_compressed};
use pitaya_protocol::connection::{ClientConfig, Event, Input, Output};
use pitaya_protocol::handshake::{ClientInfo, HandshakeRequest, HandshakeResponse};
use pitaya_protocol::{
    Capabilities, Close, CloseCode, Closed, Connection, Decode, DeserializeError, Encode,
    ErrorPayload, Json, Message, MessageKind, Notify, Origin, Push, Request, RouteRef,
    SerializeError, Serializer, SerializerSet, Timestamp,
};
use serde_json::{Map, Value};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::Instant;

use crate::builder::{ServerBuilder, StartError};
use crate::handle::Handle;
use crate::peer::Peer;

/// The largest body that a test client inflates, in bytes.
const INFLATED: usize = 16 * 1024 * 1024;

/// A server for tests. It is a [`Handle`]; its listeners, if it was given any, listen.
#[derive(Debug)]
pub struct TestServer<S: SerializerSet = Json>(Handle<S>);

impl<S: SerializerSet> TestServer<S> {
    /// Starts what was built.
    ///
    /// # Errors
    ///
    /// As [`ServerBuilder::start`].
    pub async fn start(builder: ServerBuilder<S>) -> Result<Self, StartError> {
        Ok(Self(builder.start().await?))
    }

    /// A client whose handshake is done.
    ///
    /// # Errors
    ///
    /// [`TestError::Closed`] when the server refuses it.
    pub async fn connect(&self) -> Result<TestClient<S>, TestError> {
        self.connect_with(Peer::memory(), TestHandshake::default())
            .await
    }

    /// The same for a peer that the host knows more of, and with another handshake.
    ///
    /// # Errors
    ///
    /// [`TestError::Closed`] when the server refuses it.
    pub async fn connect_with(
        &self,
        peer: Peer,
        handshake: TestHandshake,
    ) -> Result<TestClient<S>, TestError> {
        TestClient::open(self.0.connect_as(peer), handshake).await
    }
}

impl<S: SerializerSet> Deref for TestServer<S> {
    type Target = Handle<S>;

    fn deref(&self) -> &Handle<S> {
        &self.0
    }
}

/// What a test client says of itself. The default is one of ours: all capabilities, no wishes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TestHandshake {
    /// Serializers that it can use, the preferred one first.
    pub serializers: Vec<Serializer>,
    /// Capabilities that it offers.
    pub capabilities: Capabilities,
    /// The application's own members.
    pub user: Map<String, Value>,
}

impl Default for TestHandshake {
    fn default() -> Self {
        Self {
            serializers: Vec::new(),
            capabilities: Capabilities::ALL,
            user: Map::new(),
        }
    }
}

/// Why something that a test client did failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TestError {
    /// The connection has ended like this.
    #[error("the connection has ended: {}", .0.close.reason())]
    Closed(Closed),
    /// The server answered with an error.
    #[error("the server answered {0}")]
    Server(ErrorPayload),
    /// A payload cannot be written.
    #[error(transparent)]
    Serialize(#[from] SerializeError),
    /// A payload is not what was expected.
    #[error(transparent)]
    Deserialize(#[from] DeserializeError),
    /// A compressed body is broken.
    #[error(transparent)]
    Inflate(#[from] InflateError),
    /// The byte stream failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// A client for tests, without a task of its own: it moves when it is awaited, and what arrives in the meantime is kept.
#[derive(Debug)]
pub struct TestClient<S: SerializerSet = Json> {
    io: DuplexStream,
    conn: Connection,
    origin: Instant,
    serializer: Serializer,
    last_id: u64,
    arrived: VecDeque<Arrived>,
    closed: Option<Closed>,
    serializers: std::marker::PhantomData<S>,
}

/// A message that arrived.
#[derive(Debug)]
struct Arrived {
    kind: MessageKind,
    id: u64,
    route: String,
    error: bool,
    body: Bytes,
}

impl<S: SerializerSet> TestClient<S> {
    /// Shakes hands over a byte stream, such as [`Handle::connect`] gives.
    ///
    /// # Errors
    ///
    /// [`TestError::Closed`] when the server refuses it.
    pub async fn open(io: DuplexStream, handshake: TestHandshake) -> Result<Self, TestError> {
        let mut sys = ClientInfo::default();
        sys.platform = "test".into();
        sys.lib_version = env!("CARGO_PKG_VERSION").into();
        sys.serializers = handshake.serializers;
        sys.capabilities = handshake.capabilities;
        let body = HandshakeRequest::new(sys, handshake.user).to_json();
        let conn = Connection::client(Timestamp::ZERO, &ClientConfig::new(&body))
            .expect("a test's handshake fits into a packet");
        let mut client = Self {
            io,
            conn,
            origin: Instant::now(),
            serializer: S::ALL[0],
            last_id: 0,
            arrived: VecDeque::new(),
            closed: None,
            serializers: std::marker::PhantomData,
        };
        while !client.conn.is_open() {
            client.step().await?;
        }
        Ok(client)
    }

    /// Sends a request and waits for its answer; pushes that arrive before it are kept.
    ///
    /// # Errors
    ///
    /// [`TestError::Server`] for an error answer; see [`TestError`] for the rest.
    pub async fn request<Req: Encode<S>, Res: Decode<S>>(
        &mut self,
        route: Request<Req, Res>,
        payload: &Req,
    ) -> Result<Res, TestError> {
        let id = self.send_request(route.route(), payload).await?;
        let body = self.answer(id).await?;
        Ok(Res::decode(self.serializer, &body)?)
    }

    /// Sends a request without waiting. Its answer is fetched with [`answer`](Self::answer) and the id that this returns.
    ///
    /// # Errors
    ///
    /// See [`TestError`].
    pub async fn send_request(
        &mut self,
        route: &str,
        payload: &(impl Encode<S> + ?Sized),
    ) -> Result<u64, TestError> {
        let mut body = Vec::new();
        payload.encode(self.serializer, &mut body)?;
        self.last_id += 1;
        let id = self.last_id;
        self.send(Message::request(id, RouteRef::Name(route), &body))
            .await?;
        Ok(id)
    }

    /// Waits for the answer to request `id`.
    ///
    /// # Errors
    ///
    /// [`TestError::Server`] for an error answer; see [`TestError`] for the rest.
    pub async fn answer(&mut self, id: u64) -> Result<Bytes, TestError> {
        let answer = self
            .next(|arrived| arrived.kind == MessageKind::Response && arrived.id == id)
            .await?;
        if answer.error {
            return Err(TestError::Server(ErrorPayload::read(
                self.serializer,
                &answer.body,
            )?));
        }
        Ok(answer.body)
    }

    /// Sends a notify.
    ///
    /// # Errors
    ///
    /// See [`TestError`].
    pub async fn notify<T: Encode<S>>(
        &mut self,
        route: Notify<T>,
        payload: &T,
    ) -> Result<(), TestError> {
        let mut body = Vec::new();
        payload.encode(self.serializer, &mut body)?;
        self.send(Message::notify(RouteRef::Name(route.route()), &body))
            .await
    }

    /// The next push on `route`; those on other routes are kept.
    ///
    /// # Errors
    ///
    /// See [`TestError`].
    pub async fn push<T: Decode<S>>(&mut self, route: Push<T>) -> Result<T, TestError> {
        let route = route.route();
        let push = self
            .next(|arrived| arrived.kind == MessageKind::Push && arrived.route == route)
            .await?;
        Ok(T::decode(self.serializer, &push.body)?)
    }

    /// Waits until the server ends the connection, and says how. What arrives before is kept.
    pub async fn closed(&mut self) -> Closed {
        loop {
            match self.step().await {
                Ok(()) => {}
                Err(TestError::Closed(closed)) => return closed,
                Err(error) => return Closed::transport(&error.to_string()),
            }
        }
    }

    async fn send(&mut self, message: Message<'_>) -> Result<(), TestError> {
        let now = self.now();
        if self.conn.handle_input(now, Input::Send(message)).is_err() {
            return Err(TestError::Closed(self.ended()));
        }
        self.drain().await
    }

    async fn next(&mut self, wanted: impl Fn(&Arrived) -> bool) -> Result<Arrived, TestError> {
        loop {
            if let Some(at) = self.arrived.iter().position(&wanted)
                && let Some(arrived) = self.arrived.remove(at)
            {
                return Ok(arrived);
            }
            self.step().await?;
        }
    }

    /// Moves once: until something came or a deadline passed.
    async fn step(&mut self) -> Result<(), TestError> {
        self.drain().await?;
        if let Some(closed) = &self.closed {
            return Err(TestError::Closed(closed.clone()));
        }
        let Output::Wait(deadline) = self.conn.poll_output() else {
            return Ok(());
        };
        let mut buffer = [0; 4096];
        let read = async {
            match deadline {
                None => Some(self.io.read(&mut buffer).await),
                Some(at) => {
                    let at = self.origin + std::time::Duration::from_micros(at.as_micros());
                    tokio::time::timeout_at(at, self.io.read(&mut buffer))
                        .await
                        .ok()
                }
            }
        };
        let input = match read.await {
            None => Input::Timer,
            Some(Ok(0)) => Input::Eof,
            Some(Ok(count)) => Input::Bytes(&buffer[..count]),
            Some(Err(error)) => Input::Ended(Closed::transport(&error.to_string())),
        };
        let now = self.now();
        // Refused by no state.
        let _ = self.conn.handle_input(now, input);
        self.drain().await
    }

    /// Does all that the connection has to say.
    async fn drain(&mut self) -> Result<(), TestError> {
        loop {
            let now = self.now();
            match self.conn.poll_output() {
                Output::Wait(_) => return Ok(()),
                // A server that has ended the connection takes nothing more, which its close tells better.
                Output::Transmit(transmit) => drop(self.io.write_all(transmit.bytes).await),
                Output::Event(Event::Handshake(body)) => {
                    let body = if is_compressed(body) {
                        inflate(body, INFLATED)?
                    } else {
                        body.to_vec()
                    };
                    let answer = match HandshakeResponse::parse(&body) {
                        Ok(response) => {
                            let named = Serializer::from_name(&response.sys.serializer);
                            self.serializer = named.unwrap_or(self.serializer);
                            response.agreement()
                        }
                        Err(error) => {
                            Err(Close::new(CloseCode::BAD_HANDSHAKE).with_reason(error.to_string()))
                        }
                    };
                    let input = match answer {
                        Ok(agreement) => Input::Accept {
                            agreement,
                            response: &[],
                        },
                        Err(close) => Input::Refuse {
                            close,
                            response: &[],
                        },
                    };
                    self.conn
                        .handle_input(now, input)
                        .expect("a handshake waits for this answer");
                }
                Output::Event(Event::Kick(body)) => {
                    let close = Close::parse_kick(body);
                    self.conn
                        .handle_input(now, Input::Kicked(close))
                        .expect("a kick waits for this answer");
                }
                Output::Event(Event::Message(message)) => {
                    let body: Bytes = if message.deflated {
                        inflate(message.body, INFLATED)?.into()
                    } else {
                        Bytes::copy_from_slice(message.body)
                    };
                    let (kind, id, error) = (message.kind, message.id, message.error);
                    self.arrived.push_back(Arrived {
                        kind,
                        id,
                        route: message.route.into(),
                        error,
                        body,
                    });
                }
                Output::Event(Event::Closed(closed)) => self.closed = Some(closed),
                Output::Event(_) => {}
            }
        }
    }

    fn ended(&self) -> Closed {
        self.closed
            .clone()
            .unwrap_or_else(|| Closed::new(CloseCode::EOF.into(), Origin::Peer))
    }

    fn now(&self) -> Timestamp {
        let micros = self.origin.elapsed().as_micros();
        Timestamp::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }
}
