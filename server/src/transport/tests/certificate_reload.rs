//! A certificate is renewed without a restart, and a bad one does not take the place of a good one.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName},
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsConnector;

use super::sockets;
use crate::transport::tls::{Tls, TlsError};

struct Made {
    der: CertificateDer<'static>,
    certificate: String,
    key: String,
}

fn make() -> Made {
    let made = rcgen::generate_simple_self_signed(["game.test".into()]).expect("a certificate");
    Made {
        der: made.cert.der().clone(),
        certificate: made.cert.pem(),
        key: made.signing_key.serialize_pem(),
    }
}

fn write(folder: &Path, made: &Made) {
    std::fs::write(folder.join("game.crt"), &made.certificate).expect("written");
    std::fs::write(folder.join("game.key"), &made.key).expect("written");
}

/// Connects with trust in `trusted` only; gives both ends if the server has that certificate.
async fn connect(
    tls: &Tls,
    trusted: &Made,
) -> Option<(
    tokio_rustls::client::TlsStream<tokio::net::TcpStream>,
    tokio_rustls::server::TlsStream<tokio::net::TcpStream>,
)> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.der.clone()).expect("added");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (client, server, _) = sockets().await;
    let name = ServerName::try_from("game.test").expect("a name");
    let connector = TlsConnector::from(Arc::new(config));
    let (client, server) = tokio::join!(connector.connect(name, client), tls.accept(server));
    Some((client.ok()?, server.ok()?))
}

#[tokio::test]
async fn new_connections_get_the_new_one_and_open_ones_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let (old, new) = (make(), make());
    write(folder.path(), &old);
    let tls = Tls::from_pem_files(
        folder.path().join("game.crt"),
        folder.path().join("game.key"),
    )
    .expect("usable");
    let (mut client, mut server) = connect(&tls, &old).await.expect("the old certificate");

    write(folder.path(), &new);
    tls.clone().reload().expect("reloaded");
    assert!(
        connect(&tls, &new).await.is_some(),
        "the new certificate is in use"
    );
    assert!(connect(&tls, &old).await.is_none(), "the old one is not");

    client.write_all(b"still here").await.expect("written");
    client.flush().await.expect("flushed");
    let mut received = [0; 10];
    server.read_exact(&mut received).await.expect("read");
    assert_eq!(&received, b"still here");
}

#[tokio::test]
async fn after_a_failed_reload_the_old_one_stays_and_the_error_names_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = (
        folder.path().join("game.crt"),
        folder.path().join("game.key"),
    );
    let (good, other) = (make(), make());
    write(folder.path(), &good);
    let tls = Tls::from_pem_files(&certificate, &key).expect("usable");

    std::fs::write(&key, &other.key).expect("written");
    let error = tls.reload().expect_err("not a pair");
    assert!(matches!(error, TlsError::Pair { .. }), "{error}");
    assert!(error.to_string().contains("game.crt") && error.to_string().contains("game.key"));

    std::fs::write(&key, "no key").expect("written");
    let error = tls.reload().expect_err("no key");
    assert!(
        matches!(error, TlsError::Key { .. }) && error.to_string().contains("game.key"),
        "{error}"
    );

    std::fs::write(&certificate, "no certificate").expect("written");
    let error = tls.reload().expect_err("no certificate");
    assert!(matches!(error, TlsError::Certificate { .. }), "{error}");
    assert!(error.to_string().contains("game.crt"), "{error}");

    std::fs::remove_file(&certificate).expect("removed");
    let error = tls.reload().expect_err("no file");
    assert!(
        matches!(error, TlsError::Read { .. }) && error.to_string().contains("game.crt"),
        "{error}"
    );

    assert!(connect(&tls, &good).await.is_some());
}

#[test]
fn one_that_is_not_from_files_says_so() {
    let made = make();
    let tls = Tls::from_pem(&made.certificate, &made.key).expect("usable");
    assert!(matches!(tls.reload(), Err(TlsError::NoFiles)));
}
