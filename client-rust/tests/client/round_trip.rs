//! The round trip is measured with heartbeats where the server returns them, with requests elsewhere.

use std::time::Duration;

use pitaya_client::{Client, Event, RoundTripSource};
use pitaya_conformance::mock::{Config, Mock};

use crate::support::{Server, Terms, mock};

#[tokio::test]
async fn by_returned_heartbeats() {
    let terms = Terms {
        heartbeat: Some(Duration::from_millis(50)),
        ..Terms::default()
    };
    let server = Server::start(terms).await;
    let builder = Client::builder(server.url());
    let (client, mut peer) = tokio::join!(builder.connect(), server.accept());
    let client = client.unwrap();
    let mut events = client.events();
    assert_eq!(client.rtt(), None);
    let measured = tokio::select! {
        event = events.next() => event,
        // Only reading makes the peer's machine return the heartbeat.
        message = peer.receive() => panic!("nothing was sent: {message:?}"),
    };
    let Some(Event::RoundTrip(time)) = measured else {
        panic!("{measured:?}")
    };
    assert_eq!(time.source, RoundTripSource::Heartbeat);
    assert_eq!(client.rtt(), Some(time));
}

#[tokio::test]
async fn by_requests() {
    let delay = Duration::from_millis(40);
    let server = mock(Mock::LateResponse, Config::default().delay(delay)).await;
    let client = Client::builder(server.tcp_url()).connect().await.unwrap();
    client.request_raw("a.b", "").await.unwrap();
    let time = client.rtt().unwrap();
    assert_eq!(time.source, RoundTripSource::Requests);
    assert!(time.time() >= delay, "{time:?}");
}
