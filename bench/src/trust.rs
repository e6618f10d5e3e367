use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    client::Resumption,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tempfile::TempDir;

/// A certificate for this run alone, in files that servers read; gone when dropped.
#[derive(Debug)]
pub struct Trust {
    folder: TempDir,
}

/// Why a certificate could not be made or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// The temporary folder or a file in it.
    #[error("the certificate could not be stored")]
    Store(#[from] io::Error),
    /// Key generation or signing.
    #[error("the certificate could not be made")]
    Make(#[from] rcgen::Error),
    /// A file that holds no certificate or key.
    #[error("the certificate could not be read")]
    Read(#[from] rustls::pki_types::pem::Error),
    /// Refused by the TLS library.
    #[error("the certificate could not be used")]
    Use(#[from] rustls::Error),
}

impl Trust {
    /// Makes a self-signed certificate for `localhost` and `127.0.0.1` (P-256).
    ///
    /// # Errors
    /// See [`TrustError`].
    pub fn make() -> Result<Self, TrustError> {
        let folder = TempDir::with_prefix("pitaya-bench-")?;
        let made = rcgen::generate_simple_self_signed(["localhost".into(), "127.0.0.1".into()])?;
        fs::write(folder.path().join("certificate.pem"), made.cert.pem())?;
        fs::write(
            folder.path().join("key.pem"),
            made.signing_key.serialize_pem(),
        )?;
        Ok(Self { folder })
    }

    /// The certificate's file, PEM.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    /// The private key's file, PEM.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    /// A client that trusts this certificate and nothing else, and never resumes: every
    /// connection of a measurement pays the handshake of a new player.
    ///
    /// # Errors
    /// See [`TrustError`].
    pub fn client(&self) -> Result<Arc<ClientConfig>, TrustError> {
        Self::client_of(&self.certificate())
    }

    /// The same for the certificate in a file.
    ///
    /// # Errors
    /// See [`TrustError`].
    pub fn client_of(certificate: &Path) -> Result<Arc<ClientConfig>, TrustError> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(certificate)?)?;
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.resumption = Resumption::disabled();
        Ok(Arc::new(config))
    }

    /// A server with the certificate and key in these files and the TLS library's defaults.
    ///
    /// # Errors
    /// See [`TrustError`].
    pub fn server(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TrustError> {
        let chain = vec![CertificateDer::from_pem_file(certificate)?];
        let key = PrivateKeyDer::from_pem_file(key)?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        Ok(Arc::new(config))
    }
}
