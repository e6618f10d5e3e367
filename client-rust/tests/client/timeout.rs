//! The time of a request without one of its own.

use std::time::Duration;

use pitaya_client::{Client, RequestError};
use pitaya_conformance::mock::{Config, Mock};

use crate::support::mock;

#[tokio::test]
async fn the_builder_sets_the_usual_time() {
    let server = mock(Mock::Silent, Config::default()).await;
    let builder = Client::builder(server.ws_url()).request_timeout(Duration::from_millis(30));
    let client = builder.connect().await.unwrap();
    let error = client.request_raw("a.b", "").await.unwrap_err();
    assert!(matches!(error, RequestError::Timeout { sent: true, .. }) && error.is_retryable());
}
