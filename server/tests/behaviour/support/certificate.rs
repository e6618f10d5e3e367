//! A certificate for `localhost`, made once, and the trust in it.

use std::sync::{Arc, LazyLock};

use pitaya_server::Tls;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

struct Made {
    certificate: String,
    key: String,
    der: CertificateDer<'static>,
}

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let names = ["localhost".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
    Made {
        certificate: made.cert.pem(),
        key: made.signing_key.serialize_pem(),
        der: made.cert.der().clone(),
    }
});

/// For the server.
pub(super) fn tls() -> Tls {
    Tls::from_pem(&MADE.certificate, &MADE.key).expect("a valid certificate")
}

/// Certificate and key as texts.
pub(crate) fn pem_files() -> (&'static str, &'static str) {
    (&MADE.certificate, &MADE.key)
}

/// For clients.
pub(super) fn trust() -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(MADE.der.clone()).expect("a valid certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}
