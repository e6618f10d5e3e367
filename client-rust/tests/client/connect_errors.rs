//! What keeps a client from connecting is told by kind.

use pitaya_client::{Client, ConnectError, Event, State, TransportError};

use crate::support::{LONG, Server, Terms};

#[tokio::test]
async fn each_endpoint_is_told_with_its_error() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = Client::builder([format!("tcp://{address}"), format!("ws://{address}/x")])
        .connect()
        .await;
    let Err(ConnectError::Unreachable(unreachable)) = error else {
        panic!("{error:?}")
    };
    let failures: Vec<_> = unreachable
        .failures
        .iter()
        .map(|(at, error)| (at.to_string(), error))
        .collect();
    assert_eq!(failures.len(), 2);
    assert!(
        failures
            .iter()
            .all(|(_, error)| matches!(error, TransportError::Refused)),
        "{failures:?}"
    );
}

#[tokio::test]
async fn the_second_endpoint_serves_when_the_first_does_not() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("tcp://{}", listener.local_addr().unwrap());
    drop(listener);
    let server = Server::start(Terms::default()).await;
    let builder = Client::builder([closed, server.url()]).race(LONG);
    let (client, _peer) = tokio::join!(builder.connect(), server.accept());
    client.unwrap();
}

#[tokio::test]
async fn each_attempt_that_fails_is_an_event_before_its_state() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("tcp://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::builder(url).start().unwrap();
    let mut events = client.events();
    client.connected().await.unwrap_err();
    let mut told = Vec::new();
    while let Some(event) = events.next().await {
        match event {
            Event::Unreachable(unreachable) => told.push(unreachable.failures.len()),
            Event::State(State::Closed(_)) => told.push(0),
            _ => {}
        }
    }
    assert_eq!(told, [1, 0]);
}
