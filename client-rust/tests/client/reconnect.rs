//! A lost connection comes back, and calls say whether they had been sent.

use std::future::IntoFuture;
use std::time::Duration;

use pitaya_client::{Backoff, Client, Close, CloseCode, ConnectError, RequestError, State};

use crate::support::{Server, Terms, hasty, until};

#[tokio::test]
async fn requests_and_subscriptions_work_after_the_server_came_back() {
    let server = Server::start(Terms::default()).await;
    let url = server.url();
    let (client, mut peer) = tokio::join!(hasty(&url).connect(), server.accept());
    let client = client.unwrap();
    let mut pushes = client.subscribe_raw("onTick").unwrap();
    peer.push("onTick", "1").await;
    assert_eq!(pushes.next().await.unwrap().unwrap(), "1");

    let in_flight = client.request_raw("a.b", "").into_future();
    let lose = async {
        peer.request_on("a.b").await;
        drop(peer);
    };
    let (lost, ()) = tokio::join!(in_flight, lose);
    let error = lost.unwrap_err();
    assert!(
        matches!(error, RequestError::Disconnected { sent: true, .. }),
        "{error:?}"
    );
    assert!(error.is_retryable() && error.sent());

    let mut peer = server.accept().await;
    until(&client, |state| *state == State::Connected).await;
    peer.push("onTick", "2").await;
    assert_eq!(pushes.next().await.unwrap().unwrap(), "2");
    let answer = async {
        let request = peer.request_on("a.b").await;
        peer.respond(request.id, "back").await;
    };
    let (answered, ()) = tokio::join!(client.request_raw("a.b", "").into_future(), answer);
    assert_eq!(answered.unwrap(), "back");
}

#[tokio::test]
async fn a_drained_client_follows_the_advice() {
    let first = Server::start(Terms::default()).await;
    let second = Server::start(Terms::default()).await;
    let url = first.url();
    let (client, mut peer) = tokio::join!(hasty(&url).connect(), first.accept());
    let client = client.unwrap();
    let advice = Duration::from_millis(150);
    let told = std::time::Instant::now();
    peer.close(
        Close::new(CloseCode::DRAINING)
            .with_retry_after(advice)
            .with_endpoint(second.url()),
    )
    .await;
    let state = until(&client, |state| matches!(state, State::Reconnecting { .. })).await;
    let State::Reconnecting {
        attempt: 1, cause, ..
    } = state
    else {
        panic!("{state:?}")
    };
    assert_eq!(cause.close.code, CloseCode::DRAINING);
    second.accept().await;
    assert!(told.elapsed() >= advice);
}

#[tokio::test]
async fn advice_does_not_lead_out_of_encryption() {
    let server = Server::start(Terms::default()).await;
    let plain = Server::start(Terms::default()).await;
    let secure = "wss://127.0.0.1:9/".to_owned();
    let url = server.url();
    let (client, mut peer) = tokio::join!(
        Client::builder([url, secure])
            .reconnect(hasty_backoff())
            .connect(),
        server.accept()
    );
    let _client = client.unwrap();
    peer.close(Close::new(CloseCode::DRAINING).with_endpoint(plain.url()))
        .await;
    // It comes back to where the application told it to go.
    server.accept().await;
}

fn hasty_backoff() -> Backoff {
    let mut backoff = Backoff::default();
    backoff.base = Duration::from_millis(10).into();
    backoff
}

#[tokio::test]
async fn the_first_attempt_is_repeated_only_if_asked() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("tcp://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = hasty(&url).connect().await.unwrap_err();
    assert!(
        matches!(error, ConnectError::Unreachable(_)) && error.is_retryable(),
        "{error:?}"
    );
    let client = hasty(&url).retry_first(true).start().unwrap();
    until(&client, |state| {
        matches!(state, State::Reconnecting { attempt: 2, .. })
    })
    .await;
}
