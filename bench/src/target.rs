use std::{fmt, net::SocketAddr, str::FromStr, sync::Arc};

use rustls::ClientConfig;

use crate::Framing;

/// How bytes travel to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// Requests that a new connection makes one after another, by route; the body is the player's
    /// name and so is the answer. The first is the one that binds the session. A floor is sent the
    /// same requests.
    pub greetings: Vec<String>,
}
