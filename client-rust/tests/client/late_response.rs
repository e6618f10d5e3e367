//! An answer that comes after its request was given up goes to nobody else.

use std::time::Duration;

use pitaya_client::{Client, Event, RequestError};
use pitaya_conformance::mock::{Config, Mock};

use crate::support::mock;

#[tokio::test]
async fn it_is_dropped_and_told() {
    let server = mock(
        Mock::LateResponse,
        Config::default().delay(Duration::from_millis(300)),
    )
    .await;
    let client = Client::builder(server.tcp_url()).connect().await.unwrap();
    let mut events = client.events();
    let early = client
        .request_raw("a.b", "early")
        .timeout(Duration::from_millis(50))
        .await;
    assert!(
        matches!(early, Err(RequestError::Timeout { .. })),
        "{early:?}"
    );
    assert_eq!(
        client.request_raw("a.b", "patient").await.unwrap(),
        "patient"
    );
    loop {
        match events.next().await.unwrap() {
            Event::Unmatched { late } => break assert!(late),
            other => assert!(matches!(other, Event::RoundTrip(_)), "{other:?}"),
        }
    }
}
