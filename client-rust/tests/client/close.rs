//! Closing writes what was sent, for all clones, and dropping the last clone closes too.

use pitaya_client::{Client, CloseCode, State};

use crate::support::{Server, Terms};

#[tokio::test]
async fn what_was_sent_arrives_before_the_end() {
    let server = Server::start(Terms::default()).await;
    let builder = Client::builder(server.url());
    let (client, mut peer) = tokio::join!(builder.connect(), server.accept());
    let client = client.unwrap();
    let body = "x".repeat(3_000_000);
    let other = client.clone();
    client.notify_raw("a.b", body.clone()).await.unwrap();
    let (received, ()) = tokio::join!(
        async {
            let received = peer.receive().await.unwrap();
            let end = peer.receive().await;
            drop(peer);
            (received, end)
        },
        other.close()
    );
    assert!(received.0.body == body);
    assert_eq!(received.1, None);
    let State::Closed(ended) = client.state().borrow().clone() else {
        panic!("not closed")
    };
    assert_eq!(ended.closed.close.code, CloseCode::NORMAL);
}

#[tokio::test]
async fn the_last_clone_closes() {
    let server = Server::start(Terms::default()).await;
    let builder = Client::builder(server.url());
    let (client, mut peer) = tokio::join!(builder.connect(), server.accept());
    let client = client.unwrap();
    let clone = client.clone();
    drop(client);
    clone.notify_raw("still.there", "").await.unwrap();
    assert_eq!(peer.receive().await.unwrap().route, "still.there");
    drop(clone);
    assert_eq!(peer.receive().await, None);
}

#[tokio::test]
async fn a_connect_that_is_dropped_leaves_nothing_behind() {
    let server = Server::start(Terms::default()).await;
    let connect = Client::builder(server.url()).connect();
    let mut peer = tokio::select! {
        _ = connect => panic!("nobody has answered"),
        peer = server.connection() => peer,
    };
    // Whatever it had sent, then the end.
    assert_eq!(peer.receive().await, None);
}

#[test]
fn without_a_runtime_there_is_an_error() {
    let started = Client::builder("tcp://127.0.0.1:1").start();
    assert!(matches!(
        started,
        Err(pitaya_client::ConnectError::NoRuntime)
    ));
}
