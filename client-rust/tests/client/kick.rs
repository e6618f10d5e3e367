//! A kick is final, with a body or without one.

use std::future::IntoFuture;

use pitaya_client::{Client, CloseCode, ConnectError, Origin, State};
use pitaya_conformance::mock::{Config, Mock};

use crate::support::{Server, Terms, hasty, mock, until};

/// The kick comes with the end of the handshake: it meets either a client that just connected or one that is about to.
async fn kicked(url: &str) -> pitaya_client::Ended {
    match hasty(url).connect().await {
        Ok(client) => match until(&client, |state| *state != State::Connected).await {
            State::Closed(ended) => ended,
            other => panic!("not closed but {other:?}"),
        },
        Err(ConnectError::Closed(ended)) => ended,
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_empty_kick_ends_the_client() {
    let server = mock(Mock::Kick, Config::default()).await;
    for url in [server.tcp_url(), server.ws_url()] {
        let ended = kicked(&url).await;
        assert_eq!(ended.closed.close.code, CloseCode::Kicked);
        assert_eq!(ended.closed.origin, Origin::Peer);
        assert!(!ended.exhausted);
    }
}

#[tokio::test]
async fn a_kick_says_why() {
    let server = mock(Mock::KickWithReason, Config::default()).await;
    for url in [server.tcp_url(), server.ws_url()] {
        let ended = kicked(&url).await;
        assert_eq!(ended.closed.close.code, CloseCode::Replaced);
        assert_eq!(ended.closed.close.reason, "kicked by the script");
    }
}

#[tokio::test]
async fn streams_end_and_calls_fail_after_a_kick() {
    let server = mock(Mock::Kick, Config::default()).await;
    let client = Client::builder(server.tcp_url()).start().unwrap();
    let mut pushes = client.subscribe_raw("onAnything").unwrap();
    assert!(pushes.next().await.is_none());
    let error = client.request_raw("a.b", "").queued().await.unwrap_err();
    assert!(
        matches!(error, pitaya_client::RequestError::NotConnected),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_kick_is_read_even_if_a_reset_follows_it() {
    let server = Server::start(Terms::default()).await;
    let url = server.url();
    let (client, mut peer) = tokio::join!(hasty(&url).connect(), server.accept());
    let client = client.unwrap();
    // More than the socket takes, so that there is something to write when the reset arrives.
    let stuck = tokio::spawn(client.notify_raw("a.b", vec![0; 8_000_000]).into_future());
    peer.readable().await;
    peer.write(&[5, 0, 0, 0]).await;
    peer.reset();
    let state = until(&client, |state| *state != State::Connected).await;
    let State::Closed(ended) = state else {
        panic!("{state:?}")
    };
    assert_eq!(ended.closed.close.code, CloseCode::Kicked);
    stuck.await.unwrap().ok();
}
