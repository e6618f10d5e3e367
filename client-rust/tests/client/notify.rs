//! A notify arrives, in order with requests, and ends when it was handed over.

use pitaya_client::{Client, Notify, NotifyError};
use pitaya_protocol::MessageKind;

use crate::support::{Server, Terms};

const SAY: Notify<String> = Notify::new("room.say");

#[tokio::test]
async fn notifies_arrive_in_order() {
    let server = Server::start(Terms::default()).await;
    let builder = Client::builder(server.url());
    let (client, mut peer) = tokio::join!(builder.connect(), server.accept());
    let client = client.unwrap();
    for n in 0..10 {
        client.notify(SAY, &n.to_string()).await.unwrap();
    }
    client.notify_raw("room.raw", "x").await.unwrap();
    for n in 0..10 {
        let said = peer.receive().await.unwrap();
        assert_eq!((said.kind, &*said.route), (MessageKind::Notify, "room.say"));
        assert_eq!(said.body, format!("\"{n}\""));
    }
    assert_eq!(peer.receive().await.unwrap().body, "x");
}

#[tokio::test]
async fn a_closed_client_takes_none() {
    let server = Server::start(Terms::default()).await;
    let builder = Client::builder(server.url());
    let (client, _peer) = tokio::join!(builder.connect(), server.accept());
    let client = client.unwrap();
    client.close().await;
    assert!(matches!(
        client.notify_raw("a.b", "").await,
        Err(NotifyError::NotConnected)
    ));
}
