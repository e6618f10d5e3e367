//! Pushes arrive as a stream; a reader that falls behind is told how many it missed.

use futures_util::StreamExt as _;
use pitaya_client::{Client, Event, Push, PushError};
use serde::Deserialize;

use crate::support::{Server, Terms};

#[derive(Debug, PartialEq, Deserialize)]
struct Tick {
    n: u32,
}

const ON_TICK: Push<Tick> = Push::new("onTick");

#[tokio::test]
async fn typed_pushes_reach_every_subscription_in_order() {
    let server = Server::start(Terms::default()).await;
    let builder = Client::builder(server.url());
    let (client, mut peer) = tokio::join!(builder.connect(), server.accept());
    let client = client.unwrap();
    let (mut typed, raw) = (
        client.subscribe(ON_TICK),
        client.subscribe_raw("onTick").unwrap(),
    );
    for n in 0..3 {
        peer.push("onTick", format!("{{\"n\":{n}}}")).await;
    }
    peer.push("onTick", "[]").await;
    for n in 0..3 {
        assert_eq!(typed.next().await.unwrap().unwrap(), Tick { n });
    }
    assert!(matches!(
        typed.next().await,
        Some(Err(PushError::Decode(_)))
    ));
    let raw: Vec<_> = raw.take(4).map(Result::unwrap).collect().await;
    assert_eq!(raw, [r#"{"n":0}"#, r#"{"n":1}"#, r#"{"n":2}"#, "[]"]);
}

#[tokio::test]
async fn the_oldest_are_dropped_and_counted() {
    let server = Server::start(Terms::default()).await;
    let builder = Client::builder(server.url()).push_buffer(4);
    let (client, mut peer) = tokio::join!(builder.connect(), server.accept());
    let client = client.unwrap();
    let mut pushes = client.subscribe_raw("onTick").unwrap();
    let mut last = client.subscribe_raw("onLast").unwrap();
    for n in 0..10 {
        peer.push("onTick", n.to_string()).await;
    }
    peer.push("onLast", "").await;
    last.next().await.unwrap().unwrap();
    assert!(matches!(
        pushes.next().await,
        Some(Err(PushError::Lagged { missed: 6 }))
    ));
    for n in 6..10 {
        assert_eq!(pushes.next().await.unwrap().unwrap(), n.to_string());
    }
    peer.push("onTick", "10").await;
    assert_eq!(pushes.next().await.unwrap().unwrap(), "10");
}

#[tokio::test]
async fn bytes_count_too_and_a_large_push_is_held_alone() {
    let server = Server::start(Terms::default()).await;
    let builder = Client::builder(server.url()).push_buffer_bytes(100);
    let (client, mut peer) = tokio::join!(builder.connect(), server.accept());
    let client = client.unwrap();
    let mut pushes = client.subscribe_raw("onTick").unwrap();
    let mut last = client.subscribe_raw("onLast").unwrap();
    let mut sizes = async |bodies: &[usize]| {
        for size in bodies {
            peer.push("onTick", "x".repeat(*size)).await;
        }
        peer.push("onLast", "").await;
        last.next().await.unwrap().unwrap();
    };
    sizes(&[50, 50, 40]).await;
    assert!(matches!(
        pushes.next().await,
        Some(Err(PushError::Lagged { missed: 1 }))
    ));
    sizes(&[60, 1000]).await;
    assert!(matches!(
        pushes.next().await,
        Some(Err(PushError::Lagged { missed: 3 }))
    ));
    assert_eq!(pushes.next().await.unwrap().unwrap().len(), 1000);
    sizes(&[60, 40]).await;
    assert_eq!(pushes.next().await.unwrap().unwrap().len(), 60);
    assert_eq!(pushes.next().await.unwrap().unwrap().len(), 40);
}

#[tokio::test]
async fn a_push_that_nobody_wants_is_an_event() {
    let server = Server::start(Terms::default()).await;
    let builder = Client::builder(server.url());
    let (client, mut peer) = tokio::join!(builder.connect(), server.accept());
    let client = client.unwrap();
    drop(client.subscribe_raw("onTick").unwrap());
    let mut events = client.events();
    peer.push("onTick", "").await;
    let Some(Event::Unhandled { route }) = events.next().await else {
        panic!("expected the route")
    };
    assert_eq!(route, "onTick");
}

#[tokio::test]
async fn streams_end_with_the_client_after_what_was_received() {
    let server = Server::start(Terms::default()).await;
    let builder = Client::builder(server.url());
    let (client, mut peer) = tokio::join!(builder.connect(), server.accept());
    let client = client.unwrap();
    let mut pushes = client.subscribe_raw("onTick").unwrap();
    let mut last = client.subscribe_raw("onLast").unwrap();
    peer.push("onTick", "1").await;
    peer.push("onLast", "").await;
    last.next().await.unwrap().unwrap();
    client.close().await;
    assert_eq!(pushes.next().await.unwrap().unwrap(), "1");
    assert!(pushes.next().await.is_none());
    assert!(
        client
            .subscribe_raw("onTick")
            .unwrap()
            .next()
            .await
            .is_none()
    );
}
