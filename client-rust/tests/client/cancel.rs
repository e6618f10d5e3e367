//! Dropping the future of a request gives it up.

use std::future::IntoFuture;

use pitaya_client::{Client, Event};

use crate::support::{Server, Terms};

#[tokio::test]
async fn the_answer_of_a_dropped_request_goes_to_nobody() {
    let server = Server::start(Terms::default()).await;
    let builder = Client::builder(server.url()).max_in_flight(1);
    let (client, mut peer) = tokio::join!(builder.connect(), server.accept());
    let client = client.unwrap();
    let mut events = client.events();

    let mut call = client.request_raw("a.b", "").into_future();
    let request = tokio::select! {
        answer = &mut call => panic!("nobody answered: {answer:?}"),
        request = peer.request_on("a.b") => request,
    };
    drop(call);
    peer.respond(request.id, "too late").await;
    // With room for one in flight this also shows that the dropped one takes no room.
    let answer = async {
        let request = peer.request_on("c.d").await;
        peer.respond(request.id, "in time").await;
    };
    let (answered, ()) = tokio::join!(client.request_raw("c.d", "").into_future(), answer);
    assert_eq!(answered.unwrap(), "in time");
    assert!(matches!(
        events.next().await,
        Some(Event::Unmatched { late: true })
    ));
}

#[tokio::test]
async fn a_request_that_is_never_awaited_is_never_sent() {
    let server = Server::start(Terms::default()).await;
    let builder = Client::builder(server.url());
    let (client, mut peer) = tokio::join!(builder.connect(), server.accept());
    let client = client.unwrap();
    drop(client.request_raw("a.b", ""));
    drop(client.request_raw("a.b", "").into_future());
    client.notify_raw("c.d", "").await.unwrap();
    assert_eq!(peer.receive().await.unwrap().route, "c.d");
}
