//! A server that listens on one transport, and the way to it.

use std::net::SocketAddr;
use std::ops::Deref;

use pitaya_server::protocol::{Closed, Json, SerializerSet};
use pitaya_server::{Handle, ServerBuilder, tcp, tls, ws, wss};
use rustls::pki_types::ServerName;
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;

use super::certificate;
use super::client::Client;
use super::hello::Hello;
use super::link::{Io, Link};

/// A transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    Memory,
    Tcp,
    Tls,
    Ws,
    Wss,
}

impl Via {
    pub(crate) const ALL: [Self; 5] = [Self::Memory, Self::Tcp, Self::Tls, Self::Ws, Self::Wss];

    pub(crate) fn is_websocket(self) -> bool {
        matches!(self, Self::Ws | Self::Wss)
    }

    /// A way to a server that listens at `address`.
    pub(crate) async fn dial(self, address: SocketAddr) -> Link {
        let socket = TcpSocket::new_v4().expect("a socket");
        // Small, so that a client that does not read is noticed after few bytes.
        socket.set_recv_buffer_size(8 * 1024).expect("a size");
        let tcp = socket.connect(address).await.expect("a connection");
        tcp.set_nodelay(true).expect("an option");
        match self {
            Self::Memory => unreachable!("memory has no address"),
            Self::Tcp => Link::Bytes(Box::new(tcp)),
            Self::Tls => Link::Bytes(secure(tcp).await),
            Self::Ws => upgrade("ws://localhost/", Box::new(tcp)).await,
            Self::Wss => upgrade("wss://localhost/", secure(tcp).await).await,
        }
    }
}

async fn secure(tcp: TcpStream) -> Box<dyn Io> {
    let name = ServerName::try_from("localhost").expect("a name");
    let connector = TlsConnector::from(certificate::trust());
    Box::new(connector.connect(name, tcp).await.expect("TLS"))
}

async fn upgrade(url: &str, io: Box<dyn Io>) -> Link {
    let (socket, _) = tokio_tungstenite::client_async(url, io)
        .await
        .expect("an upgrade");
    Link::Frames(Box::new(socket))
}

/// A server for one transport.
pub(crate) struct Rig<S: SerializerSet = Json> {
    server: Handle<S>,
    via: Via,
}

impl<S: SerializerSet> Rig<S> {
    pub(crate) async fn start(via: Via, builder: ServerBuilder<S>) -> Self {
        let any_port = "127.0.0.1:0";
        let builder = match via {
            Via::Memory => builder,
            Via::Tcp => builder.listen(tcp(any_port)),
            Via::Tls => builder.listen(tls(any_port, certificate::tls())),
            Via::Ws => builder.listen(ws(any_port)),
            Via::Wss => builder.listen(wss(any_port, certificate::tls())),
        };
        let server = builder.start().await.expect("a server");
        Self { server, via }
    }

    /// A connection on which nothing was said.
    pub(crate) async fn link(&self) -> Link {
        match self.server.addresses().first() {
            None => Link::Bytes(Box::new(self.server.connect())),
            Some(address) => self.via.dial(*address).await,
        }
    }

    /// A client of ours after its handshake.
    pub(crate) async fn client(&self) -> Client {
        let client = self.try_client(Hello::ours()).await;
        client.expect("an accepted handshake")
    }

    /// Another client after its handshake.
    pub(crate) async fn client_as(&self, hello: Hello) -> Client {
        let client = self.try_client(hello).await;
        client.expect("an accepted handshake")
    }

    pub(crate) async fn try_client(&self, hello: Hello) -> Result<Client, Closed> {
        Client::open(self.link().await, hello).await
    }

    /// How the newest connection that has ended did so; waits until there were `count`.
    pub(crate) async fn newest_close(&self, count: usize) -> pitaya_server::ClosedSession {
        super::until(|| self.server.recent_closes().len() >= count).await;
        let closes = self.server.recent_closes();
        closes.last().cloned().expect("a closed connection")
    }
}

impl<S: SerializerSet> Deref for Rig<S> {
    type Target = Handle<S>;

    fn deref(&self) -> &Handle<S> {
        &self.server
    }
}
