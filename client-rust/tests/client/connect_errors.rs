//! What keeps a client from connecting is told by kind.

use std::time::Duration;

use pitaya_client::{Client, CloseCode, ConnectError, TransportError};
use pitaya_conformance::mock::{Config, Mock};

use crate::support::{LONG, Server, Terms, mock};

#[tokio::test]
async fn a_bad_url_is_told_before_anything_is_tried() {
    let error = Client::builder("http://a").connect().await.unwrap_err();
    assert!(
        matches!(&error, ConnectError::Endpoint(at) if at.url == "http://a"),
        "{error:?}"
    );
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn each_endpoint_is_told_with_its_error() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = Client::builder([format!("tcp://{address}"), format!("ws://{address}/x")])
        .connect()
        .await;
    let Err(ConnectError::Unreachable(unreachable)) = error else {
        panic!("{error:?}")
    };
    let failures: Vec<_> = unreachable
        .failures
        .iter()
        .map(|(at, error)| (at.to_string(), error))
        .collect();
    assert_eq!(failures.len(), 2);
    assert!(
        failures
            .iter()
            .all(|(_, error)| matches!(error, TransportError::Refused)),
        "{failures:?}"
    );
}

#[tokio::test]
async fn the_second_endpoint_serves_when_the_first_does_not() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("tcp://{}", listener.local_addr().unwrap());
    drop(listener);
    let server = Server::start(Terms::default()).await;
    let builder = Client::builder([closed, server.url()]).race(LONG);
    let (client, _peer) = tokio::join!(builder.connect(), server.accept());
    client.unwrap();
}

#[tokio::test]
async fn a_server_that_does_not_answer_the_handshake_in_time() {
    let server = mock(Mock::SlowHandshake, Config::default().delay(LONG)).await;
    for url in [server.tcp_url(), server.ws_url()] {
        let builder = Client::builder(url).handshake_timeout(Duration::from_millis(50));
        let error = builder.connect().await.unwrap_err();
        let ConnectError::Closed(ended) = &error else {
            panic!("{error:?}")
        };
        assert_eq!(ended.closed.close.code, CloseCode::HandshakeTimeout);
        assert!(error.is_retryable());
    }
}

#[tokio::test]
async fn a_slow_handshake_is_waited_for() {
    let server = mock(
        Mock::SlowHandshake,
        Config::default().delay(Duration::from_millis(200)),
    )
    .await;
    Client::builder(server.tcp_url()).connect().await.unwrap();
}
