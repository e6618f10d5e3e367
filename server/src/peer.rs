//! Who is at the other end of a connection.

use std::{
    fmt,
    net::SocketAddr,
    sync::{Arc, OnceLock},
};

use http::{Extensions, request::Parts};

use crate::transport::http::parse_head;

/// The other end of a connection, as the transport and the host program know it.
///
/// Handshake validators and handlers see it. A host that accepts connections for itself makes one, adds what it found out
/// and passes it along with the byte stream. A clone shares everything but the address.
///
/// ```
/// use pitaya_server::Peer;
///
/// let address = "192.0.2.7:40000".parse().expect("an address");
/// let peer = Peer::new(address).with_uid("alice");
/// assert_eq!(peer.uid(), Some("alice"));
/// ```
#[derive(Clone)]
pub struct Peer {
    address: Option<SocketAddr>,
    transport: TransportKind,
    /// Most peers have none of these, so that an idle connection pays for a pointer only.
    details: Option<Arc<Details>>,
}

#[derive(Clone, Default)]
struct Details {
    via: Option<SocketAddr>,
    head: Option<Head>,
    tls: Option<TlsFacts>,
    extensions: Extensions,
    uid: Option<String>,
}

/// The HTTP request that became the connection.
#[derive(Clone)]
enum Head {
    /// As the host program had it.
    Parts(Box<Parts>),
    /// As it came. The parsed form is several times its size and rarely looked at, so it is made when someone asks.
    Raw {
        raw: Box<[u8]>,
        parts: OnceLock<Box<Parts>>,
    },
}

/// How a peer is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportKind {
    /// Packets over plain TCP, or over a byte stream of the host program.
    Tcp,
    /// Packets over TLS.
    Tls,
    /// Packets in WebSocket messages, `ws://`.
    WebSocket,
    /// Packets in WebSocket messages over TLS, `wss://`.
    SecureWebSocket,
    /// Packets within the process.
    Memory,
    /// Through another server of the cluster, to which the client is connected.
    Cluster,
}

impl TransportKind {
    /// A short name for logs and metric labels: `tcp`, `tls`, `ws`, `wss`, `memory` or `cluster`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::WebSocket => "ws",
            Self::SecureWebSocket => "wss",
            Self::Memory => "memory",
            Self::Cluster => "cluster",
        }
    }
}

impl fmt::Display for TransportKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What the TLS handshake told about a peer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsFacts {
    /// The host name that the peer asked for.
    pub server_name: Option<Box<str>>,
    /// The application protocol that was agreed on.
    pub alpn: Option<Box<[u8]>>,
    /// The version, such as `TLSv1_3`.
    pub version: Option<&'static str>,
}

impl Peer {
    /// A peer at `address`, over [`TransportKind::Tcp`] until [`with_transport`](Self::with_transport) says otherwise.
    #[must_use]
    pub const fn new(address: SocketAddr) -> Self {
        Self {
            address: Some(address),
            transport: TransportKind::Tcp,
            details: None,
        }
    }

    /// A client of another server, with the address that the other server sees.
    pub(crate) const fn behind(address: Option<SocketAddr>) -> Self {
        Self {
            address,
            transport: TransportKind::Cluster,
            details: None,
        }
    }

    /// A peer within this process, which has no address.
    #[must_use]
    pub const fn memory() -> Self {
        Self {
            address: None,
            transport: TransportKind::Memory,
            details: None,
        }
    }

    /// Says how the peer is connected.
    #[must_use]
    pub const fn with_transport(mut self, transport: TransportKind) -> Self {
        self.transport = transport;
        self
    }

    /// Binds the session to `uid` before its first message: the host program has authenticated the peer already.
    #[must_use]
    pub fn with_uid(mut self, uid: impl Into<String>) -> Self {
        self.details_mut().uid = Some(uid.into());
        self
    }

    /// Adds the HTTP request that became the connection.
    #[must_use]
    pub fn with_http(mut self, parts: Parts) -> Self {
        self.details_mut().head = Some(Head::Parts(Box::new(parts)));
        self
    }

    /// Adds what TLS told about the peer.
    #[must_use]
    pub fn with_tls(mut self, facts: TlsFacts) -> Self {
        self.details_mut().tls = Some(facts);
        self
    }

    /// Adds a value of the host program, one per type; a second value of a type takes the place of the first.
    #[must_use]
    pub fn with_extension<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.details_mut().extensions.insert(value);
        self
    }

    /// Adds the proxy that the connection came through; [`address`](Self::address) is then what the proxy reported.
    #[must_use]
    pub fn with_via(mut self, proxy: SocketAddr) -> Self {
        self.details_mut().via = Some(proxy);
        self
    }

    /// Adds the head of the HTTP request, which has been parsed once without an error.
    pub(crate) fn with_raw_http(mut self, raw: Box<[u8]>) -> Self {
        self.details_mut().head = Some(Head::Raw {
            raw,
            parts: OnceLock::new(),
        });
        self
    }

    /// Where the peer is, or nothing for one within the process. Behind a proxy, what the PROXY header says.
    #[must_use]
    pub const fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// How the peer is connected.
    #[must_use]
    pub const fn transport(&self) -> TransportKind {
        self.transport
    }

    /// The uid that the host program has authenticated, if it has.
    #[must_use]
    pub fn uid(&self) -> Option<&str> {
        self.details()?.uid.as_deref()
    }

    /// The HTTP request that became a WebSocket: path, query, cookies and the other headers.
    #[must_use]
    pub fn http(&self) -> Option<&Parts> {
        match self.details()?.head.as_ref()? {
            Head::Parts(parts) => Some(parts),
            Head::Raw { raw, parts } => Some(parts.get_or_init(|| {
                let (request, _) = parse_head(raw)
                    .ok()
                    .flatten()
                    .expect("the head was parsed before it was kept");
                Box::new(request.into_parts().0)
            })),
        }
    }

    /// What TLS told about the peer.
    #[must_use]
    pub fn tls(&self) -> Option<&TlsFacts> {
        self.details()?.tls.as_ref()
    }

    /// The host program's value of type `T`.
    #[must_use]
    pub fn extension<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.details()?.extensions.get()
    }

    /// The proxy that the connection came through.
    #[must_use]
    pub fn via(&self) -> Option<SocketAddr> {
        self.details()?.via
    }

    fn details(&self) -> Option<&Details> {
        self.details.as_deref()
    }

    fn details_mut(&mut self) -> &mut Details {
        Arc::make_mut(self.details.get_or_insert_default())
    }
}

impl fmt::Debug for Peer {
    /// Leaves the HTTP headers out: they carry cookies and tokens, which do not belong into a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer")
            .field("address", &self.address)
            .field("transport", &self.transport)
            .field("via", &self.via())
            .field("uid", &self.uid())
            .field("tls", &self.tls())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Peer {
    /// `tcp 192.0.2.7:40000`, and the proxy's address where there is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.transport.name())?;
        if let Some(address) = self.address {
            write!(f, " {address}")?;
        }
        if let Some(proxy) = self.via() {
            write!(f, " via {proxy}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn carries_what_the_host_found_out() {
        #[derive(Debug, Clone, PartialEq)]
        struct Role(&'static str);

        let (parts, ()) = http::Request::get("/ws?room=7")
            .body(())
            .expect("a request")
            .into_parts();
        let peer = Peer::new(address("192.0.2.7:40000"))
            .with_transport(TransportKind::SecureWebSocket)
            .with_uid("alice")
            .with_http(parts)
            .with_extension(Role("admin"))
            .with_via(address("10.0.0.1:80"));

        assert_eq!(peer.uid(), Some("alice"));
        assert_eq!(peer.extension(), Some(&Role("admin")));
        assert_eq!(
            peer.http().map(|parts| parts.uri.query()),
            Some(Some("room=7"))
        );
        assert_eq!(peer.to_string(), "wss 192.0.2.7:40000 via 10.0.0.1:80");
    }

    #[test]
    fn a_kept_request_is_parsed_on_demand() {
        let peer = Peer::memory().with_raw_http(
            b"GET /ws HTTP/1.1\r\nHost: game\r\nCookie: token=secret\r\n\r\n"
                .as_slice()
                .into(),
        );
        let parts = peer.http().expect("the request");
        assert_eq!(parts.uri.path(), "/ws");
        assert_eq!(parts.headers["cookie"], "token=secret");
        assert!(!format!("{peer:?}").contains("secret"));
    }

    #[test]
    fn an_idle_peer_is_small() {
        assert!(size_of::<Peer>() <= 48, "{} bytes", size_of::<Peer>());
    }
}
