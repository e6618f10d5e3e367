//! From an accepted socket to a transport: PROXY header, TLS, HTTP upgrade, each with its deadline.

use std::{future::Future, io, net::SocketAddr, time::Duration};

use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::server::TlsStream;

use super::{
    Stream, Ws,
    http::{self, UpgradeError},
    listener::{ListenerOptions, Speaks},
    proxy::{self, ProxyError},
    sniff::{self, Speech},
    tls::{self, Tls},
};
use crate::{
    limits::Limits,
    peer::{Peer, TransportKind},
};

/// A connection that is ready for packets.
///
/// Match it and give each variant a task of its own type: a task over this enum would be as large as the largest.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "moved once, then matched; boxes would stay for the connection's life"
)]
pub(crate) enum Io {
    Tcp(Stream<TcpStream>),
    Tls(Stream<TlsStream<TcpStream>>),
    Ws(Ws<TcpStream>),
    Wss(Ws<TlsStream<TcpStream>>),
}

/// Why a socket did not become a connection. The peer was answered as far as what it speaks allows.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum EstablishError {
    /// The peer ended without a word, as port scanners and health checks do.
    #[error("ended before its first byte")]
    Silent,
    /// A deadline passed.
    #[error("no {step} within {time:?}")]
    Timeout {
        /// What was waited for.
        step: &'static str,
        /// The limit.
        time: Duration,
    },
    /// There is no PROXY header where one is demanded.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// The TLS handshake failed.
    #[error("TLS handshake: {0}")]
    Tls(#[source] io::Error),
    /// The peer speaks TLS to a listener that has no certificate.
    #[error("TLS on a listener without a certificate")]
    NoCertificate,
    /// There is no WebSocket.
    #[error(transparent)]
    Upgrade(#[from] UpgradeError),
    /// The socket broke.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Makes a connection of an accepted socket. Nothing here may hold up the accepting of others, so call it in a task.
pub(crate) async fn establish(
    mut tcp: TcpStream,
    remote: SocketAddr,
    options: &ListenerOptions,
    limits: &Limits,
) -> Result<(Io, Peer), EstablishError> {
    let mut peer = Peer::new(remote);
    if options.proxy_protocol {
        let read = proxy::read(&mut tcp, limits.proxy_bytes);
        let source = within(limits.proxy_timeout, "PROXY header", read).await??;
        if let Some(source) = source {
            peer = Peer::new(source).with_via(remote);
        }
    }
    let speech = match (options.speaks, &options.tls) {
        (Speaks::Packets, None) => Speech::Packets,
        (Speaks::WebSocket, None) => Speech::Http,
        (Speaks::Packets | Speaks::WebSocket, Some(_)) => Speech::Tls,
        (Speaks::Any, _) => within(limits.handshake_timeout, "first byte", sniff::peek(&tcp))
            .await??
            .ok_or(EstablishError::Silent)?,
    };
    match speech {
        Speech::Packets => Ok((Io::Tcp(Stream::new(tcp)), peer)),
        Speech::Http => {
            let (ws, peer) = websocket(tcp, Vec::new(), peer, options, limits).await?;
            Ok((Io::Ws(ws), peer.with_transport(TransportKind::WebSocket)))
        }
        Speech::Tls => {
            let tls = options.tls.as_ref().ok_or(EstablishError::NoCertificate)?;
            secure(tcp, tls, peer, options, limits).await
        }
    }
}

async fn secure(
    tcp: TcpStream,
    tls: &Tls,
    peer: Peer,
    options: &ListenerOptions,
    limits: &Limits,
) -> Result<(Io, Peer), EstablishError> {
    let mut io = within(limits.tls_timeout, "TLS handshake", tls.accept(tcp))
        .await?
        .map_err(EstablishError::Tls)?;
    let peer = peer
        .with_transport(TransportKind::Tls)
        .with_tls(tls::facts(&io));
    let (speech, start) = match options.speaks {
        Speaks::Packets => (Speech::Packets, Vec::new()),
        Speaks::WebSocket => (Speech::Http, Vec::new()),
        Speaks::Any => within(limits.handshake_timeout, "first byte", sniff::read(&mut io))
            .await??
            .ok_or(EstablishError::Silent)?,
    };
    if speech == Speech::Http {
        let (ws, peer) = websocket(io, start, peer, options, limits).await?;
        return Ok((
            Io::Wss(ws),
            peer.with_transport(TransportKind::SecureWebSocket),
        ));
    }
    Ok((Io::Tls(Stream::with_prefix(io, start)), peer))
}

async fn websocket<IO>(
    mut io: IO,
    start: Vec<u8>,
    peer: Peer,
    options: &ListenerOptions,
    limits: &Limits,
) -> Result<(Ws<IO>, Peer), EstablishError>
where
    IO: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let upgraded = http::upgrade(&mut io, start, &options.origins, limits).await?;
    let ws = Ws::after_upgrade(io, upgraded.leftover, limits.handshake_packet_bytes);
    Ok((ws, peer.with_raw_http(upgraded.head)))
}

async fn within<F: Future>(
    time: Duration,
    step: &'static str,
    work: F,
) -> Result<F::Output, EstablishError> {
    timeout(time, work)
        .await
        .map_err(|_| EstablishError::Timeout { step, time })
}
