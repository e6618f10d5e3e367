//! How connections come to a server: from its listeners, from the host program, from within the process.

use std::net::SocketAddr;
use std::sync::Arc;

use pitaya_protocol::SerializerSet;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::net::TcpStream;

use crate::admission::Admitted;
use crate::agent::{Agent, Terms};
use crate::handle::Handle;
use crate::life::Accepting;
use crate::peer::{Peer, TransportKind};
use crate::transport::accept::{EstablishError, Io, establish};
use crate::transport::bind::{BindError, Bound, Rest};
use crate::transport::listener::{Listener, ListenerOptions};
use crate::transport::{Stream, Transport, Ws, memory};

impl<S: SerializerSet> Handle<S> {
    /// Listens in addition, on the current runtime: with a socket per worker thread and
    /// [`reuse_port`](Listener::reuse_port), several single-threaded runtimes serve one handle. Returns the address.
    ///
    /// # Errors
    ///
    /// [`BindError`], which names the address.
    pub async fn listen(&self, listener: Listener) -> Result<SocketAddr, BindError> {
        let bound = listener.bind().await?;
        let address = bound.address();
        self.accept_from(bound);
        Ok(address)
    }

    /// Serves a byte stream that the host program accepted, until the connection has ended. The stream is at its first packet.
    pub async fn serve_connection<IO>(&self, io: IO, peer: Peer)
    where
        IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        if let Some(admitted) = self.admit_of_host(&peer) {
            self.attend(Stream::new(io), peer, Terms::default(), admitted)
                .await;
        }
    }

    /// Serves a WebSocket that the host program accepted, until the connection has ended. `io` is the byte stream behind the answer
    /// `101 Switching Protocols`, which the host has sent.
    pub async fn serve_websocket<IO>(&self, io: IO, peer: Peer)
    where
        IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let peer = match peer.transport() {
            TransportKind::SecureWebSocket => peer,
            _ => peer.with_transport(TransportKind::WebSocket),
        };
        if let Some(admitted) = self.admit_of_host(&peer) {
            let ws = Ws::after_upgrade(io, Vec::new(), self.config().limits.handshake_packet_bytes);
            self.attend(ws, peer, Terms::default(), admitted).await;
        }
    }

    /// A client's end of a connection within the process: packets as over TCP.
    #[must_use]
    pub fn connect(&self) -> DuplexStream {
        self.connect_as(Peer::memory())
    }

    /// The same for a peer that the host knows more of.
    #[must_use]
    pub fn connect_as(&self, peer: Peer) -> DuplexStream {
        let (client, server) = memory::pair();
        let handle = self.clone();
        self.connections()
            .spawn(async move { handle.serve_connection(server, peer).await });
        client
    }

    pub(crate) fn accept_from(&self, bound: Bound) {
        let options = bound.options().clone();
        self.listens_on(&options.name, bound.address());
        tracing::info!(listener = &*options.name, address = %bound.address(), "listening");
        #[cfg(unix)]
        self.life().lent.lend(&bound);
        let accepting = Accepting::new(self);
        let handle = self.clone();
        let accepted = move |tcp, remote| handle.accepted(tcp, remote, &options);
        let (deaf, replaced) = (self.life().deaf.clone(), self.life().replaced.clone());
        let stop = async move {
            deaf.cancelled().await;
            if replaced.is_cancelled() {
                Rest::Leave
            } else {
                Rest::Take
            }
        };
        self.connections().spawn(async move {
            bound.accept_loop(accepted, stop).await;
            drop(accepting);
        });
    }

    /// A host may have accepted it after the server was told to stop.
    fn admit_of_host(&self, peer: &Peer) -> Option<Admitted> {
        self.is_running()
            .then(|| self.admit(peer.address()))
            .flatten()
    }

    /// A socket was accepted: everything further is its own task's.
    fn accepted(&self, tcp: TcpStream, remote: SocketAddr, options: &Arc<ListenerOptions>) {
        // Behind a proxy all connections come from one address; the clients' own are known when its header was read.
        let counted = (!options.proxy_protocol).then_some(remote);
        let Some(admitted) = self.admit(counted) else {
            return;
        };
        let (handle, options) = (self.clone(), options.clone());
        let arrival = self.life().arrival();
        self.connections().spawn(Box::pin(async move {
            let establishing = Box::pin(establish(tcp, remote, &options, &handle.config().limits));
            let established = tokio::select! {
                established = establishing => established,
                () = handle.life().refusing.cancelled() => return,
            };
            match established {
                Ok((io, peer)) => {
                    if let Some(admitted) = handle.locate(admitted, peer.address()) {
                        handle.established(io, peer, &options, admitted);
                    }
                }
                Err(error) => {
                    if let EstablishError::Timeout { .. } = error {
                        handle.metrics().limit("establish");
                    }
                    tracing::debug!(listener = &*options.name, %remote, %error, "no connection");
                }
            }
            drop(arrival);
        }));
    }

    /// The connection gets a task of its own size: one task over all transports would be as large as the largest.
    fn established(&self, io: Io, peer: Peer, options: &ListenerOptions, admitted: Admitted) {
        let terms = Terms {
            compression: options.compression,
            serializer: options.serializer,
        };
        match io {
            Io::Tcp(transport) => self.start(transport, peer, terms, admitted),
            Io::Tls(transport) => self.start(transport, peer, terms, admitted),
            Io::Ws(transport) => self.start(transport, peer, terms, admitted),
            Io::Wss(transport) => self.start(transport, peer, terms, admitted),
        }
    }

    fn start<T: Transport>(&self, transport: T, peer: Peer, terms: Terms, admitted: Admitted) {
        self.connections()
            .spawn(Agent::new(self.clone(), transport, peer, terms, admitted));
    }

    /// Serves in the caller's task, but also when the caller goes away: hooks and handlers must run to their end.
    async fn attend<T: Transport>(
        &self,
        transport: T,
        peer: Peer,
        terms: Terms,
        admitted: Admitted,
    ) {
        let agent = Agent::new(self.clone(), transport, peer, terms, admitted);
        // A panic of the task is ours and already reported; there is nothing to add for the host.
        let _ = self.connections().spawn(agent).await;
    }
}
