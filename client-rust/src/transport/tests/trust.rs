//! Whom a client connects to over TLS.

use rcgen::PublicKeyData;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use super::*;

/// Serves TLS for one connection and greets whoever passes the handshake.
async fn serve(acceptor: TlsAcceptor) -> SocketAddr {
    let (listener, address) = listener().await;
    tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        if let Ok(mut tls) = acceptor.accept(tcp).await {
            tls.write_all(b"hello").await.unwrap();
            tls.flush().await.unwrap();
            tls.shutdown().await.unwrap();
        }
    });
    address
}

async fn attempt(url: String, tls: Tls) -> Result<String, TransportError> {
    match dial(&[endpoint(&url)], &settings(tls)).await {
        // Under TLS 1.3 a refusal of the client's certificate comes after the handshake.
        Ok((_, mut transport)) => Ok(receive(&mut transport)
            .await
            .unwrap_or_else(|error| error.to_string())),
        Err(mut failed) => Err(failed.failures.remove(0).1),
    }
}

#[track_caller]
fn assert_tls(outcome: Result<String, TransportError>, expected: TlsFailure) {
    match outcome {
        Err(TransportError::Tls { kind, .. }) => assert_eq!(kind, expected),
        other => panic!("expected {expected:?}, got {other:?}"),
    }
}

fn pin_of(key: &KeyPair) -> Pin {
    Pin::new(Sha256::digest(key.subject_public_key_info()).into())
}

#[tokio::test]
async fn a_certificate_of_a_given_root_is_trusted() {
    let authority = Authority::new();
    let address = serve(authority.acceptor(&["localhost"], |_| {}).0).await;
    let outcome = attempt(
        format!("tls://localhost:{}", address.port()),
        authority.trusted(),
    )
    .await;
    assert_eq!(outcome.unwrap(), "bytes:hello");
}

#[tokio::test]
async fn an_address_in_the_certificate_is_checked_too() {
    let authority = Authority::new();
    let address = serve(authority.acceptor(&["127.0.0.1"], |_| {}).0).await;
    let outcome = attempt(format!("tls://{address}"), authority.trusted()).await;
    assert_eq!(outcome.unwrap(), "bytes:hello");
}

#[tokio::test]
async fn a_wrong_host_name_is_refused() {
    let authority = Authority::new();
    let address = serve(authority.acceptor(&["other.example"], |_| {}).0).await;
    let outcome = attempt(
        format!("tls://localhost:{}", address.port()),
        authority.trusted(),
    )
    .await;
    assert_tls(outcome, TlsFailure::WrongHost);
}

#[tokio::test]
async fn an_unknown_issuer_is_refused() {
    let authority = Authority::new();
    let address = serve(authority.acceptor(&["localhost"], |_| {}).0).await;
    let url = format!("tls://localhost:{}", address.port());
    assert_tls(
        attempt(url, Authority::new().trusted()).await,
        TlsFailure::UnknownIssuer,
    );
}

#[tokio::test]
async fn the_operating_system_is_asked_by_default() {
    let authority = Authority::new();
    let address = serve(authority.acceptor(&["localhost"], |_| {}).0).await;
    match attempt(format!("tls://localhost:{}", address.port()), Tls::new()).await {
        // A machine without any trusted authority says so.
        Err(TransportError::TlsSettings(TlsError::SystemTrust(_))) => {}
        outcome => assert_tls(outcome, TlsFailure::UnknownIssuer),
    }
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let authority = Authority::new();
    let expired =
        |params: &mut CertificateParams| params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let address = serve(authority.acceptor(&["localhost"], expired).0).await;
    let outcome = attempt(
        format!("tls://localhost:{}", address.port()),
        authority.trusted(),
    )
    .await;
    assert_tls(outcome, TlsFailure::Expired);
}

#[tokio::test]
async fn one_of_the_pinned_keys_is_enough() {
    let authority = Authority::new();
    let (acceptor, key) = authority.acceptor(&["localhost"], |_| {});
    let address = serve(acceptor).await;
    let text: Pin = pin_of(&key).to_string().parse().unwrap();
    let tls = authority.trusted().pin(Pin::new([0; 32])).pin(text);
    let outcome = attempt(format!("tls://localhost:{}", address.port()), tls).await;
    assert_eq!(outcome.unwrap(), "bytes:hello");
}

#[tokio::test]
async fn another_key_is_a_pin_mismatch_that_names_it() {
    let authority = Authority::new();
    let (acceptor, key) = authority.acceptor(&["localhost"], |_| {});
    let address = serve(acceptor).await;
    let tls = authority.trusted().pin(Pin::new([0; 32]));
    let outcome = attempt(format!("tls://localhost:{}", address.port()), tls).await;
    match outcome {
        Err(TransportError::PinMismatch { found }) => assert_eq!(found, pin_of(&key)),
        other => panic!("expected a pin mismatch, got {other:?}"),
    }
}

#[tokio::test]
async fn a_pin_does_not_replace_the_chain_or_the_host_name() {
    let authority = Authority::new();
    let (acceptor, key) = authority.acceptor(&["other.example"], |_| {});
    let address = serve(acceptor).await;
    let url = format!("tls://localhost:{}", address.port());
    assert_tls(
        attempt(url, authority.trusted().pin(pin_of(&key))).await,
        TlsFailure::WrongHost,
    );

    let (acceptor, key) = authority.acceptor(&["localhost"], |_| {});
    let address = serve(acceptor).await;
    let url = format!("tls://localhost:{}", address.port());
    assert_tls(
        attempt(url, Authority::new().trusted().pin(pin_of(&key))).await,
        TlsFailure::UnknownIssuer,
    );
}

#[tokio::test]
async fn a_plaintext_server_is_no_tls_server() {
    let (listener, address) = listener().await;
    tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        tcp.write_all(b"\x01\0\0\x02{}").await.unwrap();
        std::future::pending::<()>().await;
    });
    assert_tls(
        attempt(format!("tls://{address}"), Authority::new().trusted()).await,
        TlsFailure::NotTls,
    );
}

#[tokio::test]
async fn a_connection_that_ends_in_the_handshake_is_interrupted() {
    let (listener, address) = listener().await;
    tokio::spawn(async move { drop(listener.accept().await) });
    let outcome = attempt(format!("tls://{address}"), Authority::new().trusted()).await;
    assert_tls(outcome, TlsFailure::Interrupted);
}

#[test]
fn unusable_settings_say_what_is_wrong() {
    assert!(matches!(
        Tls::new().roots_pem(b"nothing"),
        Err(TlsError::NoCertificate)
    ));
    let broken = b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";
    assert!(matches!(
        Tls::new().roots_pem(broken),
        Err(TlsError::Pem(_))
    ));
    let authority = Authority::new();
    let pem = authority.issuer.pem();
    assert!(matches!(
        Tls::new().identity_pem(pem.as_bytes(), b"no key"),
        Err(TlsError::NoPrivateKey)
    ));
    assert!("sha256/AAAA".parse::<Pin>().is_err());
}

#[tokio::test]
async fn a_client_certificate_with_another_key_is_an_error_of_the_settings() {
    let authority = Authority::new();
    let key = KeyPair::generate().unwrap().serialize_pem();
    let tls = authority
        .trusted()
        .identity_pem(authority.issuer.pem().as_bytes(), key.as_bytes())
        .unwrap();
    let (_listener, address) = listener().await;
    let outcome = attempt(format!("tls://{address}"), tls).await;
    assert!(
        matches!(
            outcome,
            Err(TransportError::TlsSettings(TlsError::Identity(_)))
        ),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_a_server_that_asks() {
    let authority = Authority::new();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["player".to_owned()])
        .unwrap()
        .signed_by(&key, &authority.issuer)
        .unwrap();
    let identity = (certificate.pem(), key.serialize_pem());

    let url = |address: SocketAddr| format!("tls://localhost:{}", address.port());
    let anonymous = attempt(
        url(serve(authority.demanding_acceptor()).await),
        authority.trusted(),
    )
    .await;
    assert_ne!(anonymous.unwrap_or_default(), "bytes:hello");
    let tls = authority
        .trusted()
        .identity_pem(identity.0.as_bytes(), identity.1.as_bytes())
        .unwrap();
    let known = attempt(url(serve(authority.demanding_acceptor()).await), tls).await;
    assert_eq!(known.unwrap(), "bytes:hello");
}
