//! How connections end for good, and who says so.

use std::future::IntoFuture;
use std::time::Duration;

use pitaya_client::{Backoff, Capabilities, CloseCode, Origin, RequestError, State};
use pitaya_conformance::mock::{Config, Mock};

use crate::support::{
    closed, connect, ending, ends, hasty, on_demand, peer, peer_with, soon, two_more, urls,
};

/// The code, the text and the origin of the end after the ack.
async fn end(mock: Mock, capabilities: Capabilities) -> (CloseCode, String, Origin) {
    let server = peer(mock).await;
    let mut ends = Vec::new();
    for url in urls(&server) {
        let ended = ending(hasty(&url).capabilities(capabilities)).await;
        assert!(!ended.exhausted);
        let closed = ended.closed;
        ends.push((
            closed.close.code,
            closed.close.reason().to_owned(),
            closed.origin,
        ));
    }
    let last = ends.pop().unwrap();
    assert_eq!(
        (ends[0].0, ends[0].2),
        (last.0, last.2),
        "over TCP and over WebSocket"
    );
    last
}

#[tokio::test]
async fn heartbeats_are_life() {
    let interval = Duration::from_millis(200);
    let server = peer_with(Mock::Silent, Config::default().heartbeat(interval)).await;
    let client = connect(&server.tcp_url()).await;
    let mut state = client.state();
    state.mark_unchanged();
    let changed = tokio::time::timeout(interval * 5, state.changed()).await;
    assert!(changed.is_err(), "{:?}", client.state().borrow());
}

#[tokio::test]
async fn kick() {
    let (code, _, origin) = end(Mock::Kick, Capabilities::ALL).await;
    assert_eq!((code, origin), (CloseCode::KICKED, Origin::Peer));
}

#[tokio::test]
async fn kick_with_pomelos_reason() {
    let (code, reason, _) = end(Mock::KickWithReason, Capabilities::NONE).await;
    assert_eq!(
        (code, &*reason),
        (CloseCode::KICKED, "kicked by the script")
    );
}

#[tokio::test]
async fn kick_with_reason() {
    let (code, reason, _) = end(Mock::KickWithReason, Capabilities::ALL).await;
    assert_eq!(
        (code, &*reason),
        (CloseCode::REPLACED, "kicked by the script")
    );
}

#[tokio::test]
async fn kick_with_unknown_code() {
    let (_server, client) = on_demand().await;
    let body = r#"{"code":777,"reason":"unheard of"}"#;
    client.notify_raw("mock.kick", body).await.unwrap();
    let close = &closed(&client).await.closed.close;
    assert_eq!((close.code.number(), close.reason()), (777, "unheard of"));
}

#[tokio::test]
async fn garbage() {
    let (code, _, origin) = end(Mock::Garbage, Capabilities::ALL).await;
    assert_eq!((code, origin), (CloseCode::BAD_PACKET, Origin::Fault));
}

#[tokio::test]
async fn half_frame() {
    let server = peer(Mock::HalfFrame).await;
    let ended = ending(hasty(&server.ws_url())).await.closed;
    assert_eq!(
        (ended.close.code, ended.origin),
        (CloseCode::BAD_PACKET, Origin::Fault)
    );
    let builder = two_more(&server.tcp_url()).retry_first(true);
    let ended = closed(&builder.start().unwrap()).await;
    assert!(ended.exhausted);
    assert_eq!(ended.closed.close.code, CloseCode::EOF);
}

#[tokio::test]
async fn reconnect_off() {
    let server = peer(Mock::OnDemand).await;
    let mut never = Backoff::default();
    never.attempts = Some(0);
    let builder = hasty(&server.tcp_url()).reconnect(never);
    let client = soon(builder.connect()).await.unwrap();
    client.notify_raw("mock.drop", "").await.unwrap();
    assert!(closed(&client).await.closed.close.code.reconnect());
    let error = client.request_raw("a.b", "").queued().await.unwrap_err();
    assert!(matches!(error, RequestError::NotConnected), "{error:?}");
}

#[tokio::test]
async fn attempts_exhausted() {
    let server = peer(Mock::OnDemand).await;
    let client = soon(two_more(&server.ws_url()).connect()).await.unwrap();
    drop(server);
    let ended = closed(&client).await;
    assert!(ended.exhausted && !ended.closed.close.code.is_kick());
}

#[tokio::test]
async fn close_with_calls() {
    let (server, other) = on_demand().await;
    let client = connect(&server.ws_url()).await;
    let call = tokio::spawn(client.request_raw("mock.silent", "").into_future());
    // Once a later request is answered, the first one is in flight.
    client.request_raw("a.b", "").await.unwrap();
    client.close().await;
    let failed = soon(call).await.unwrap().unwrap_err();
    assert!(
        matches!(&failed, RequestError::Disconnected { sent: true, closed } if closed.origin == Origin::Local),
        "{failed:?}"
    );
    let State::Closed(ended) = client.state().borrow().clone() else {
        panic!("not closed")
    };
    assert!(!ended.exhausted);
    assert_eq!(ended.closed.close.code, CloseCode::NORMAL);
    while ends(&other).await != ["closed 1000"] {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
