//! What a kick ends, and that nothing hides it.

use std::future::IntoFuture;

use pitaya_client::{Client, CloseCode, State};
use pitaya_conformance::mock::{Config, Mock};

use crate::support::{Server, Terms, hasty, mock, until};

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
    assert_eq!(ended.closed.close.code, CloseCode::KICKED);
    stuck.await.unwrap().ok();
}
