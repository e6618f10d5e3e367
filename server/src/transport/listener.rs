//! Where a server listens and what it speaks there.

use std::{fmt, net::SocketAddr};

use pitaya_protocol::Serializer;

use super::tls::Tls;

/// A place to listen, and how.
///
/// Made by [`tcp`], [`tls`], [`ws`], [`wss`] or [`any`] and given to the server's builder, which binds it at the start.
///
/// ```
/// use pitaya_server::{tcp, ws};
///
/// let game = tcp("0.0.0.0:3250").proxy_protocol(true);
/// let web = ws("0.0.0.0:3251").origins(["https://play.example"]).name("web");
/// # let _ = (game, web);
/// ```
#[derive(Debug)]
pub struct Listener {
    pub(super) on: ListenOn,
    pub(super) reuse_port: bool,
    pub(super) options: ListenerOptions,
}

/// What holds for every connection of a listener.
#[derive(Debug)]
pub(crate) struct ListenerOptions {
    pub(crate) name: Box<str>,
    pub(crate) speaks: Speaks,
    pub(crate) tls: Option<Tls>,
    pub(crate) proxy_protocol: bool,
    pub(crate) origins: Box<[Box<str>]>,
    /// Nothing: as the server.
    pub(crate) compression: Option<bool>,
    /// For clients that do not choose. Nothing: the server's default.
    pub(crate) serializer: Option<Serializer>,
}

/// What clients may speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaks {
    Packets,
    WebSocket,
    /// Both, told apart by their first byte, with and without TLS.
    Any,
}

/// Packets over plain TCP.
pub fn tcp(on: impl Into<ListenOn>) -> Listener {
    Listener::new(on.into(), Speaks::Packets, "tcp", None)
}

/// Packets over TLS.
pub fn tls(on: impl Into<ListenOn>, tls: Tls) -> Listener {
    Listener::new(on.into(), Speaks::Packets, "tls", Some(tls))
}

/// WebSockets, `ws://`, on any path.
pub fn ws(on: impl Into<ListenOn>) -> Listener {
    Listener::new(on.into(), Speaks::WebSocket, "ws", None)
}

/// WebSockets over TLS, `wss://`, on any path.
pub fn wss(on: impl Into<ListenOn>, tls: Tls) -> Listener {
    Listener::new(on.into(), Speaks::WebSocket, "wss", Some(tls))
}

/// Packets and WebSockets on one port, told apart by their first byte; with [`Listener::tls`], both over TLS as well.
pub fn any(on: impl Into<ListenOn>) -> Listener {
    Listener::new(on.into(), Speaks::Any, "any", None)
}

impl Listener {
    fn new(on: ListenOn, speaks: Speaks, name: &str, tls: Option<Tls>) -> Self {
        Self {
            on,
            reuse_port: false,
            options: ListenerOptions {
                name: name.into(),
                speaks,
                tls,
                proxy_protocol: false,
                origins: Box::default(),
                compression: None,
                serializer: None,
            },
        }
    }

    /// Names the listener in logs and metrics. Default: the name of the function that made it.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        self.options.name = name.into();
        self
    }

    /// Gives an [`any`] listener a certificate, so that it also serves TLS. A [`tcp`] or [`ws`] listener becomes [`tls`] or
    /// [`wss`].
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.options.tls = Some(tls);
        self
    }

    /// Demands a PROXY header (version 1 or 2) at the start of every connection, below TLS. Off by default. Switch it on only
    /// behind a proxy, since the header says where a peer comes from.
    #[must_use]
    pub fn proxy_protocol(mut self, on: bool) -> Self {
        self.options.proxy_protocol = on;
        self
    }

    /// The web origins, such as `https://play.example`, whose pages may open a WebSocket here; others are answered 403.
    /// Default: all. Clients that are no browsers send no origin and always may.
    #[must_use]
    pub fn origins<O: Into<Box<str>>>(mut self, origins: impl IntoIterator<Item = O>) -> Self {
        self.options.origins = origins.into_iter().map(Into::into).collect();
        self
    }

    /// Whether messages to clients of this listener may be compressed. Default: as the server.
    #[must_use]
    pub const fn compression(mut self, on: bool) -> Self {
        self.options.compression = Some(on);
        self
    }

    /// The serializer of clients that do not choose one, which are all but our own. Default: the server's.
    #[must_use]
    pub const fn serializer(mut self, serializer: Serializer) -> Self {
        self.options.serializer = Some(serializer);
        self
    }

    /// Lets several sockets, also of other processes, listen on the same address; the operating system spreads the
    /// connections. Off by default, and without effect on a socket that is bound already or where the system has no such
    /// thing.
    #[must_use]
    pub const fn reuse_port(mut self, on: bool) -> Self {
        self.reuse_port = on;
        self
    }
}

/// Where to listen: an address to bind, or a socket that listens already.
///
/// Made from an address (`"0.0.0.0:3250"`, `"localhost:3250"`, a [`SocketAddr`]), from a [`std::net::TcpListener`], on Unix
/// from a file descriptor ([`OwnedFd`](std::os::fd::OwnedFd)), or by [`from_env`](Self::from_env).
#[derive(Debug)]
pub struct ListenOn(pub(super) Place);

#[derive(Debug)]
pub(super) enum Place {
    Address(String),
    Socket(std::net::TcpListener),
}

impl ListenOn {
    /// The sockets that the service manager has opened for this process (systemd's `LISTEN_FDS`), in its order; empty if it
    /// has opened none.
    ///
    /// They can be taken once: call it early, and only once.
    ///
    /// # Errors
    ///
    /// If one of them is not a TCP socket.
    pub fn from_env() -> Result<Vec<Self>, FromEnvError> {
        let mut passed = listenfd::ListenFd::from_env();
        (0..passed.len())
            .map(|index| match passed.take_tcp_listener(index) {
                Ok(Some(socket)) => Ok(Self::from(socket)),
                Ok(None) => Err(FromEnvError {
                    index,
                    source: std::io::ErrorKind::NotFound.into(),
                }),
                Err(source) => Err(FromEnvError { index, source }),
            })
            .collect()
    }
}

/// A socket that the service manager passed cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("socket {index} of LISTEN_FDS: {source}")]
pub struct FromEnvError {
    index: usize,
    source: std::io::Error,
}

impl From<&str> for ListenOn {
    fn from(address: &str) -> Self {
        Self(Place::Address(address.into()))
    }
}

impl From<String> for ListenOn {
    fn from(address: String) -> Self {
        Self(Place::Address(address))
    }
}

impl From<SocketAddr> for ListenOn {
    fn from(address: SocketAddr) -> Self {
        Self(Place::Address(address.to_string()))
    }
}

impl From<std::net::TcpListener> for ListenOn {
    fn from(socket: std::net::TcpListener) -> Self {
        Self(Place::Socket(socket))
    }
}

#[cfg(unix)]
impl From<std::os::fd::OwnedFd> for ListenOn {
    fn from(descriptor: std::os::fd::OwnedFd) -> Self {
        Self(Place::Socket(descriptor.into()))
    }
}

impl fmt::Display for ListenOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Address(address) => f.write_str(address),
            Place::Socket(socket) => match socket.local_addr() {
                Ok(address) => write!(f, "{address} (bound before)"),
                Err(_) => f.write_str("a socket that was passed in"),
            },
        }
    }
}
