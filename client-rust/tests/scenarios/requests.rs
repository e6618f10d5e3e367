//! Requests and what becomes of them.

use std::error::Error as _;
use std::future::IntoFuture;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use pitaya_client::{CloseCode, Event, Events, RequestError, RoundTripSource, State};
use pitaya_conformance::mock::Mock;
use serde::{Serialize, Serializer, ser};
use serde_json::json;

use crate::support::{
    DELAY, ask, closed, connect, hasty, on_demand, peer, sdk, sdk_client, sdk_url, soon, urls,
};

/// Whether the next answer that nobody waits for came late.
async fn unmatched(events: &mut Events) -> bool {
    loop {
        if let Event::Unmatched { late } = soon(events.next()).await.unwrap() {
            return late;
        }
    }
}

#[tokio::test]
async fn request() {
    let (_server, client) = sdk_client().await;
    let body = r#"{"Data":{"list":[1,2.5,null],"name":"a 😀 b"}}"#;
    let set = client.request_raw("connector.setsessiondata", body).await;
    assert_eq!(set.unwrap(), r#"{"Code":200,"Msg":"success"}"#);
    let data = ask(&client, "connector.getsessiondata", "").await;
    assert_eq!(data["Data"]["name"], "a \u{1F600} b");
}

#[tokio::test]
async fn many_requests() {
    let (_server, client) = on_demand().await;
    let calls = (0..100).map(|n| client.request_raw("a.b", n.to_string()).into_future());
    for (n, answer) in join_all(calls).await.into_iter().enumerate() {
        assert_eq!(answer.unwrap(), n.to_string());
    }
}

#[tokio::test]
async fn server_error() {
    let (_server, client) = on_demand().await;
    let payload = r#"{"code":"ROOM-1","msg":"no such room","metadata":{"room":"7"}}"#;
    let error = client.request_raw("mock.fail", payload).await.unwrap_err();
    let RequestError::Server(error) = error else {
        panic!("{error:?}")
    };
    assert_eq!((&*error.code, &*error.msg), ("ROOM-1", "no such room"));
    assert_eq!(error.metadata["room"], "7");
    assert_eq!(ask(&client, "a.b", "1").await, 1);
}

#[tokio::test]
async fn unknown_route() {
    let (_server, client) = sdk_client().await;
    let error = client.request_raw("connector.nowhere", "{}").await;
    let Err(RequestError::Server(error)) = error else {
        panic!("{error:?}")
    };
    assert_eq!(error.code, "PIT-404");
    ask(&client, "connector.getsessiondata", "").await;
}

#[tokio::test]
async fn request_timeout() {
    let server = peer(Mock::Silent).await;
    let client = connect(&server.ws_url()).await;
    let timeout = Duration::from_millis(100);
    let begin = Instant::now();
    let error = client.request_raw("a.b", "").timeout(timeout).await;
    assert!(begin.elapsed() >= timeout);
    let error = error.unwrap_err();
    assert!(
        matches!(error, RequestError::Timeout { after, sent: true } if after == timeout),
        "{error:?}"
    );
    assert!(error.is_retryable());
    assert_eq!(*client.state().borrow(), State::Connected);
}

#[tokio::test]
async fn late_response() {
    let server = peer(Mock::LateResponse).await;
    let client = connect(&server.tcp_url()).await;
    let mut events = client.events();
    let early = client.request_raw("a.b", "early");
    let early = early.timeout(Duration::from_millis(50)).await;
    assert!(
        matches!(early, Err(RequestError::Timeout { .. })),
        "{early:?}"
    );
    let patient = client.request_raw("a.b", "patient").await;
    assert_eq!(patient.unwrap(), "patient");
    assert!(unmatched(&mut events).await);
}

#[tokio::test]
async fn cancel() {
    let server = peer(Mock::LateResponse).await;
    let client = connect(&server.ws_url()).await;
    let mut events = client.events();
    let cancelled = client.request_raw("a.b", "1").into_future();
    // The second call is sent behind the first.
    let both = async { tokio::join!(cancelled, client.request_raw("a.b", "2").into_future()) };
    assert!(tokio::time::timeout(DELAY / 6, both).await.is_err());
    assert_eq!(ask(&client, "a.b", "3").await, 3);
    assert!(unmatched(&mut events).await);
    assert!(unmatched(&mut events).await);
}

#[tokio::test]
async fn corrupt_body() {
    let server = peer(Mock::CorruptBody).await;
    for url in urls(&server) {
        let client = connect(&url).await;
        let failed = client.request_raw("a.b", "1").await;
        assert!(
            matches!(failed, Err(RequestError::Inflate(_))),
            "{failed:?}"
        );
        let ended = closed(&client).await.closed;
        assert_eq!(ended.close.code, CloseCode::BAD_COMPRESSION);
    }
}

#[tokio::test]
async fn dictionary_request() {
    let server = peer(Mock::Dictionary).await;
    let client = connect(&server.ws_url()).await;
    for (route, coded) in [("connector.echo", true), ("connector.other", false)] {
        let answer = ask(&client, route, "").await;
        assert_eq!(answer, json!({ "byCode": coded, "route": route }));
    }
}

#[tokio::test]
async fn unknown_answer() {
    let server = peer(Mock::UnknownAnswer).await;
    for url in urls(&server) {
        let client = hasty(&url).start().unwrap();
        let mut events = client.events();
        assert!(!unmatched(&mut events).await);
        assert_eq!(ask(&client, "a.b", "1").await, 1);
    }
}

#[tokio::test]
async fn route_too_long() {
    let (_server, client) = on_demand().await;
    let route = |letters| format!("a.{}", "b".repeat(letters));
    let error = client.request_raw(&route(254), "1").await.unwrap_err();
    assert!(
        matches!(error, RequestError::Route(_) | RequestError::TooLarge(_)) && !error.sent(),
        "{error:?}"
    );
    assert_eq!(ask(&client, &route(253), "1").await, 1);
}

#[tokio::test]
async fn body_too_large() {
    let (_server, client) = on_demand().await;
    let call = client.request_raw("a.b", vec![0; 0xff_ffff + 1]);
    let error = call.await.unwrap_err();
    assert!(
        matches!(error, RequestError::TooLarge(_)) && !error.sent(),
        "{error:?}"
    );
    assert_eq!(ask(&client, "a.b", "1").await, 1);
}

/// A value that JSON cannot carry.
struct Formless;

impl Serialize for Formless {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(ser::Error::custom("stays here"))
    }
}

#[tokio::test]
async fn body_without_form() {
    const TAKE: pitaya_client::Request<Formless, ()> = pitaya_client::Request::new("a.b");
    let (_server, client) = on_demand().await;
    let error = client.request(TAKE, &Formless).await.unwrap_err();
    assert!(matches!(error, RequestError::Encode(_)), "{error:?}");
    assert!(error.source().is_some() && !error.sent());
    assert_eq!(ask(&client, "a.b", "1").await, 1);
}

#[tokio::test]
async fn answer_unreadable() {
    const BROKEN: pitaya_client::Request<u32, u32> = pitaya_client::Request::new("mock.broken");
    let (_server, client) = on_demand().await;
    let error = client.request(BROKEN, &1).await.unwrap_err();
    assert!(matches!(error, RequestError::Decode(_)), "{error:?}");
    assert!(error.source().is_some());
    assert_eq!(ask(&client, "a.b", "1").await, 1);
}

#[tokio::test]
async fn rtt_by_requests() {
    let server = peer(Mock::LateResponse).await;
    let client = connect(&server.ws_url()).await;
    assert_eq!(client.rtt(), None);
    client.request_raw("a.b", "").await.unwrap();
    let measured = client.rtt().unwrap();
    assert_eq!(measured.source, RoundTripSource::Requests);
    assert!(measured.time() >= DELAY, "{measured:?}");
}

#[tokio::test]
async fn rtt_by_heartbeats() {
    let (server, _) = sdk(Duration::from_secs(1)).await;
    let client = connect(&sdk_url(&server, "json-ws")).await;
    let mut events = client.events();
    let measured = loop {
        if let Event::RoundTrip(measured) = soon(events.next()).await.unwrap() {
            break measured;
        }
    };
    assert_eq!(measured.source, RoundTripSource::Heartbeat);
    client.close().await;
    server.shutdown().await;
}
