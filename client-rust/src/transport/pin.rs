//! Public-key pins: certificates that are trusted must also carry a key that the game knows.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64ct::{Base64Unpadded, Encoding as _};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, OtherError, SignatureScheme};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Digits of base64 that 32 bytes are, without the one `=` behind them that is padding (RFC 4648, 4).
const DIGITS: usize = 43;

/// The SHA-256 of a certificate's SubjectPublicKeyInfo, which survives a renewal of the certificate with the same key.
///
/// It is written in base64, with or without the usual `sha256/` prefix:
///
/// ```
/// use pitaya_client::Pin;
///
/// let pin: Pin = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".parse()?;
/// assert_eq!(pin, Pin::new(*pin.as_bytes()));
/// # Ok::<(), pitaya_client::PinError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pin([u8; 32]);

impl Pin {
    /// A pin from the 32 bytes of the hash.
    #[must_use]
    pub const fn new(sha256: [u8; 32]) -> Self {
        Self(sha256)
    }

    /// The 32 bytes of the hash.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn of_certificate(certificate: &CertificateDer<'_>) -> Result<Self, rustls::Error> {
        let parsed = ParsedCertificate::try_from(certificate)?;
        Ok(Self(
            Sha256::digest(parsed.subject_public_key_info()).into(),
        ))
    }
}

impl FromStr for Pin {
    type Err = PinError;

    fn from_str(text: &str) -> Result<Self, PinError> {
        let digits = text.strip_prefix("sha256/").unwrap_or(text);
        let digits = digits.strip_suffix('=').unwrap_or(digits);
        let mut pin = [0; 32];
        match Base64Unpadded::decode(digits, &mut pin) {
            Ok(_) if digits.len() == DIGITS => Ok(Self(pin)),
            _ => Err(PinError {
                text: text.to_owned(),
            }),
        }
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0; DIGITS];
        let digits = Base64Unpadded::encode(&self.0, &mut digits).map_err(|_| fmt::Error)?;
        write!(f, "sha256/{digits}=")
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pin({self})")
    }
}

/// A text that is not the base64 of a SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is not a pin: expected the base64 of 32 bytes")]
pub struct PinError {
    /// The text as it was given.
    pub text: String,
}

/// The server's key is none of the pinned ones. Travels through the TLS stack inside its certificate error.
#[derive(Debug, Error)]
#[error("the public key {0} is not pinned")]
pub(super) struct UnknownKey(pub(super) Pin);

/// Asks another verifier first, then looks the server's own key up in the list.
#[derive(Debug)]
pub(super) struct PinnedVerifier {
    chain: Arc<dyn ServerCertVerifier>,
    pins: Vec<Pin>,
}

impl PinnedVerifier {
    pub(super) fn new(chain: Arc<dyn ServerCertVerifier>, pins: Vec<Pin>) -> Self {
        Self { chain, pins }
    }
}

impl ServerCertVerifier for PinnedVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self.chain.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        )?;
        // Only the server's own certificate: which of the others are part of the trusted path is not known here.
        let found = Pin::of_certificate(end_entity)?;
        if self.pins.contains(&found) {
            return Ok(verified);
        }
        Err(rustls::Error::InvalidCertificate(CertificateError::Other(
            OtherError(Arc::new(UnknownKey(found))),
        )))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}
