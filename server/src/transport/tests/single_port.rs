//! One port serves TCP, TLS, WebSocket and both of the latter together, told apart by the first bytes.

use std::sync::Arc;

use futures_util::SinkExt as _;
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::{client_async, tungstenite::Message};

use super::{Got, receive, sockets};
use crate::{
    limits::Limits,
    peer::{Peer, TransportKind},
    transport::{
        accept::{EstablishError, Io, establish},
        listener::{Listener, any, tls as tls_listener, wss},
        tls::Tls,
    },
};

const HEARTBEAT: [u8; 4] = [3, 0, 0, 0];

fn certificate() -> (Tls, RootCertStore) {
    let made = rcgen::generate_simple_self_signed(["game.test".into()]).expect("a certificate");
    let tls = Tls::from_pem(made.cert.pem(), made.signing_key.serialize_pem()).expect("usable");
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).expect("added");
    (tls, roots)
}

async fn connect_tls(tcp: TcpStream, roots: RootCertStore) -> TlsStream<TcpStream> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("game.test").expect("a name");
    TlsConnector::from(Arc::new(config))
        .connect(name, tcp)
        .await
        .expect("a handshake")
}

async fn websocket<IO: AsyncRead + AsyncWrite + Unpin>(io: IO) -> impl Sized {
    let (mut ws, _) = client_async("ws://game.test/play", io)
        .await
        .expect("upgraded");
    ws.send(Message::binary(HEARTBEAT.to_vec()))
        .await
        .expect("sent");
    ws
}

/// Establishes while a client does its part, then reads what it sent.
async fn serve<T>(
    listener: &Listener,
    client: impl AsyncFnOnce(TcpStream) -> T,
) -> Result<(Got, Peer), EstablishError> {
    let (tcp, server, remote) = sockets().await;
    let limits = Limits::default();
    let (established, _client) = tokio::join!(
        establish(server, remote, &listener.options, &limits),
        client(tcp)
    );
    let (io, peer) = established?;
    assert_eq!(peer.address(), Some(remote));
    let got = match io {
        Io::Tcp(mut io) => receive(&mut io).await,
        Io::Tls(mut io) => receive(&mut io).await,
        Io::Ws(mut io) => receive(&mut io).await,
        Io::Wss(mut io) => receive(&mut io).await,
    };
    Ok((got.expect("read"), peer))
}

#[tokio::test]
async fn plain_packets() {
    let (got, peer) = serve(&any("127.0.0.1:0"), async |mut tcp: TcpStream| {
        tcp.write_all(&HEARTBEAT).await.expect("written");
        tcp
    })
    .await
    .expect("established");
    assert_eq!(
        (got, peer.transport()),
        (Got::Bytes(HEARTBEAT.into()), TransportKind::Tcp)
    );
}

#[tokio::test]
async fn plain_websocket() {
    let (got, peer) = serve(&any("127.0.0.1:0"), async |tcp| websocket(tcp).await)
        .await
        .expect("established");
    assert_eq!(
        (got, peer.transport()),
        (Got::Frame(HEARTBEAT.into()), TransportKind::WebSocket)
    );
    let request = peer.http().expect("the request");
    assert_eq!(request.uri.path(), "/play");
    assert_eq!(request.headers["host"], "game.test");
}

#[tokio::test]
async fn packets_over_tls() {
    let (certificate, roots) = certificate();
    for listener in [
        any("127.0.0.1:0").tls(certificate.clone()),
        tls_listener("127.0.0.1:0", certificate),
    ] {
        let (got, peer) = serve(&listener, async |tcp| {
            let mut tls = connect_tls(tcp, roots.clone()).await;
            tls.write_all(&HEARTBEAT).await.expect("written");
            tls.flush().await.expect("flushed");
            tls
        })
        .await
        .expect("established");
        assert_eq!(
            (got, peer.transport()),
            (Got::Bytes(HEARTBEAT.into()), TransportKind::Tls)
        );
        let facts = peer.tls().expect("facts");
        assert_eq!(facts.server_name.as_deref(), Some("game.test"));
        assert_eq!(facts.version, Some("TLSv1_3"));
    }
}

#[tokio::test]
async fn websocket_over_tls() {
    let (certificate, roots) = certificate();
    for listener in [
        any("127.0.0.1:0").tls(certificate.clone()),
        wss("127.0.0.1:0", certificate),
    ] {
        let (got, peer) = serve(&listener, async |tcp| {
            websocket(connect_tls(tcp, roots.clone()).await).await
        })
        .await
        .expect("established");
        let kind = TransportKind::SecureWebSocket;
        assert_eq!(
            (got, peer.transport()),
            (Got::Frame(HEARTBEAT.into()), kind)
        );
        assert!(peer.tls().is_some() && peer.http().is_some());
    }
}

#[tokio::test]
async fn tls_without_a_certificate_is_refused() {
    let error = serve(&any("127.0.0.1:0"), async |mut tcp: TcpStream| {
        tcp.write_all(&[0x16, 3, 1, 0, 5]).await.expect("written");
        tcp
    })
    .await
    .expect_err("no certificate");
    assert!(matches!(error, EstablishError::NoCertificate), "{error}");
}

#[tokio::test]
async fn a_peer_that_ends_without_a_word_is_no_fault() {
    let error = serve(&any("127.0.0.1:0"), async |tcp: TcpStream| drop(tcp))
        .await
        .expect_err("nothing came");
    assert!(matches!(error, EstablishError::Silent), "{error}");
}

#[tokio::test(start_paused = true)]
async fn silence_has_a_deadline_at_every_step() {
    let (certificate, _) = certificate();
    let cases = [
        (any("127.0.0.1:0"), "first byte"),
        (tls_listener("127.0.0.1:0", certificate), "TLS handshake"),
    ];
    for (listener, step) in cases {
        let error = serve(&listener, async |tcp: TcpStream| tcp)
            .await
            .expect_err("silence");
        assert!(
            matches!(error, EstablishError::Timeout { step: waited, .. } if waited == step),
            "{error}"
        );
    }
}
