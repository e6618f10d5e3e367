use std::{
    fmt,
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use rustls::{ClientConfig, ClientConnection, StreamOwned, pki_types::ServerName};

use crate::{Exchange, Framing, FramingError, Mismatch};

/// How bytes travel to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Plain TCP.
    Tcp,
    /// TLS over TCP.
    Tls,
    /// WebSocket over TCP.
    Ws,
    /// WebSocket over TLS.
    Wss,
}

impl Transport {
    /// All of them, the plain ones of each kind first.
    pub const ALL: [Self; 4] = [Self::Tcp, Self::Tls, Self::Ws, Self::Wss];

    /// Whether bytes are encrypted.
    #[must_use]
    pub fn encrypted(self) -> bool {
        matches!(self, Self::Tls | Self::Wss)
    }

    /// How packets lie in the byte stream.
    #[must_use]
    pub fn framing(self) -> Framing {
        match self {
            Self::Tcp | Self::Tls => Framing::Stream,
            Self::Ws | Self::Wss => Framing::WebSocket,
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Ws => "ws",
            Self::Wss => "wss",
        })
    }
}

impl FromStr for Transport {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|transport| transport.to_string() == text)
            .ok_or_else(|| format!("{text:?} is none of tcp, tls, ws, wss"))
    }
}

/// What the server at the other end speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// The family's protocol: handshake, ack, requests.
    Pitaya,
    /// Returns every byte, or every WebSocket message, as it came.
    Echo,
}

/// Where a server is and how it is spoken to.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its address.
    pub address: SocketAddr,
    /// How bytes travel.
    pub transport: Transport,
    /// What it speaks.
    pub dialect: Dialect,
    /// Whom to trust, needed for encrypted transports.
    pub tls: Option<Arc<ClientConfig>>,
    /// The route whose handler binds the session to the uid in the body and returns the body;
    /// `None` leaves sessions unbound. A floor is sent the same request.
    pub bind: Option<String>,
}

/// The byte stream of a connection.
#[derive(Debug)]
pub enum Stream {
    /// Unencrypted.
    Plain(TcpStream),
    /// Encrypted.
    Encrypted(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Encrypted(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Encrypted(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Encrypted(stream) => stream.flush(),
        }
    }
}

/// A connection that is open, past its handshake and bound.
#[derive(Debug)]
pub struct Dialed {
    /// The byte stream, still blocking.
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
    /// The answer to the bind request.
    #[error("the session was not bound")]
    Bind(#[from] Mismatch),
    /// What came is not packets.
    #[error("the server's bytes are not packets")]
    Framing(#[from] FramingError),
}

const PATIENCE: Duration = Duration::from_secs(10);
const HANDSHAKE: u8 = 1;
const HANDSHAKE_ACK: u8 = 2;
const DATA: u8 = 4;
/// Wire 2.1; asks for nothing beyond what every server of the family grants.
const HELLO: &str = r#"{"sys":{"platform":"bench","libVersion":"0.1.0","clientBuildNumber":"1","clientVersion":"0.1.0"},"user":{}}"#;

/// Opens a connection and brings it to where requests may be sent: TLS, upgrade, handshake, ack
/// and bind, as far as the target has them. `number` tells the players apart.
///
/// # Errors
/// See [`DialError`].
pub fn dial(target: &Target, number: usize) -> Result<Dialed, DialError> {
    let socket = TcpStream::connect_timeout(&target.address, PATIENCE)?;
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    let stream = if target.transport.encrypted() {
        let config = Arc::clone(target.tls.as_ref().ok_or(DialError::NoTrust)?);
        let name = ServerName::IpAddress(target.address.ip().into());
        Stream::Encrypted(Box::new(StreamOwned::new(
            ClientConnection::new(config, name)?,
            socket,
        )))
    } else {
        Stream::Plain(socket)
    };
    let mut dialed = Dialed {
        stream,
        received: Vec::new(),
    };
    let framing = target.transport.framing();
    if framing == Framing::WebSocket {
        dialed.upgrade(target.address)?;
    }
    if target.dialect == Dialect::Pitaya {
        dialed.shake_hands(framing)?;
    }
    if let Some(route) = &target.bind {
        let uid = format!("player-{number:06}");
        let exchange = Exchange::echo(target.dialect, route, uid.as_bytes());
        dialed.send(framing, DATA, &exchange.request(1))?;
        while dialed
            .receive(framing, |kind, payload| exchange.answered(kind, payload))??
            .is_none()
        {}
    }
    Ok(dialed)
}

impl Dialed {
    /// The client's half of RFC 6455 section 4.1. The accept key is not verified: that the
    /// server can do WebSocket is not what is measured.
    fn upgrade(&mut self, address: SocketAddr) -> Result<(), DialError> {
        let request = format!(
            "GET / HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: cGl0YXlhLWJlbmNoLWtleQ==\r\n\r\n"
        );
        self.stream.write_all(request.as_bytes())?;
        let end = loop {
            if let Some(at) = self
                .received
                .windows(4)
                .position(|four| four == b"\r\n\r\n")
            {
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

    /// Wire 2.6. A deflated answer (wire 2.4) is taken for a good one: the refusals of the
    /// family are followed by a close, which the first request meets.
    fn shake_hands(&mut self, framing: Framing) -> Result<(), DialError> {
        self.send(framing, HANDSHAKE, HELLO.as_bytes())?;
        self.receive(framing, |kind, payload| {
            let text = String::from_utf8_lossy(payload);
            if kind == HANDSHAKE && (!text.starts_with('{') || text.contains("\"code\":200")) {
                Ok(())
            } else {
                Err(DialError::Handshake {
                    kind,
                    text: text.into_owned(),
                })
            }
        })??;
        self.send(framing, HANDSHAKE_ACK, b"")
    }

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
