//! Transports against listeners of this process.

mod connecting;
mod moving_bytes;
mod trust;

use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{WantsServerCert, WebPkiClientVerifier};
use rustls::{ConfigBuilder, RootCertStore, ServerConfig, WantsVerifier};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::endpoint::Endpoint;

/// A wait that only a hang can exceed.
const LONG: Duration = Duration::from_secs(30);

fn settings(tls: Tls) -> Settings {
    Settings {
        connect_timeout: LONG,
        race: LONG,
        max_packet: 1024,
        headers: Vec::new(),
        tls: TlsClient::new(tls),
    }
}

async fn dial(
    endpoints: &[Endpoint],
    settings: &Settings,
) -> Result<(Endpoint, Transport), Unreachable> {
    connect(endpoints, settings, tokio::time::Instant::now()).await
}

fn endpoint(url: &str) -> Endpoint {
    url.parse().unwrap()
}

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Receives once, as text: `bytes:..`, `frame:..`, `close:..`, `eof` or an empty one for nothing of interest.
async fn receive(transport: &mut Transport) -> std::io::Result<String> {
    let mut text = String::new();
    poll_fn(|cx| {
        transport.poll_receive(cx, &mut |received| {
            text = match received {
                Received::Bytes(bytes) => format!("bytes:{}", bytes.escape_ascii()),
                Received::Frame(bytes) => format!("frame:{}", bytes.escape_ascii()),
                Received::Close { code, reason } => format!("close:{code} {reason}"),
                Received::Eof => "eof".to_owned(),
            }
        })
    })
    .await?;
    Ok(text)
}

async fn send(transport: &mut Transport, bytes: &[u8]) {
    poll_fn(|cx| Poll::Ready(transport.send(cx, bytes)))
        .await
        .unwrap();
    poll_fn(|cx| transport.poll_flush(cx)).await.unwrap();
}

/// An authority and a server certificate that it signed.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer }
    }

    fn trusted(&self) -> Tls {
        Tls::new().roots_pem(self.issuer.pem().as_bytes()).unwrap()
    }

    fn acceptor(
        &self,
        names: &[&str],
        change: impl FnOnce(&mut CertificateParams),
    ) -> (TlsAcceptor, KeyPair) {
        let names: Vec<_> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let config = server_builder().with_no_client_auth();
        (acceptor(config, certificate, &key), key)
    }

    /// For `localhost`, and only for clients with a certificate of this authority.
    fn demanding_acceptor(&self) -> TlsAcceptor {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        let config = server_builder().with_client_cert_verifier(verifier.build().unwrap());
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        acceptor(config, certificate, &key)
    }
}

fn server_builder() -> ConfigBuilder<ServerConfig, WantsVerifier> {
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
}

fn acceptor(
    config: ConfigBuilder<ServerConfig, WantsServerCert>,
    certificate: Certificate,
    key: &KeyPair,
) -> TlsAcceptor {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    TlsAcceptor::from(Arc::new(
        config
            .with_single_cert(vec![certificate.into()], key)
            .unwrap(),
    ))
}
