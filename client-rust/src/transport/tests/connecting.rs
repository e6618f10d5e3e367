//! Failures of connecting, and the race between endpoints.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

/// An address where nobody listens.
async fn closed_port() -> SocketAddr {
    let (_listener, address) = listener().await;
    address
}

async fn failures(urls: &[String], settings: &Settings) -> Vec<(String, TransportError)> {
    let endpoints: Vec<_> = urls.iter().map(|url| endpoint(url)).collect();
    let failed = dial(&endpoints, settings)
        .await
        .expect_err("nobody should answer");
    failed
        .failures
        .into_iter()
        .map(|(endpoint, error)| (endpoint.to_string(), error))
        .collect()
}

#[tokio::test]
async fn a_closed_port_is_refused() {
    let url = format!("tcp://{}", closed_port().await);
    let failures = failures(std::slice::from_ref(&url), &settings(Tls::new())).await;
    assert!(
        matches!(&failures[..], [(at, TransportError::Refused)] if *at == url),
        "{failures:?}"
    );
}

#[tokio::test]
async fn a_name_without_an_address_is_a_dns_error() {
    let failures = failures(
        &["tcp://nobody.invalid:1".to_owned()],
        &settings(Tls::new()),
    )
    .await;
    let [(_, TransportError::Dns { host, .. })] = &failures[..] else {
        panic!("{failures:?}")
    };
    assert_eq!(host, "nobody.invalid");
}

#[tokio::test]
async fn a_server_that_never_answers_the_upgrade_times_out() {
    let (listener, address) = listener().await;
    let mut settings = settings(Tls::new());
    settings.connect_timeout = Duration::from_millis(50);
    let failures = failures(&[format!("ws://{address}")], &settings).await;
    assert!(
        matches!(&failures[..], [(_, TransportError::TimedOut { .. })]),
        "{failures:?}"
    );
    drop(listener);
}

#[tokio::test]
async fn a_refused_upgrade_tells_the_http_status() {
    let (listener, address) = listener().await;
    tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        let length = tcp.read(&mut request).await.unwrap();
        assert!(request[..length].starts_with(b"GET /game?x=1 HTTP/1.1\r\n"));
        tcp.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            .await
            .unwrap();
    });
    let failures = failures(&[format!("ws://{address}/game?x=1")], &settings(Tls::new())).await;
    assert!(
        matches!(
            &failures[..],
            [(_, TransportError::UpgradeRefused { status: 403 })]
        ),
        "{failures:?}"
    );
}

#[tokio::test]
async fn a_peer_that_speaks_no_http_fails_the_upgrade() {
    let (listener, address) = listener().await;
    tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        tcp.write_all(b"\x01\0\0\x02{}\r\n\r\n").await.unwrap();
        std::future::pending::<()>().await;
    });
    let failures = failures(&[format!("ws://{address}")], &settings(Tls::new())).await;
    assert!(
        matches!(&failures[..], [(_, TransportError::UpgradeFailed { .. })]),
        "{failures:?}"
    );
}

#[tokio::test]
async fn the_next_endpoint_is_tried_when_the_first_is_refused() {
    let closed = endpoint(&format!("tcp://{}", closed_port().await));
    let (_listener, address) = listener().await;
    let open = endpoint(&format!("tcp://{address}"));
    let (chosen, _) = dial(&[closed, open.clone()], &settings(Tls::new()))
        .await
        .unwrap();
    assert_eq!(chosen, open);
}

#[tokio::test]
async fn an_endpoint_that_hangs_is_overtaken() {
    // Accepts TCP by its backlog but never speaks TLS, like a network that swallows what it does not know.
    let (_silent, silent_address) = listener().await;
    let (_listener, address) = listener().await;
    let mut settings = settings(Authority::new().trusted());
    settings.race = Duration::from_millis(20);
    let open = endpoint(&format!("tcp://{address}"));
    let endpoints = [endpoint(&format!("tls://{silent_address}")), open.clone()];
    let (chosen, _) = dial(&endpoints, &settings).await.unwrap();
    assert_eq!(chosen, open);
}

#[tokio::test]
async fn every_endpoint_is_named_when_all_fail() {
    let urls = [
        format!("tcp://{}", closed_port().await),
        "ws://nobody.invalid".to_owned(),
    ];
    let endpoints: Vec<_> = urls.iter().map(|url| endpoint(url)).collect();
    let failed = dial(&endpoints, &settings(Tls::new())).await.unwrap_err();
    let text = failed.to_string();
    assert!(
        text.contains(&format!("{}: the connection was refused", urls[0])),
        "{text}"
    );
    assert!(
        text.contains("ws://nobody.invalid/: the name `nobody.invalid` cannot be resolved"),
        "{text}"
    );
    assert!(failed.is_retryable());
}
