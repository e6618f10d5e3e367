use std::{
    io::{self, Read, Write},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use rustls::{ClientConnection, StreamOwned, pki_types::ServerName};

use crate::{Dialect, Exchange, Framing, FramingError, Incoming, Mismatch, Stream, Target};

/// A connection that is open, past its handshake and its greetings.
#[derive(Debug)]
pub struct Dialed {
    /// The byte stream; it blocks or does not as it did while dialing.
    pub stream: Stream,
    /// Bytes received beyond the last packet that was waited for.
    pub received: Vec<u8>,
}

/// Why a connection could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DialError {
    /// The socket failed or nothing came for ten seconds.
    #[error("the connection failed")]
    Io(#[from] io::Error),
    /// TLS refused the target.
    #[error("the TLS session could not be set up")]
    Tls(#[from] rustls::Error),
    /// An encrypted transport without [`Target::tls`].
    #[error("an encrypted transport needs a certificate to trust")]
    NoTrust,
    /// The HTTP upgrade was not answered with 101.
    #[error("the upgrade was answered with {0:?}")]
    Upgrade(String),
    /// The handshake was not answered with code 200.
    #[error("the handshake was answered with a packet of type {kind}: {text}")]
    Handshake {
        /// The packet's type.
        kind: u8,
        /// Its payload as text.
        text: String,
    },
    /// The answer to a greeting, the bind request being the first.
    #[error("a greeting was not answered as it should")]
    Greeting(#[from] Mismatch),
    /// What came is not packets.
    #[error("the server's bytes are not packets")]
    Framing(#[from] FramingError),
}

/// How long opening may take without progress.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
const HANDSHAKE: u8 = 1;
const HANDSHAKE_ACK: u8 = 2;
const DATA: u8 = 4;
/// Wire 2.1; asks for nothing beyond what every server of the family grants.
const HELLO: &str = r#"{"sys":{"platform":"bench","libVersion":"0.1.0","clientBuildNumber":"1","clientVersion":"0.1.0"},"user":{}}"#;

/// Opens a connection and brings it to where requests may be sent: TLS, upgrade, handshake, ack
/// and greetings, as far as the target has them. `number` tells the players apart.
///
/// # Errors
/// See [`DialError`].
pub fn dial(target: &Target, number: usize) -> Result<Dialed, DialError> {
    let mut dialing = Dialing::start(target, number)?;
    let socket = dialing.dialed.stream.socket();
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    if dialing.advance(target)? {
        Ok(dialing.dialed)
    } else {
        Err(io::Error::from(io::ErrorKind::TimedOut).into())
    }
}

/// A connection that is being opened, on a socket that may block or not.
#[derive(Debug)]
pub(crate) struct Dialing {
    pub(crate) dialed: Dialed,
    number: usize,
    stage: Stage,
}

/// What is waited for.
#[derive(Debug, Clone, Copy)]
enum Stage {
    Encryption,
    Upgrade,
    Handshake,
    /// The answer to the greeting with this index.
    Greeting(usize),
    Open,
}

impl Dialing {
    /// Connects; a listener on this machine takes a connection at once.
    pub(crate) fn start(target: &Target, number: usize) -> Result<Self, DialError> {
        let socket = TcpStream::connect_timeout(&target.address, PATIENCE)?;
        socket.set_nodelay(true)?;
        let stream = if target.transport.encrypted() {
            let config = Arc::clone(target.tls.as_ref().ok_or(DialError::NoTrust)?);
            let name = ServerName::IpAddress(target.address.ip().into());
            let connection = ClientConnection::new(config, name)?;
            Stream::Encrypted(Box::new(StreamOwned::new(connection, socket)))
        } else {
            Stream::Plain(socket)
        };
        Ok(Self {
            dialed: Dialed {
                stream,
                received: Vec::new(),
            },
            number,
            stage: Stage::Encryption,
        })
    }

    /// Goes on as far as bytes have come; `true` when the connection is open.
    pub(crate) fn advance(&mut self, target: &Target) -> Result<bool, DialError> {
        loop {
            match self.step(target) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(DialError::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits for what is due next and sends what follows it.
    fn step(&mut self, target: &Target) -> Result<bool, DialError> {
        let framing = target.transport.framing();
        match self.stage {
            Stage::Encryption => {
                self.dialed.stream.flush()?;
                if framing == Framing::WebSocket {
                    self.stage = Stage::Upgrade;
                    self.dialed.ask_for_upgrade(target)?;
                } else {
                    self.say_hello(framing)?;
                }
            }
            Stage::Upgrade => {
                self.dialed.upgraded()?;
                self.say_hello(framing)?;
            }
            Stage::Handshake => {
                let dialect = target.dialect;
                self.dialed
                    .receive(framing, |kind, payload| shaken(dialect, kind, payload))??;
                if dialect == Dialect::Pitaya {
                    self.dialed.send(framing, HANDSHAKE_ACK, b"")?;
                }
                self.greet(target, 0)?;
            }
            Stage::Greeting(index) => {
                let exchange = self.greeting(target, index);
                let read = |kind, payload: &[u8]| exchange.read(kind, payload);
                if matches!(self.dialed.receive(framing, read)??, Incoming::Answer(_)) {
                    self.greet(target, index + 1)?;
                }
            }
            Stage::Open => return Ok(true),
        }
        Ok(false)
    }

    /// A floor gets the same bytes and returns them.
    fn say_hello(&mut self, framing: Framing) -> Result<(), DialError> {
        self.stage = Stage::Handshake;
        self.dialed.send(framing, HANDSHAKE, HELLO.as_bytes())
    }

    fn greet(&mut self, target: &Target, index: usize) -> Result<(), DialError> {
        if index == target.greetings.len() {
            self.stage = Stage::Open;
            return Ok(());
        }
        self.stage = Stage::Greeting(index);
        let request = self.greeting(target, index).request(1);
        self.dialed.send(target.transport.framing(), DATA, &request)
    }

    fn greeting(&self, target: &Target, index: usize) -> Exchange {
        let uid = format!("player-{:06}", self.number);
        Exchange::echo(target.dialect, &target.greetings[index], uid.as_bytes())
    }
}

/// Wire 2.6. A deflated answer (wire 2.4) is taken for a good one: the refusals of the
/// family are followed by a close, which the first request meets.
fn shaken(dialect: Dialect, kind: u8, payload: &[u8]) -> Result<(), DialError> {
    let text = String::from_utf8_lossy(payload);
    let good = match dialect {
        Dialect::Pitaya => !text.starts_with('{') || text.contains("\"code\":200"),
        Dialect::Echo => text == HELLO,
    };
    if kind == HANDSHAKE && good {
        Ok(())
    } else {
        Err(DialError::Handshake {
            kind,
            text: text.into_owned(),
        })
    }
}

impl Dialed {
    /// The client's half of RFC 6455 section 4.1. The accept key is not verified: that the
    /// server can do WebSocket is not what is measured.
    fn ask_for_upgrade(&mut self, target: &Target) -> io::Result<()> {
        let request = format!(
            "GET / HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: cGl0YXlhLWJlbmNoLWtleQ==\r\n\r\n",
            target.address
        );
        self.stream.write_all(request.as_bytes())?;
        self.stream.flush()
    }

    fn upgraded(&mut self) -> Result<(), DialError> {
        let end = loop {
            let mut windows = self.received.windows(4);
            if let Some(at) = windows.position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.more()?;
        };
        let head = String::from_utf8_lossy(&self.received[..end]);
        let status = head.lines().next().unwrap_or_default();
        if !status.starts_with("HTTP/1.1 101") {
            return Err(DialError::Upgrade(status.to_owned()));
        }
        self.received.drain(..end);
        Ok(())
    }

    /// What is sent while dialing is short: an empty socket takes it whole.
    fn send(&mut self, framing: Framing, kind: u8, payload: &[u8]) -> Result<(), DialError> {
        let mut bytes = Vec::new();
        framing.write(kind, payload, &mut bytes);
        self.stream.write_all(&bytes)?;
        Ok(self.stream.flush()?)
    }

    fn receive<T>(
        &mut self,
        framing: Framing,
        read: impl FnOnce(u8, &[u8]) -> T,
    ) -> Result<T, DialError> {
        loop {
            if let Some(found) = framing.find(&self.received)? {
                let result = read(found.kind, found.payload);
                let consumed = found.consumed;
                self.received.drain(..consumed);
                return Ok(result);
            }
            self.more()?;
        }
    }

    fn more(&mut self) -> Result<(), DialError> {
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer)? {
            0 => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            length => {
                self.received.extend_from_slice(&buffer[..length]);
                Ok(())
            }
        }
    }
}
