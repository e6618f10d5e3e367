//! Why a server could not be reached.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::CertificateError;
use thiserror::Error;

use super::pin::{Pin, UnknownKey};
use super::tls::TlsError;
use crate::endpoint::Endpoint;

/// Why one endpoint could not be connected to.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The host name has no address, or the resolver could not be asked.
    #[error("the name `{host}` cannot be resolved")]
    Dns {
        /// The name.
        host: String,
        /// What the resolver said.
        #[source]
        source: Arc<io::Error>,
    },
    /// Nobody listens on that port.
    #[error("the connection was refused")]
    Refused,
    /// Not connected (name, TCP, TLS and HTTP upgrade together) within the time allowed.
    #[error("not connected within {after:?}")]
    TimedOut {
        /// The time that was allowed.
        after: Duration,
    },
    /// The TLS handshake failed.
    #[error("tls: {kind}")]
    Tls {
        /// What failed, to match on.
        kind: TlsFailure,
        /// What the TLS stack said.
        #[source]
        source: Arc<dyn Error + Send + Sync>,
    },
    /// The settings for TLS cannot be used, so no handshake was tried.
    #[error("the tls settings are not usable")]
    TlsSettings(#[source] TlsError),
    /// The certificate is trusted, but its public key is none of the pinned ones.
    #[error("the server's public key {found} is not pinned")]
    PinMismatch {
        /// The key that the server showed.
        found: Pin,
    },
    /// The HTTP server answered the WebSocket upgrade with something other than 101.
    #[error("the websocket upgrade was refused with http status {status}")]
    UpgradeRefused {
        /// The HTTP status.
        status: u16,
    },
    /// The peer's answer to the WebSocket upgrade is not one.
    #[error("the websocket upgrade failed: {reason}")]
    UpgradeFailed {
        /// What is wrong with the answer.
        reason: String,
    },
    /// Any other failure of the operating system or the network.
    #[error("the connection failed")]
    Io(#[source] Arc<io::Error>),
}

impl TransportError {
    /// Whether trying again later could succeed without anybody changing a setting.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Dns { .. } | Self::Refused | Self::TimedOut { .. } | Self::Io(_) => true,
            Self::UpgradeRefused { status } => *status == 429 || *status >= 500,
            Self::Tls { kind, .. } => *kind == TlsFailure::Interrupted,
            Self::TlsSettings(_) | Self::PinMismatch { .. } | Self::UpgradeFailed { .. } => false,
        }
    }

    /// Sorts an error of a TCP connect.
    pub(crate) fn from_tcp(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            _ => Self::Io(Arc::new(error)),
        }
    }

    /// Sorts an error of a TLS handshake, which wraps the error of the TLS stack or is one of the socket.
    pub(crate) fn from_tls(error: &io::Error) -> Self {
        let Some(source) = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<rustls::Error>())
        else {
            return Self::Tls {
                kind: TlsFailure::Interrupted,
                source: Arc::new(rustls::Error::General(error.to_string())),
            };
        };
        if let rustls::Error::InvalidCertificate(CertificateError::Other(other)) = source
            && let Some(unknown) = other.0.downcast_ref::<UnknownKey>()
        {
            return Self::PinMismatch { found: unknown.0 };
        }
        Self::Tls {
            kind: TlsFailure::of(source),
            source: Arc::new(source.clone()),
        }
    }
}

/// What made a TLS handshake fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum TlsFailure {
    /// The certificate is signed by nobody we trust.
    #[error("the certificate's issuer is not trusted")]
    UnknownIssuer,
    /// The certificate is for other host names.
    #[error("the certificate is not for this host name")]
    WrongHost,
    /// The certificate has expired or is not valid yet; the local clock may be wrong as well.
    #[error("the certificate has expired or is not valid yet")]
    Expired,
    /// The certificate was revoked.
    #[error("the certificate was revoked")]
    Revoked,
    /// The certificate is unusable for another reason.
    #[error("the certificate is not acceptable")]
    BadCertificate,
    /// The server ended the handshake with an alert, for example because it wants a client certificate.
    #[error("the server refused the handshake")]
    Alert,
    /// What answers does not speak TLS, or no version and cipher that we do.
    #[error("the server does not speak a tls that we know")]
    NotTls,
    /// The connection ended during the handshake.
    #[error("the connection ended during the handshake")]
    Interrupted,
    /// Anything else; the source says more.
    #[error("the handshake failed")]
    Other,
}

impl TlsFailure {
    fn of(error: &rustls::Error) -> Self {
        use CertificateError as Cert;
        match error {
            rustls::Error::InvalidCertificate(certificate) => match certificate {
                Cert::UnknownIssuer | Cert::BadSignature => Self::UnknownIssuer,
                Cert::NotValidForName | Cert::NotValidForNameContext { .. } => Self::WrongHost,
                Cert::Expired
                | Cert::ExpiredContext { .. }
                | Cert::NotValidYet
                | Cert::NotValidYetContext { .. } => Self::Expired,
                Cert::Revoked => Self::Revoked,
                _ => Self::BadCertificate,
            },
            rustls::Error::NoCertificatesPresented => Self::BadCertificate,
            rustls::Error::AlertReceived(_) => Self::Alert,
            rustls::Error::InvalidMessage(_)
            | rustls::Error::InappropriateMessage { .. }
            | rustls::Error::InappropriateHandshakeMessage { .. }
            | rustls::Error::PeerIncompatible(_) => Self::NotTls,
            _ => Self::Other,
        }
    }
}

/// None of the endpoints could be connected to.
#[derive(Debug, Clone, Error)]
#[error("no server could be reached: {}", list(.failures))]
pub struct Unreachable {
    /// Each endpoint with what went wrong there, in the order in which they failed.
    pub failures: Vec<(Endpoint, TransportError)>,
}

impl Unreachable {
    /// Whether trying again later could succeed: true if it could for any of the endpoints.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.failures.iter().any(|(_, error)| error.is_retryable())
    }
}

fn list(failures: &[(Endpoint, TransportError)]) -> String {
    let parts: Vec<_> = failures
        .iter()
        .map(|(endpoint, error)| format!("{endpoint}: {error}"))
        .collect();
    parts.join("; ")
}
