//! TLS for listeners, with certificates that can be renewed while the server runs.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{Arc, RwLock},
};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::peer::TlsFacts;

/// The certificate and key of one or more listeners. A clone is the same thing: reload one, and all use the new certificate.
///
/// ```no_run
/// use pitaya_server::{Tls, tls};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let certificate = Tls::from_pem_files("game.crt", "game.key")?;
/// let listener = tls("0.0.0.0:3250", certificate.clone());
/// // later, after the files were renewed:
/// certificate.reload()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Tls {
    shared: Arc<Shared>,
}

struct Shared {
    files: Option<Files>,
    /// Locked for the time of cloning the inner `Arc`.
    current: RwLock<Arc<ServerConfig>>,
}

#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

impl Tls {
    /// Reads a certificate chain (the server's own certificate first) and its private key from two PEM files.
    pub fn from_pem_files(
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Result<Self, TlsError> {
        let files = Files {
            certificate: certificate.into(),
            key: key.into(),
        };
        let config = files.load()?;
        Ok(Self::new(Some(files), config))
    }

    /// Takes the PEM texts themselves.
    pub fn from_pem(
        certificate: impl AsRef<[u8]>,
        key: impl AsRef<[u8]>,
    ) -> Result<Self, TlsError> {
        let config = parse(
            certificate.as_ref(),
            key.as_ref(),
            "the given text",
            "the given text",
        )?;
        Ok(Self::new(None, config))
    }

    /// Takes a complete configuration, for client certificates, session tickets or a resolver of the host's own.
    #[must_use]
    pub fn from_config(config: Arc<ServerConfig>) -> Self {
        Self::new(None, config)
    }

    /// Reads the files again. New connections get the new certificate; those that are open go on. After an error the old
    /// certificate stays in use.
    pub fn reload(&self) -> Result<(), TlsError> {
        let files = self.shared.files.as_ref().ok_or(TlsError::NoFiles)?;
        self.replace(files.load()?);
        Ok(())
    }

    /// Uses `config` for new connections; those that are open go on.
    pub fn replace(&self, config: Arc<ServerConfig>) {
        *self
            .shared
            .current
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = config;
    }

    fn new(files: Option<Files>, config: Arc<ServerConfig>) -> Self {
        Self {
            shared: Arc::new(Shared {
                files,
                current: RwLock::new(config),
            }),
        }
    }

    fn current(&self) -> Arc<ServerConfig> {
        let current = self
            .shared
            .current
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        Arc::clone(&current)
    }

    /// Does the handshake.
    pub(super) async fn accept(&self, tcp: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        TlsAcceptor::from(self.current()).accept(tcp).await
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("files", &self.shared.files)
            .finish_non_exhaustive()
    }
}

/// What a finished handshake tells about the peer.
pub(super) fn facts(stream: &TlsStream<TcpStream>) -> TlsFacts {
    let connection = stream.get_ref().1;
    TlsFacts {
        server_name: connection.server_name().map(Into::into),
        alpn: connection.alpn_protocol().map(Into::into),
        version: connection
            .protocol_version()
            .and_then(|version| version.as_str()),
    }
}

impl Files {
    fn load(&self) -> Result<Arc<ServerConfig>, TlsError> {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|source| TlsError::Read {
                path: path.into(),
                source,
            })
        };
        parse(
            &read(&self.certificate)?,
            &read(&self.key)?,
            &self.certificate.display().to_string(),
            &self.key.display().to_string(),
        )
    }
}

fn parse(
    certificate: &[u8],
    key: &[u8],
    certificate_name: &str,
    key_name: &str,
) -> Result<Arc<ServerConfig>, TlsError> {
    let chain = CertificateDer::pem_slice_iter(certificate)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| TlsError::Certificate {
            file: certificate_name.into(),
            reason: error.to_string(),
        })?;
    if chain.is_empty() {
        return Err(TlsError::Certificate {
            file: certificate_name.into(),
            reason: "there is no certificate in it".into(),
        });
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| TlsError::Key {
        file: key_name.into(),
        reason: error.to_string(),
    })?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|source| TlsError::Pair {
            certificate: certificate_name.into(),
            key: key_name.into(),
            source,
        })?;
    Ok(Arc::new(config))
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// There is no PEM certificate chain.
    #[error("no certificate chain in {file}: {reason}")]
    Certificate {
        /// The file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no PEM private key.
    #[error("no private key in {file}: {reason}")]
    Key {
        /// The file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Certificate and key are readable and cannot be used together.
    #[error("certificate {certificate} does not work with key {key}: {source}")]
    Pair {
        /// The certificate's file.
        certificate: String,
        /// The key's file.
        key: String,
        /// What rustls said.
        source: rustls::Error,
    },
    /// This one was not made from files, so there is nothing to read again.
    #[error("only a certificate from files can be reloaded")]
    NoFiles,
}
