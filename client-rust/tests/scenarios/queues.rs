//! Calls while there is no connection.

use std::future::IntoFuture;
use std::time::Duration;

use pitaya_client::{Builder, Client, NotifyError, QueueLimits, RequestError};
use pitaya_conformance::mock::{Mock, MockServer};

use crate::support::{ask, connected, hasty, lose, peer, received, soon};

/// A client that has lost its connection, and makes no attempt before it is resumed.
async fn stranded(settings: impl FnOnce(Builder) -> Builder) -> (MockServer, Client) {
    let server = peer(Mock::OnDemand).await;
    let client = soon(settings(hasty(&server.ws_url())).connect())
        .await
        .unwrap();
    client.pause();
    lose(&client).await;
    (server, client)
}

#[tokio::test]
async fn queue_fail() {
    let (_server, client) = stranded(|builder| builder).await;
    let error = client.request_raw("a.b", "1").await.unwrap_err();
    assert!(matches!(error, RequestError::NotConnected), "{error:?}");
    assert!(error.is_retryable() && !error.sent());
    let error = client.notify_raw("a.b", "1").await.unwrap_err();
    assert!(matches!(error, NotifyError::NotConnected), "{error:?}");
}

#[tokio::test]
async fn queue_wait() {
    let (_server, client) = stranded(|builder| builder).await;
    let (first, second, third, ()) = tokio::join!(
        client.notify_raw("a.b", "1").queued().into_future(),
        client.request_raw("a.b", "2").queued().into_future(),
        client.notify_raw("a.b", "3").queued().into_future(),
        async { client.resume() },
    );
    first.unwrap();
    assert_eq!(second.unwrap(), "2");
    third.unwrap();
    assert_eq!(received(&client).await, ["a.b 1", "a.b 2", "a.b 3"]);
}

#[tokio::test]
async fn queue_latest() {
    let (_server, client) = stranded(|builder| builder).await;
    let set = |body: &'static str, key: &str| {
        let call = client.notify_raw("pos.set", body);
        call.latest_only(key).into_future()
    };
    let (old, other, new, ()) = tokio::join!(
        set("old", "me"),
        set("other", "pet"),
        set("new", "me"),
        async { client.resume() },
    );
    assert!(matches!(old, Err(NotifyError::Superseded)), "{old:?}");
    other.unwrap();
    new.unwrap();
    assert_eq!(received(&client).await, ["pos.set other", "pos.set new"]);
}

#[tokio::test]
async fn queue_limits() {
    let (_server, client) = stranded(|builder| builder).await;
    let limits = QueueLimits::new(1, 100, Duration::from_millis(50));
    let call = |length| {
        let call = client.notify_raw("a.b", vec![b'x'; length]);
        call.queued_within(limits).into_future()
    };
    let large = call(101).await;
    assert!(matches!(large, Err(NotifyError::QueueFull)), "{large:?}");
    let (first, second) = tokio::join!(call(0), call(0));
    assert!(matches!(first, Err(NotifyError::Expired)), "{first:?}");
    assert!(matches!(second, Err(NotifyError::QueueFull)), "{second:?}");
}

#[tokio::test]
async fn queue_held() {
    let (_server, client) = stranded(|builder| builder.hold_queue(true)).await;
    let waiting = tokio::spawn(client.notify_raw("chat.say", "1").queued().into_future());
    tokio::task::yield_now().await;
    client.resume();
    connected(&client).await;
    client.notify_raw("room.join", "2").await.unwrap();
    client.release();
    soon(waiting).await.unwrap().unwrap();
    assert_eq!(received(&client).await, ["room.join 2", "chat.say 1"]);
    assert_eq!(ask(&client, "a.b", "3").await, 3);
}
