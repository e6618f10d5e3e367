//! A request without an answer ends when its time is over, and not earlier.

use std::time::{Duration, Instant};

use pitaya_client::{Client, RequestError};
use pitaya_conformance::mock::{Config, Mock};

use crate::support::mock;

#[tokio::test]
async fn the_time_of_the_call_counts_and_the_client_stays_connected() {
    let server = mock(Mock::Silent, Config::default()).await;
    let client = Client::builder(server.tcp_url()).connect().await.unwrap();
    let timeout = Duration::from_millis(50);
    let begin = Instant::now();
    let error = client
        .request_raw("a.b", "")
        .timeout(timeout)
        .await
        .unwrap_err();
    assert!(begin.elapsed() >= timeout);
    let RequestError::Timeout { after, sent: true } = error else {
        panic!("{error:?}")
    };
    assert_eq!(after, timeout);
    assert_eq!(*client.state().borrow(), pitaya_client::State::Connected);
}

#[tokio::test]
async fn the_builder_sets_the_usual_time() {
    let server = mock(Mock::Silent, Config::default()).await;
    let builder = Client::builder(server.ws_url()).request_timeout(Duration::from_millis(30));
    let client = builder.connect().await.unwrap();
    let error = client.request_raw("a.b", "").await.unwrap_err();
    assert!(matches!(error, RequestError::Timeout { sent: true, .. }) && error.is_retryable());
}
