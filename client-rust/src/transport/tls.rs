//! Whom a client trusts, and the TLS handshake.

use std::error::Error;
use std::sync::Arc;
use std::{fmt, io};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::error::TransportError;
use super::pin::{Pin, PinnedVerifier};

/// Whom a client trusts over `tls://` and `wss://`, and who it says it is.
///
/// The default asks the operating system's certificate verifier. The host name is always checked; there is no way to
/// switch that off.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let tls = pitaya_client::Tls::new()
///     .roots_pem(&std::fs::read("studio-ca.pem")?)?
///     .pin("sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".parse()?);
/// # Ok(()) }
/// ```
#[derive(Debug, Default)]
pub struct Tls {
    roots: Option<RootCertStore>,
    pins: Vec<Pin>,
    identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
}

impl Tls {
    /// Trust what the operating system trusts, with no pins and no client certificate.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts the certificates of a PEM text instead of the operating system's; may be called again to add more.
    ///
    /// # Errors
    /// The text holds no certificate, or one that cannot be read.
    pub fn roots_pem(mut self, pem: &[u8]) -> Result<Self, TlsError> {
        let roots = self.roots.get_or_insert_with(RootCertStore::empty);
        for certificate in certificates(pem)? {
            roots
                .add(certificate)
                .map_err(|error| TlsError::Roots(Arc::new(error)))?;
        }
        Ok(self)
    }

    /// Also demands that the public key of the server's own certificate is this one or another that was given.
    ///
    /// Ship at least one spare, for the day on which the key has to be replaced.
    #[must_use]
    pub fn pin(mut self, pin: Pin) -> Self {
        self.pins.push(pin);
        self
    }

    /// Shows a certificate to servers that ask for one: its chain, the client's own first, and its private key.
    ///
    /// # Errors
    /// One of the texts holds no certificate, or no private key, that can be read.
    pub fn identity_pem(mut self, chain: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let chain = certificates(chain)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::NoPrivateKey)?;
        self.identity = Some((chain, key));
        Ok(self)
    }

    /// Reads the trust store and makes what handshakes need. This may read files.
    fn connector(&self) -> Result<TlsConnector, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let chain = verifier(self.roots.as_ref(), &provider)?;
        let verifier: Arc<dyn ServerCertVerifier> = match self.pins.is_empty() {
            true => chain,
            false => Arc::new(PinnedVerifier::new(chain, self.pins.clone())),
        };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring supports the default protocol versions")
            // The name is rustls'; both verifiers check chain and host name.
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let config = match &self.identity {
            None => config.with_no_client_auth(),
            Some((chain, key)) => config
                .with_client_auth_cert(chain.clone(), key.clone_key())
                .map_err(|error| TlsError::Identity(Arc::new(error)))?,
        };
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| TlsError::Pem(error.to_string()))?;
    if certificates.is_empty() {
        Err(TlsError::NoCertificate)
    } else {
        Ok(certificates)
    }
}

fn verifier(
    roots: Option<&RootCertStore>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
    let Some(roots) = roots else {
        let system = rustls_platform_verifier::Verifier::new(provider.clone())
            .map_err(|error| TlsError::SystemTrust(Arc::new(error)))?;
        return Ok(Arc::new(system));
    };
    let own =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots.clone()), provider.clone())
            .build()
            .expect(
                "a list of roots that is not empty and has no revocation lists makes a verifier",
            );
    Ok(own)
}

/// A TLS setting that cannot be used.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A PEM text is malformed.
    #[error("the PEM text cannot be read: {0}")]
    Pem(String),
    /// A PEM text has no certificate in it.
    #[error("the PEM text holds no certificate")]
    NoCertificate,
    /// A PEM text has no private key in it.
    #[error("the PEM text holds no private key")]
    NoPrivateKey,
    /// A certificate cannot be used as a root.
    #[error("a root certificate is not usable")]
    Roots(#[source] Arc<dyn Error + Send + Sync>),
    /// The operating system's trust store cannot be used.
    #[error("the operating system's trust store is not usable")]
    SystemTrust(#[source] Arc<dyn Error + Send + Sync>),
    /// The client's certificate and key do not go together.
    #[error("the client certificate is not usable")]
    Identity(#[source] Arc<dyn Error + Send + Sync>),
}

/// Settings, made ready when the first handshake needs them; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct TlsClient {
    settings: Arc<Tls>,
    connector: Arc<OnceCell<Connector>>,
}

impl TlsClient {
    pub(crate) fn new(settings: Tls) -> Self {
        Self {
            settings: Arc::new(settings),
            connector: Arc::default(),
        }
    }

    pub(super) async fn handshake(
        &self,
        host: &str,
        tcp: TcpStream,
    ) -> Result<TlsStream<TcpStream>, TransportError> {
        let connector = self
            .connector
            .get_or_try_init(|| self.make_connector())
            .await?;
        let name = ServerName::try_from(host.to_owned()).map_err(|_| {
            TransportError::Io(Arc::new(io::Error::other(
                "the host is no name that TLS can check",
            )))
        })?;
        connector
            .0
            .connect(name, tcp)
            .await
            .map_err(|error| TransportError::from_tls(&error))
    }

    async fn make_connector(&self) -> Result<Connector, TransportError> {
        let settings = self.settings.clone();
        let made = spawn_blocking(move || settings.connector())
            .await
            .map_err(|error| {
                let stopped = io::Error::other(error);
                TransportError::Io(Arc::new(stopped))
            })?;
        made.map(Connector).map_err(TransportError::TlsSettings)
    }
}

struct Connector(TlsConnector);

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}
