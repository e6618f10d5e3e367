//! The client machine over a plain non-blocking socket.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use pitaya_client_core::{
    CallId, Client, Close, CloseCode, Config, Event, Input, Offline, Output, QueueLimits, State,
    Timestamp,
};
use pitaya_protocol::compression::{inflate, is_compressed};
use pitaya_protocol::handshake::{ClientInfo, HandshakeRequest, HandshakeResponse};
use socket2::{Domain, Socket, Type};

/// Inflated bodies are not taken beyond this.
const MAX_INFLATED: usize = 1024 * 1024;

/// What a frame brings.
#[derive(Debug)]
pub(crate) enum Happening<'a> {
    /// The connection is in another state.
    State(&'a State),
    /// A request was answered.
    Answer { call: u32, body: &'a [u8] },
    /// A request was not, or with an error.
    Failed { call: u32, reason: String },
    /// The server pushed something.
    Push { route: &'a str, body: &'a [u8] },
}

/// A connection that is looked after once per frame.
#[derive(Debug)]
pub(crate) struct Network {
    client: Client,
    address: SocketAddr,
    socket: Option<Socket>,
    /// Whether the socket is connected.
    open: bool,
    unsent: Vec<u8>,
    start: Instant,
}

impl Network {
    /// Begins to connect.
    pub(crate) fn connect(address: SocketAddr) -> Self {
        // A game takes the seed from its own source of randomness.
        let mut network = Self {
            client: Client::new(Config::new(u64::from(std::process::id()))),
            address,
            socket: None,
            open: false,
            unsent: Vec::new(),
            start: Instant::now(),
        };
        network.tell(Input::Connect);
        network
    }

    /// Sends a request as soon as there is a connection. `call` names it in what happens later.
    pub(crate) fn request(&mut self, call: u32, route: &str, body: &[u8]) {
        let (call, offline) = (CallId(call), Offline::Queue(QueueLimits::default()));
        let timeout = Some(Duration::from_secs(5).into());
        self.tell(Input::Request {
            call,
            route,
            body,
            timeout,
            offline,
        });
    }

    /// Says good-bye; the next frames send it.
    pub(crate) fn close(&mut self) {
        self.tell(Input::Close(Close::new(CloseCode::NORMAL)));
        self.poll(&mut |_| {});
    }

    /// Reads, writes and lets time pass, without ever waiting.
    pub(crate) fn poll(&mut self, happen: &mut dyn FnMut(Happening<'_>)) {
        self.tell(Input::Timer);
        self.drain(happen);
        if !self.open {
            self.look_whether_open();
        }
        let mut buffer = [0; 4096];
        while self.open && self.client.wants_bytes() {
            let received = self
                .socket
                .as_mut()
                .map_or(Ok(0), |socket| socket.read(&mut buffer));
            match received {
                Ok(0) => self.tell(Input::Eof),
                Ok(length) => self.tell(Input::Bytes(&buffer[..length])),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => self.tell(Input::TransportFailed(Close::because(
                    CloseCode::TRANSPORT,
                    &error.to_string(),
                ))),
            }
            self.drain(happen);
        }
        self.drain(happen);
        self.write();
    }

    fn tell(&mut self, input: Input<'_>) {
        let now = Timestamp::ZERO + self.start.elapsed();
        self.client
            .handle_input(now, input)
            .expect("we only answer what was asked");
    }

    /// Does what the machine asks for until it has nothing more to say in this frame.
    fn drain(&mut self, happen: &mut dyn FnMut(Happening<'_>)) {
        loop {
            let mut connect = false;
            let answer = match self.client.poll_output() {
                Output::Wait(_) => return,
                Output::Transmit(transmit) => {
                    self.unsent.extend_from_slice(transmit.bytes);
                    None
                }
                Output::Event(event) => match event {
                    Event::Connect { .. } => {
                        connect = true;
                        None
                    }
                    Event::Disconnect(_) => {
                        write(self.socket.as_mut(), &mut self.unsent);
                        (self.socket, self.open) = (None, false);
                        self.unsent.clear();
                        None
                    }
                    Event::Handshake(body) => Some(accept(body)),
                    Event::Kick(body) => Some(Input::Kicked(Close::parse_kick(body))),
                    other => tell_game(other, happen),
                },
            };
            if connect {
                self.begin_to_connect();
            }
            if let Some(answer) = answer {
                self.tell(answer);
            }
        }
    }

    fn begin_to_connect(&mut self) {
        match open(self.address) {
            Ok(socket) => self.socket = Some(socket),
            Err(error) => self.could_not_connect(&error),
        }
    }

    fn could_not_connect(&mut self, error: &io::Error) {
        self.socket = None;
        self.tell(Input::ConnectFailed {
            close: Close::because(CloseCode::TRANSPORT, &error.to_string()),
            retryable: true,
        });
    }

    fn look_whether_open(&mut self) {
        let Some(socket) = &self.socket else { return };
        match socket.take_error() {
            Ok(None) if socket.peer_addr().is_err() => {}
            Ok(None) => {
                self.open = true;
                let mut info = ClientInfo::default();
                info.platform = std::env::consts::OS.to_owned();
                let handshake = HandshakeRequest::new(info, serde_json::Map::new()).to_json();
                self.tell(Input::Connected {
                    handshake: &handshake,
                });
            }
            Ok(Some(error)) | Err(error) => self.could_not_connect(&error),
        }
    }

    /// Writes what the socket takes. A game with more to say than the network carries would tell the machine `Input::Writable(false)`.
    fn write(&mut self) {
        if self.open {
            write(self.socket.as_mut(), &mut self.unsent);
        }
    }
}

/// A failure shows when reading, which is where the machine hears of it.
fn write(socket: Option<&mut Socket>, unsent: &mut Vec<u8>) {
    let Some(socket) = socket else { return };
    while !unsent.is_empty() {
        match socket.write(unsent) {
            Ok(written) if written > 0 => drop(unsent.drain(..written)),
            _ => return,
        }
    }
}

/// Begins a TCP connection without waiting for it.
fn open(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    match socket.connect(&address.into()) {
        Err(error) if error.kind() != ErrorKind::WouldBlock && !in_progress(&error) => Err(error),
        _ => Ok(socket),
    }
}

fn in_progress(error: &io::Error) -> bool {
    // Windows says that it would block.
    cfg!(unix) && error.raw_os_error() == Some(libc::EINPROGRESS)
}

fn accept(body: &[u8]) -> Input<'static> {
    let bad = |reason: String| Close::new(CloseCode::BAD_HANDSHAKE).with_reason(reason);
    let plain = match is_compressed(body) {
        true => inflate(body, MAX_INFLATED).map_err(|error| bad(error.to_string())),
        false => Ok(body.to_vec()),
    };
    let response = plain
        .and_then(|body| HandshakeResponse::parse(&body).map_err(|error| bad(error.to_string())));
    match response.and_then(|response| response.agreement()) {
        Ok(agreement) => Input::Accept(agreement),
        Err(close) => Input::Refuse(close),
    }
}

/// What concerns the game; what comes back is for the machine.
fn tell_game(event: Event<'_>, happen: &mut dyn FnMut(Happening<'_>)) -> Option<Input<'static>> {
    let mut inflated = Vec::new();
    let fault = || Some(Input::Fault(Close::new(CloseCode::BAD_COMPRESSION)));
    match event {
        Event::State(state) => happen(Happening::State(&state)),
        Event::Response {
            call,
            error,
            deflated,
            body,
        } => {
            let Some(body) = plain(deflated, body, &mut inflated) else {
                return fault();
            };
            happen(match error {
                false => Happening::Answer { call: call.0, body },
                true => Happening::Failed {
                    call: call.0,
                    reason: String::from_utf8_lossy(body).into_owned(),
                },
            });
        }
        Event::Failed { call, error } => {
            happen(Happening::Failed {
                call: call.0,
                reason: error.to_string(),
            });
        }
        Event::Push {
            route,
            deflated,
            body,
        } => {
            let Some(body) = plain(deflated, body, &mut inflated) else {
                return fault();
            };
            happen(Happening::Push { route, body });
        }
        _ => {}
    }
    None
}

fn plain<'a>(deflated: bool, body: &'a [u8], inflated: &'a mut Vec<u8>) -> Option<&'a [u8]> {
    if deflated {
        *inflated = inflate(body, MAX_INFLATED).ok()?;
        return Some(inflated);
    }
    Some(body)
}
