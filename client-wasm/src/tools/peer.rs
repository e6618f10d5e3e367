//! The server's side of one connection.

use pitaya_protocol::{
    Capabilities, Close, CloseCode, Closed, Connection, ErrorPayload, Message, MessageKind,
    RouteRef, Serializer,
    compression::{Deflater, inflate},
    connection::{Event, Input, Misuse, Output, ServerConfig},
    handshake::{Agreement, CODE_REFUSED, HandshakeRequest, HandshakeResponse, ServerInfo},
};
use wasm_bindgen::prelude::wasm_bindgen;

use super::peer_host::PeerHost;
use super::terms::Terms;
use crate::convert::{close, millis, timestamp};

/// Levels of nesting that a handshake has at most, as with the server crate.
const MAX_DEPTH: usize = 32;
/// Most bytes that a body inflates to: as many as a packet has room for.
const MAX_INFLATED: usize = 16 * 1024 * 1024;
/// WebSocket close code for a client that knows no reasons (RFC 6455 section 7.4.1).
const NORMAL: u16 = 1000;
/// Close codes of ours are this plus the close's number.
const CLOSE_FRAMES: u16 = 4000;

/// The server's side of a connection. Times are milliseconds; every order returns when [`timer`](Self::timer) is due, infinity is never. What is
/// sent to a client that has left goes nowhere.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Peer {
    connection: Connection,
    host: PeerHost,
    terms: Terms,
    /// Those that the client knows, and the terms grant.
    capabilities: Capabilities,
    deflater: Option<Deflater>,
}

#[wasm_bindgen]
impl Peer {
    /// A client has just opened a WebSocket.
    #[wasm_bindgen(constructor)]
    pub fn new(host: PeerHost, now: f64, terms: &Terms) -> Self {
        Self {
            connection: Connection::server(timestamp(now), &ServerConfig::default()),
            host,
            terms: terms.clone(),
            capabilities: Capabilities::NONE,
            deflater: terms.compression.then(Deflater::default),
        }
    }

    /// The client has sent a WebSocket message.
    pub fn frame(&mut self, now: f64, bytes: &[u8]) -> f64 {
        self.tell(now, Input::Frame(bytes))
    }

    /// The client has closed its WebSocket.
    pub fn eof(&mut self, now: f64) -> f64 {
        self.tell(now, Input::Eof)
    }

    /// The network is gone.
    pub fn lost(&mut self, now: f64) -> f64 {
        self.tell(now, Input::Ended(Closed::transport("the network is gone")))
    }

    /// The time has come.
    pub fn timer(&mut self, now: f64) -> f64 {
        self.tell(now, Input::Timer)
    }

    /// Takes the client in.
    pub fn accept(&mut self, now: f64) -> f64 {
        let agreement = self.agreement();
        let info = ServerInfo::new(&agreement, &self.terms.serializer);
        let response = self.deflated(HandshakeResponse::accept(info).to_json()).1;
        self.tell(
            now,
            Input::Accept {
                agreement,
                response: &response,
            },
        )
    }

    /// Turns the client away. A negative `retry_after` and an empty `endpoint` stand for no advice.
    pub fn refuse(
        &mut self,
        now: f64,
        code: u16,
        reason: &str,
        retry_after: f64,
        endpoint: &str,
    ) -> f64 {
        self.turn_away(
            now,
            close(CloseCode::from_number(code), reason, retry_after, endpoint),
        )
    }

    /// Answers a request.
    ///
    /// # Errors
    ///
    /// A text for a body over 16,777,215 bytes.
    pub fn respond(&mut self, now: f64, id: f64, body: Vec<u8>) -> Result<f64, String> {
        self.send(now, Message::response(id as u64, &[]), body)
    }

    /// Answers a request with an error. `metadata` is a list of names and values in turn.
    ///
    /// # Errors
    ///
    /// As for [`respond`](Self::respond).
    pub fn fail(
        &mut self,
        now: f64,
        id: f64,
        code: String,
        text: String,
        metadata: Vec<String>,
    ) -> Result<f64, String> {
        let mut payload = ErrorPayload::new(code, text);
        let mut metadata = metadata.into_iter();
        while let (Some(name), Some(value)) = (metadata.next(), metadata.next()) {
            payload.metadata.insert(name, value);
        }
        let mut body = Vec::new();
        // A serializer of the application's own has no form for errors: they are JSON then.
        let serializer = Serializer::from_name(&self.terms.serializer).unwrap_or(Serializer::Json);
        payload.write(serializer, &mut body);
        let mut message = Message::response(id as u64, &[]);
        message.error = true;
        self.send(now, message, body)
    }

    /// Sends a push.
    ///
    /// # Errors
    ///
    /// A text for a route over 255 bytes and for a body over 16,777,215 bytes.
    pub fn push(&mut self, now: f64, route: &str, body: Vec<u8>) -> Result<f64, String> {
        self.send(now, Message::push(RouteRef::Name(route), &[]), body)
    }

    /// Ends the connection. A negative `retry_after` and an empty `endpoint` stand for no advice.
    pub fn close(
        &mut self,
        now: f64,
        code: u16,
        reason: &str,
        retry_after: f64,
        endpoint: &str,
    ) -> f64 {
        let close = close(CloseCode::from_number(code), reason, retry_after, endpoint);
        self.tell(now, Input::Close(close))
    }
}

impl Peer {
    fn agreement(&self) -> Agreement {
        let Terms {
            heartbeat,
            dictionary,
            ..
        } = &self.terms;
        Agreement::new(*heartbeat, dictionary.clone(), self.capabilities)
    }

    fn turn_away(&mut self, now: f64, close: Close) -> f64 {
        let info = ServerInfo::new(&self.agreement(), &self.terms.serializer);
        let told = self.capabilities.contains(Capabilities::CLOSE_REASON);
        let response = HandshakeResponse::refuse(CODE_REFUSED, info, told.then(|| close.clone()));
        let response = self.deflated(response.to_json()).1;
        self.tell(
            now,
            Input::Refuse {
                close,
                response: &response,
            },
        )
    }

    fn send(&mut self, now: f64, message: Message<'_>, body: Vec<u8>) -> Result<f64, String> {
        let (deflated, body) = self.deflated(body);
        let message = Message {
            deflated,
            body: &body,
            ..message
        };
        match self
            .connection
            .handle_input(timestamp(now), Input::Send(message))
        {
            Err(Misuse::Encode(error)) => Err(error.to_string()),
            // A client that has left meanwhile is no mistake of the handler's.
            _ => Ok(self.drain(now)),
        }
    }

    /// The body as it travels: whether it is deflated, and its bytes.
    fn deflated(&mut self, body: Vec<u8>) -> (bool, Vec<u8>) {
        let mut out = Vec::new();
        let deflater = self.deflater.as_mut();
        if deflater.is_some_and(|deflater| deflater.deflate(&body, &mut out)) {
            (true, out)
        } else {
            (false, body)
        }
    }

    /// Takes an order; one that the state does not allow comes too late and changes nothing.
    fn tell(&mut self, now: f64, input: Input<'_>) -> f64 {
        let _late = self.connection.handle_input(timestamp(now), input);
        self.drain(now)
    }

    fn drain(&mut self, now: f64) -> f64 {
        loop {
            let fault = match self.connection.poll_output() {
                Output::Wait(due) => return due.map_or(f64::INFINITY, millis),
                Output::Transmit(transmit) => {
                    if self.capabilities.contains(Capabilities::MANY_PER_FRAME) {
                        self.host.transmit(transmit.bytes);
                    } else {
                        let packets = transmit.packets();
                        packets.for_each(|packet| self.host.transmit(packet));
                    }
                    None
                }
                Output::Event(event) => {
                    hand_on(&self.host, &mut self.capabilities, &self.terms, event)
                }
            };
            match fault {
                Some(close) if close.code == CloseCode::BAD_HANDSHAKE => {
                    self.turn_away(now, close);
                }
                Some(close) => {
                    self.tell(now, Input::Close(close));
                }
                None => {}
            }
        }
    }
}

/// Hands an event on to the test server; returns the close that the client's fault in it causes.
fn hand_on(
    host: &PeerHost,
    capabilities: &mut Capabilities,
    terms: &Terms,
    event: Event<'_>,
) -> Option<Close> {
    match event {
        Event::Handshake(body) => match HandshakeRequest::parse(body, MAX_DEPTH) {
            Ok(request) => {
                *capabilities = request.sys.capabilities & terms.granted;
                host.handshake(&String::from_utf8_lossy(&request.to_json()));
            }
            Err(error) => {
                return Some(Close::new(CloseCode::BAD_HANDSHAKE).with_reason(error.to_string()));
            }
        },
        Event::Open => host.open(),
        Event::Message(incoming) => {
            let inflated = incoming
                .deflated
                .then(|| inflate(incoming.body, MAX_INFLATED));
            let body = match &inflated {
                Some(Ok(plain)) => plain,
                Some(Err(error)) => {
                    return Some(
                        Close::new(CloseCode::BAD_COMPRESSION).with_reason(error.to_string()),
                    );
                }
                None => incoming.body,
            };
            if incoming.kind == MessageKind::Request {
                host.request(incoming.id as f64, incoming.route, body);
            } else {
                host.notify(incoming.route, body);
            }
        }
        Event::Closed(closed) => {
            let Closed { close, .. } = closed;
            if capabilities.contains(Capabilities::CLOSE_REASON) {
                host.closed(CLOSE_FRAMES + close.code.number(), close.reason());
            } else {
                host.closed(NORMAL, "");
            }
        }
        _ => {}
    }
    None
}
