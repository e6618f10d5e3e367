//! Pushes and notifies.

use pitaya_client::{CloseCode, Event, NotifyError, PushError, Subscription};
use pitaya_conformance::mock::Mock;
use serde_json::Value;

use crate::support::{
    ask, closed, connect, ending, hasty, on_demand, peer, received, sdk_client, soon, urls,
};

async fn next(pushes: &mut Subscription<bytes::Bytes>) -> String {
    let push = soon(pushes.next()).await.unwrap().unwrap();
    String::from_utf8(push.to_vec()).unwrap()
}

const KEYS: &str = r#"{"key1":10,"key2":true}"#;

#[tokio::test]
async fn notify() {
    let (_server, client) = on_demand().await;
    for n in 0..10 {
        client.notify_raw("room.say", n.to_string()).await.unwrap();
    }
    let expected: Vec<_> = (0..10).map(|n| format!("room.say {n}")).collect();
    assert_eq!(received(&client).await, expected);
}

#[tokio::test]
async fn notify_to_nowhere() {
    let (_server, client) = sdk_client().await;
    client.notify_raw("connector.nowhere", "{}").await.unwrap();
    ask(&client, "connector.getsessiondata", "").await;
}

#[tokio::test]
async fn notify_unsent() {
    let (_server, client) = on_demand().await;
    client.close().await;
    let unsent = client.notify_raw("a.b", "").await;
    assert!(matches!(unsent, Err(NotifyError::NotConnected)));
}

#[tokio::test]
async fn push_then_answer() {
    let (_server, client) = sdk_client().await;
    let mut pushes = client.subscribe_raw("some.push.route").unwrap();
    let answer = ask(&client, "connector.sendpush", "{}").await;
    assert_eq!(answer["Msg"], "Ok");
    // The push came before the answer: it is there already.
    let push = tokio::select! {
        biased;
        push = pushes.next() => push.unwrap().unwrap(),
        () = std::future::ready(()) => panic!("the answer came first"),
    };
    assert_eq!(push, KEYS);
}

#[tokio::test]
async fn push_to_nobody() {
    let (_server, client) = on_demand().await;
    let mut events = client.events();
    ask(&client, "mock.push", "1").await;
    loop {
        if let Event::Unhandled { route } = soon(events.next()).await.unwrap() {
            break assert_eq!(route, "onPush");
        }
    }
    assert_eq!(ask(&client, "a.b", "2").await, 2);
}

#[tokio::test]
async fn push_overflow() {
    let server = peer(Mock::OnDemand).await;
    let builder = hasty(&server.ws_url()).push_buffer(4);
    let client = soon(builder.connect()).await.unwrap();
    let mut pushes = client.subscribe_raw("onPush").unwrap();
    for n in 0..10 {
        client
            .request_raw("mock.push", n.to_string())
            .await
            .unwrap();
    }
    let missed = soon(pushes.next()).await;
    assert!(matches!(missed, Some(Err(PushError::Lagged { missed: 6 }))));
    for n in 6..10 {
        assert_eq!(next(&mut pushes).await, n.to_string());
    }
}

#[tokio::test]
async fn compressed() {
    let server = peer(Mock::Compressed).await;
    for url in urls(&server) {
        let client = hasty(&url).start().unwrap();
        let mut pushes = client.subscribe_raw("onCompressed").unwrap();
        assert_eq!(next(&mut pushes).await, KEYS);
        let answer = ask(&client, "a.b", "{}").await;
        assert_eq!(answer, serde_json::json!({ "isCompressed": false }));
    }
}

#[tokio::test]
async fn push_bomb() {
    let server = peer(Mock::PushBomb).await;
    for url in urls(&server) {
        let client = hasty(&url).start().unwrap();
        let mut pushes = client.subscribe_raw("onBomb").unwrap();
        assert!(soon(pushes.next()).await.is_none());
        let ended = closed(&client).await.closed;
        assert_eq!(ended.close.code, CloseCode::BAD_COMPRESSION);
    }
}

#[tokio::test]
async fn dictionary_pushes() {
    let server = peer(Mock::Dictionary).await;
    for url in urls(&server) {
        let client = hasty(&url).start().unwrap();
        let codes = [
            ("some.push.route", 2),
            ("onHigh", 515),
            ("onHighest", 65535),
        ];
        let streams =
            codes.map(|(route, code)| (route, code, client.subscribe_raw(route).unwrap()));
        for (route, code, mut pushes) in streams {
            let push: Value = serde_json::from_str(&next(&mut pushes).await).unwrap();
            assert_eq!(push, serde_json::json!({ "code": code, "route": route }));
        }
    }
}

#[tokio::test]
async fn unknown_route_code() {
    let server = peer(Mock::UnknownRouteCode).await;
    for url in urls(&server) {
        let ended = ending(hasty(&url)).await.closed;
        assert_eq!(ended.close.code, CloseCode::BAD_MESSAGE);
    }
}

#[tokio::test]
async fn many_packets_per_frame() {
    let server = peer(Mock::ManyPacketsPerFrame).await;
    for url in urls(&server) {
        let client = hasty(&url).start().unwrap();
        let mut first = client.subscribe_raw("onFirst").unwrap();
        let mut last = client.subscribe_raw("onLast").unwrap();
        for body in ["1", "2"] {
            assert_eq!(next(&mut first).await, r#"{"n":1}"#);
            assert_eq!(next(&mut last).await, r#"{"n":2}"#);
            // The answer brings the next two along.
            assert_eq!(client.request_raw("a.b", body).await.unwrap(), body);
        }
    }
}

#[tokio::test]
async fn text_frame() {
    let server = peer(Mock::TextFrame).await;
    let client = hasty(&server.ws_url()).start().unwrap();
    let mut pushes = client.subscribe_raw("onText").unwrap();
    assert_eq!(next(&mut pushes).await, KEYS);
    assert_eq!(client.request_raw("a.b", "x").await.unwrap(), "x");
    connect(&server.tcp_url()).await;
}
