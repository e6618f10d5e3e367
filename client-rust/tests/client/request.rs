//! A request is answered: typed, raw, many at a time, over TCP and WebSocket.

use std::future::IntoFuture;

use futures_util::future::join_all;
use pitaya_client::{Client, Request};
use pitaya_conformance::mock::{Config, Mock};
use serde::{Deserialize, Serialize};

use crate::support::{Server, Terms, mock};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Line {
    text: String,
}

const ECHO: Request<Line, Line> = Request::new("room.echo");

#[tokio::test]
async fn typed_and_raw_requests_get_their_answers() {
    let server = mock(Mock::NoHeartbeat, Config::default()).await;
    for url in [server.tcp_url(), server.ws_url()] {
        let client = Client::builder(&url).connect().await.unwrap();
        let line = Line {
            text: "a \u{1F600} b".into(),
        };
        assert_eq!(client.request(ECHO, &line).await.unwrap(), line);
        assert_eq!(
            client
                .request_raw("room.echo", &b"\0\xff"[..])
                .await
                .unwrap(),
            &b"\0\xff"[..]
        );
        client.close().await;
    }
}

#[tokio::test]
async fn concurrent_requests_get_each_their_own_answer() {
    let server = mock(Mock::NoHeartbeat, Config::default()).await;
    let client = Client::builder(server.ws_url()).connect().await.unwrap();
    let calls = (0..500).map(|n| client.request_raw("room.echo", n.to_string()).into_future());
    for (n, answer) in join_all(calls).await.into_iter().enumerate() {
        assert_eq!(answer.unwrap(), n.to_string());
    }
}

#[tokio::test]
async fn answers_may_come_in_any_order() {
    let server = Server::start(Terms::default()).await;
    let builder = Client::builder(server.url());
    let (client, mut peer) = tokio::join!(builder.connect(), server.accept());
    let client = client.unwrap();
    let answer = async {
        let first = peer.request_on("a.b").await;
        let second = peer.request_on("c.d").await;
        peer.respond(second.id, "second").await;
        peer.respond(first.id, "first").await;
    };
    let calls = (
        client.request_raw("a.b", "").into_future(),
        client.request_raw("c.d", "").into_future(),
    );
    let (first, second, ()) = tokio::join!(calls.0, calls.1, answer);
    assert_eq!(
        (first.unwrap(), second.unwrap()),
        ("first".into(), "second".into())
    );
}

#[tokio::test]
async fn a_malformed_route_is_told_before_anything_is_sent() {
    let server = mock(Mock::NoHeartbeat, Config::default()).await;
    let client = Client::builder(server.tcp_url()).connect().await.unwrap();
    let error = client.request_raw("nodots", "").await.unwrap_err();
    assert!(
        matches!(error, pitaya_client::RequestError::Route(_)),
        "{error:?}"
    );
    assert!(!error.is_retryable() && !error.sent());
}

#[tokio::test]
async fn an_answer_of_another_type_is_a_decode_error_with_its_source() {
    const NUMBER: Request<Line, u32> = Request::new("room.echo");
    let server = mock(Mock::NoHeartbeat, Config::default()).await;
    let client = Client::builder(server.tcp_url()).connect().await.unwrap();
    let error = client
        .request(
            NUMBER,
            &Line {
                text: String::new(),
            },
        )
        .await
        .unwrap_err();
    assert!(
        matches!(error, pitaya_client::RequestError::Decode(_)),
        "{error:?}"
    );
    assert!(std::error::Error::source(&error).is_some());
}
