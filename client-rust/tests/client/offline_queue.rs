//! What becomes of calls while there is no connection is decided call by call.

use std::future::IntoFuture;
use std::time::Duration;

use pitaya_client::{Client, NotifyError, QueueLimits, RequestError, State};

use crate::support::{Server, Terms, hasty, until};

/// A client that lost its server, which does not take it back yet.
async fn stranded(server: &Server) -> Client {
    let url = server.url();
    let (client, peer) = tokio::join!(hasty(&url).connect(), server.accept());
    let client = client.unwrap();
    drop(peer);
    until(&client, |state| matches!(state, State::Reconnecting { .. })).await;
    client
}

#[tokio::test]
async fn by_default_calls_fail_at_once() {
    let server = Server::start(Terms::default()).await;
    let client = stranded(&server).await;
    let error = client.request_raw("a.b", "").await.unwrap_err();
    assert!(
        matches!(error, RequestError::NotConnected) && !error.sent(),
        "{error:?}"
    );
    assert!(matches!(
        client.notify_raw("a.b", "").await,
        Err(NotifyError::NotConnected)
    ));
}

#[tokio::test]
async fn queued_calls_are_sent_in_order_after_the_return() {
    let server = Server::start(Terms::default()).await;
    let client = stranded(&server).await;
    let calls = ["1", "2", "3"]
        .map(|body| tokio::spawn(client.notify_raw("a.b", body).queued().into_future()));
    tokio::task::yield_now().await;
    let mut peer = server.accept().await;
    for body in ["1", "2", "3"] {
        assert_eq!(peer.receive().await.unwrap().body, body);
    }
    for call in calls {
        call.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn the_latest_takes_the_place_of_the_older() {
    let server = Server::start(Terms::default()).await;
    let client = stranded(&server).await;
    let call = |body, key: &str| {
        tokio::spawn(
            client
                .notify_raw("pos.set", body)
                .latest_only(key)
                .into_future(),
        )
    };
    let (old, other) = (call("old", "me"), call("other", "pet"));
    tokio::task::yield_now().await;
    let new = call("new", "me");
    assert!(matches!(old.await.unwrap(), Err(NotifyError::Superseded)));
    let mut peer = server.accept().await;
    assert_eq!(peer.receive().await.unwrap().body, "other");
    assert_eq!(peer.receive().await.unwrap().body, "new");
    other.await.unwrap().unwrap();
    new.await.unwrap().unwrap();
}

#[tokio::test]
async fn the_queue_is_bounded_in_calls_and_bytes_and_time() {
    let server = Server::start(Terms::default()).await;
    let client = stranded(&server).await;
    let limits = QueueLimits::new(1, 100, Duration::from_millis(30));
    let large = client
        .notify_raw("a.b", vec![0; 101])
        .queued_within(limits)
        .await;
    assert!(matches!(large, Err(NotifyError::QueueFull)), "{large:?}");
    let (first, second) = tokio::join!(
        client
            .notify_raw("a.b", "")
            .queued_within(limits)
            .into_future(),
        client
            .notify_raw("a.b", "")
            .queued_within(limits)
            .into_future(),
    );
    assert!(matches!(first, Err(NotifyError::Expired)), "{first:?}");
    assert!(matches!(second, Err(NotifyError::QueueFull)), "{second:?}");
}

#[tokio::test]
async fn a_held_queue_waits_for_its_release() {
    let server = Server::start(Terms::default()).await;
    let url = server.url();
    let builder = hasty(&url).hold_queue(true);
    let client = builder.start().unwrap();
    let held = tokio::spawn(client.notify_raw("chat.say", "held").queued().into_future());
    tokio::task::yield_now().await;
    let mut peer = server.accept().await;
    until(&client, |state| *state == State::Connected).await;
    client.notify_raw("room.join", "").await.unwrap();
    client.release();
    assert_eq!(peer.receive().await.unwrap().route, "room.join");
    assert_eq!(peer.receive().await.unwrap().route, "chat.say");
    held.await.unwrap().unwrap();
}

#[tokio::test]
async fn requests_in_flight_are_bounded() {
    let server = Server::start(Terms::default()).await;
    let builder = Client::builder(server.url()).max_in_flight(2);
    let (client, _peer) = tokio::join!(builder.connect(), server.accept());
    let client = client.unwrap();
    let call = || client.request_raw("a.b", "").into_future();
    tokio::select! {
        _ = async { tokio::join!(call(), call()) } => panic!("nobody answers"),
        third = async { tokio::task::yield_now().await; call().await } => {
            assert!(matches!(third, Err(RequestError::QueueFull)), "{third:?}");
        }
    }
}
