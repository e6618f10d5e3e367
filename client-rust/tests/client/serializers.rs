//! The handshake settles the serializer, within what the payload types can.

use pitaya_client::{
    Both, Builder, Client, CloseCode, ConnectError, Protobuf, Raw, Request, Serializer,
    SerializerSet,
};

use crate::support::{Server, Terms};

const ECHO: Request<Raw, Raw> = Request::new("a.b");

async fn connect_both(serializer: &'static str) -> Client<Both> {
    let server = Server::start(Terms {
        serializer,
        ..Terms::default()
    })
    .await;
    let builder = Client::builder(server.url()).serializers(Both);
    let (client, mut peer) = tokio::join!(builder.connect(), server.accept());
    let client = client.unwrap();
    let offered = peer.request.take().unwrap().sys.serializers;
    assert_eq!(offered, [Serializer::Json, Serializer::Protobuf]);
    let call = async { client.request(ECHO, &Raw::from("x")).await };
    let answer = async {
        let request = peer.request_on("a.b").await;
        peer.respond(request.id, request.body).await;
    };
    let (answered, ()) = tokio::join!(call, answer);
    assert_eq!(answered.unwrap(), Raw::from("x"));
    client
}

#[tokio::test]
async fn a_client_with_both_takes_what_the_server_says() {
    assert_eq!(
        connect_both("json").await.serializer(),
        Some(Serializer::Json)
    );
    assert_eq!(
        connect_both("protobuf").await.serializer(),
        Some(Serializer::Protobuf)
    );
}

/// A client with these settings leaves a server of protobuf.
async fn leaves_protobuf<S: SerializerSet>(settings: impl FnOnce(Builder) -> Builder<S>) {
    let terms = || Terms {
        serializer: "protobuf",
        ..Terms::default()
    };
    let server = Server::start(terms()).await;
    let builder = settings(Client::builder(server.url()));
    let accept = async {
        let mut peer = server.connection().await;
        // The client goes instead of acknowledging.
        tokio::spawn(async move { peer.open(&terms()).await });
    };
    let (connected, ()) = tokio::join!(builder.connect(), accept);
    let Err(ConnectError::Closed(ended)) = connected else {
        panic!("a connection over protobuf")
    };
    let close = &ended.closed.close;
    assert_eq!(close.code, CloseCode::BAD_HANDSHAKE);
    assert!(close.reason().contains("`protobuf`"), "{}", close.reason());
}

#[tokio::test]
async fn a_server_with_another_serializer_is_left() {
    leaves_protobuf(|builder| builder).await;
}

#[tokio::test]
async fn one_serializer_of_a_set_can_be_chosen_at_run_time() {
    leaves_protobuf(|builder| builder.serializers(Both).only_serializer(Serializer::Json)).await;
}

#[tokio::test]
async fn a_pinned_serializer_stands_whatever_the_server_says() {
    let server = Server::start(Terms {
        serializer: "own-format",
        ..Terms::default()
    })
    .await;
    let builder = Client::builder(server.url())
        .serializers(Protobuf)
        .pin_serializer(Serializer::Protobuf);
    let (client, _peer) = tokio::join!(builder.connect(), server.accept());
    assert_eq!(client.unwrap().serializer(), Some(Serializer::Protobuf));
}
