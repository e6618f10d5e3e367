//! What cannot be sent fails by itself and disturbs nothing else.

use std::error::Error;

use pitaya_client::{Client, Notify, NotifyError, Request, RequestError};
use pitaya_conformance::mock::{Config, Mock};
use serde::{Serialize, Serializer, ser};

use crate::support::mock;

/// A value that JSON cannot carry.
struct Secret;

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(ser::Error::custom("stays here"))
    }
}

#[tokio::test]
async fn a_message_over_16_mib_and_a_value_without_a_form() {
    let server = mock(Mock::NoHeartbeat, Config::default()).await;
    let client = Client::builder(server.tcp_url()).connect().await.unwrap();

    let huge = vec![0; 0xFF_FFFF];
    let error = client.request_raw("a.b", huge.clone()).await.unwrap_err();
    assert!(
        matches!(error, RequestError::TooLarge(_)) && !error.sent() && !error.is_retryable(),
        "{error:?}"
    );
    let error = client.notify_raw("a.b", huge).await.unwrap_err();
    assert!(
        matches!(error, NotifyError::TooLarge(_)) && error.source().is_some(),
        "{error:?}"
    );

    let error = client
        .request(Request::<Secret, ()>::new("a.b"), &Secret)
        .await
        .unwrap_err();
    assert!(
        matches!(error, RequestError::Encode(_)) && !error.sent(),
        "{error:?}"
    );
    let error = client
        .notify(Notify::<Secret>::new("a.b"), &Secret)
        .await
        .unwrap_err();
    assert!(matches!(error, NotifyError::Encode(_)), "{error:?}");

    assert_eq!(client.request_raw("a.b", "fine").await.unwrap(), "fine");
}
