//! `tls://` and `wss://` only reach servers that are trusted.

use std::sync::Arc;

use pitaya_client::{Client, ConnectError, Tls, TlsFailure, TransportError};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::support::{Peer, Terms};

/// Serves one connection with a certificate for `name`; the certificate comes back in PEM.
async fn serve(name: &str) -> (u16, String) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed([name.to_owned()]).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![cert.der().clone()],
            PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap(),
        )
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        // A client that does not trust us ends the handshake.
        let Ok(tls) = TlsAcceptor::from(Arc::new(config)).accept(tcp).await else {
            return;
        };
        let mut peer = Peer::new(tls);
        peer.open(&Terms::default()).await;
        while let Some(request) = peer.receive().await {
            peer.respond(request.id, request.body).await;
        }
    });
    (port, cert.pem())
}

#[tokio::test]
async fn a_trusted_server_is_used() {
    let (port, pem) = serve("localhost").await;
    let tls = Tls::new().roots_pem(pem.as_bytes()).unwrap();
    let client = Client::builder(format!("tls://localhost:{port}"))
        .tls(tls)
        .connect()
        .await
        .unwrap();
    assert_eq!(client.request_raw("a.b", "secret").await.unwrap(), "secret");
}

#[tokio::test]
async fn another_host_name_is_not_and_is_not_tried_again() {
    let (port, pem) = serve("other.example").await;
    let tls = Tls::new().roots_pem(pem.as_bytes()).unwrap();
    let builder = Client::builder(format!("tls://localhost:{port}"))
        .tls(tls)
        .retry_first(true);
    let error = builder.connect().await.unwrap_err();
    assert!(!error.is_retryable());
    let ConnectError::Unreachable(unreachable) = error else {
        panic!("{error:?}")
    };
    let [(_, TransportError::Tls { kind, .. })] = &unreachable.failures[..] else {
        panic!("{unreachable:?}")
    };
    assert_eq!(*kind, TlsFailure::WrongHost);
}
