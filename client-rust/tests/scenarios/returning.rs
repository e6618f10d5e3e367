//! A lost connection comes back.

use std::future::IntoFuture;
use std::time::{Duration, Instant};

use pitaya_client::{Client, CloseCode, Origin, RequestError, State};
use pitaya_conformance::mock::{self, Config, Mock};
use serde_json::json;

use crate::support::{
    ask, backoff, connect, connected, ends, hasty, lose, lost, on_demand, peer, peer_with, soon,
    until, urls,
};

/// A client with a request in flight, which this order ends.
async fn lost_in_flight(order: &'static str) -> Vec<CloseCode> {
    let server = peer(Mock::OnDemand).await;
    let mut codes = Vec::new();
    for url in urls(&server) {
        let client = connect(&url).await;
        let call = tokio::spawn(client.request_raw("mock.silent", "").into_future());
        // Once a later request is answered, the first one is in flight.
        ask(&client, "a.b", "1").await;
        client.notify_raw(order, "").await.unwrap();
        let failed = soon(call).await.unwrap().unwrap_err();
        let RequestError::Disconnected { sent: true, closed } = &failed else {
            panic!("{failed:?}")
        };
        assert!(failed.is_retryable());
        codes.push(closed.close.code);
        connected(&client).await;
        assert_eq!(ask(&client, "a.b", "2").await, 2);
    }
    codes
}

/// That the connection is lost and no attempt is made.
async fn stranded(client: &Client) {
    lose(client).await;
    let mut state = client.state();
    let back = state.wait_for(|state| *state == State::Connected);
    let back = tokio::time::timeout(Duration::from_millis(300), back).await;
    assert!(back.is_err(), "an attempt was made");
}

#[tokio::test]
async fn silent_server() {
    let interval = Duration::from_secs(1);
    let server = peer_with(Mock::NoHeartbeat, Config::default().heartbeat(interval)).await;
    for url in urls(&server) {
        let client = connect(&url).await;
        let begin = Instant::now();
        let cause = lost(&mut client.events()).await;
        // How late it may be depends on the machine; how early does not. The last packet came a moment before it was connected.
        assert!(
            begin.elapsed() > interval * 19 / 10,
            "{:?}",
            begin.elapsed()
        );
        assert_eq!(
            (cause.close.code, cause.origin),
            (CloseCode::HEARTBEAT_TIMEOUT, Origin::Fault)
        );
        connected(&client).await;
    }
}

#[tokio::test]
async fn lost_connection() {
    for code in lost_in_flight("mock.drop").await {
        assert!(
            matches!(code, CloseCode::EOF | CloseCode::TRANSPORT),
            "{code:?}"
        );
    }
}

#[tokio::test]
async fn ended_stream() {
    assert_eq!(
        lost_in_flight("mock.end").await,
        [CloseCode::EOF, CloseCode::EOF]
    );
}

#[tokio::test]
async fn close_with_unknown_code() {
    let (_server, client) = on_demand().await;
    let body = r#"{"code":377,"reason":"unheard of"}"#;
    let mut events = client.events();
    client.notify_raw("mock.kick", body).await.unwrap();
    let close = &lost(&mut events).await.close;
    assert_eq!((close.code.number(), close.reason()), (377, "unheard of"));
    connected(&client).await;
}

#[tokio::test]
async fn close_with_advice() {
    let (_first, client) = on_demand().await;
    let second = peer(Mock::OnDemand).await;
    let delay = Duration::from_millis(300);
    let advice = json!({ "code": 110, "reason": "moving", "retry_after_ms": 300, "endpoint": second.ws_url() });
    let mut events = client.events();
    let begin = Instant::now();
    client
        .notify_raw("mock.kick", advice.to_string())
        .await
        .unwrap();
    let close = &lost(&mut events).await.close;
    assert_eq!(close.code, CloseCode::DRAINING);
    assert_eq!(close.retry_after(), Some(delay.into()));
    connected(&client).await;
    assert!(begin.elapsed() >= delay);
    // Only the other listener has this connection.
    drop(connect(&second.ws_url()).await);
    while ends(&client).await.is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn restart() {
    let (server, client) = on_demand().await;
    let address = server.addr();
    let mut pushes = client.subscribe_raw("onPush").unwrap();
    ask(&client, "mock.push", "1").await;
    let call = tokio::spawn(client.request_raw("mock.silent", "").into_future());
    ask(&client, "a.b", "1").await;
    drop(server);
    let failed = soon(call).await.unwrap().unwrap_err();
    assert!(
        matches!(failed, RequestError::Disconnected { sent: true, .. }),
        "{failed:?}"
    );
    until(&client, |state| matches!(state, State::Reconnecting { .. })).await;
    let _server = loop {
        // The listener's task may hold the port for a moment longer.
        match mock::start(Mock::OnDemand, address).await {
            Ok(server) => break server,
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    };
    connected(&client).await;
    ask(&client, "mock.push", "2").await;
    for body in ["1", "2"] {
        assert_eq!(soon(pushes.next()).await.unwrap().unwrap(), body);
    }
}

#[tokio::test]
async fn reconnect_now() {
    let server = peer(Mock::OnDemand).await;
    let patient = backoff(Duration::from_secs(30));
    let builder = Client::builder(server.ws_url()).reconnect(patient);
    let client = soon(builder.connect()).await.unwrap();
    lose(&client).await;
    until(&client, |state| {
        matches!(
            state,
            State::Reconnecting {
                attempt: 1,
                next: Some(_),
                ..
            }
        )
    })
    .await;
    client.reconnect_now();
    connected(&client).await;
}

#[tokio::test]
async fn pause() {
    let server = peer(Mock::OnDemand).await;
    for url in urls(&server) {
        let client = soon(hasty(&url).connect()).await.unwrap();
        client.pause();
        stranded(&client).await;
        client.resume();
        connected(&client).await;
    }
}

#[tokio::test]
async fn network_change() {
    let (_server, client) = on_demand().await;
    client.set_online(false);
    stranded(&client).await;
    client.set_online(true);
    connected(&client).await;
}
