//! Reaching a server, and what keeps a client from it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use pitaya_client::{Client, CloseCode, ConnectError, Origin, Serializer, State, Tls};
use pitaya_conformance::mock::{Config, Mock};
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::support::{
    self, DELAY, ask, closed, connected, hasty, lose, peer, peer_with, sdk, sdk_url, soon,
    two_more, urls,
};

/// An address on which nobody listens.
async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("ws://{}/", listener.local_addr().unwrap())
}

#[tokio::test]
async fn connect() {
    let (server, certificate) = sdk(Duration::from_secs(6)).await;
    for name in ["json-tcp", "json-tls", "json-ws"] {
        let tls = Tls::new().roots_pem(&certificate).unwrap();
        let builder = hasty(&sdk_url(&server, name)).tls(tls);
        let client = soon(builder.connect()).await.unwrap();
        assert_eq!(*client.state().borrow(), State::Connected);
        assert_eq!(client.serializer(), Some(Serializer::Json));
        client.close().await;
        let ended = closed(&client).await.closed;
        assert_eq!(
            (ended.close.code, ended.origin),
            (CloseCode::NORMAL, Origin::Local)
        );
    }
    server.shutdown().await;
}

#[tokio::test]
async fn user_data() {
    let server = peer(Mock::OnDemand).await;
    let builder = hasty(&server.ws_url())
        .user(json!({ "age": 30 }))
        .app("2.1", "20")
        .platform("mac");
    let client = soon(builder.connect()).await.unwrap();
    let handshake = ask(&client, "mock.handshake", "").await;
    assert_eq!(handshake["user"], json!({ "age": 30 }));
    let sys = &handshake["sys"];
    assert_eq!(
        (
            &sys["platform"],
            &sys["clientVersion"],
            &sys["clientBuildNumber"]
        ),
        (&json!("mac"), &json!("2.1"), &json!("20"))
    );
    assert_ne!(sys["libVersion"], "");
}

#[tokio::test]
async fn user_anew() {
    let server = peer(Mock::OnDemand).await;
    let count = AtomicU32::new(1);
    let builder = hasty(&server.ws_url()).user_with(move || {
        let attempt = count.fetch_add(1, Ordering::Relaxed);
        async move { Ok::<_, ConnectError>(json!({ "attempt": attempt })) }
    });
    let client = soon(builder.connect()).await.unwrap();
    let first = ask(&client, "mock.handshake", "").await;
    assert_eq!(first["user"]["attempt"], 1);
    lose(&client).await;
    connected(&client).await;
    let second = ask(&client, "mock.handshake", "").await;
    assert_eq!(second["user"]["attempt"], 2);
}

#[tokio::test]
async fn user_function_fails() {
    let server = peer(Mock::OnDemand).await;
    let builder =
        hasty(&server.ws_url()).user_with(|| async { Err::<(), _>("the token service is away") });
    let error = soon(builder.connect()).await.unwrap_err();
    assert!(
        error.to_string().contains("the token service is away"),
        "{error}"
    );
}

#[tokio::test]
async fn bad_url() {
    let error = Client::builder("http://127.0.0.1:1/")
        .connect()
        .await
        .unwrap_err();
    assert!(matches!(error, ConnectError::Endpoint(_)), "{error:?}");
    assert!(error.to_string().contains("http://127.0.0.1:1/"), "{error}");
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn unreachable() {
    let url = nobody().await;
    let error = soon(hasty(&url).connect()).await.unwrap_err();
    assert!(error.to_string().contains(&url), "{error}");
    assert!(error.is_retryable());
}

#[tokio::test]
async fn first_attempt_repeated() {
    let builder = two_more(&nobody().await).retry_first(true);
    let ended = closed(&builder.start().unwrap()).await;
    assert!(ended.exhausted);
}

#[tokio::test]
async fn connect_aborted() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("tcp://{}", listener.local_addr().unwrap());
    let (mut peer, _) = tokio::select! {
        connected = hasty(&url).connect() => panic!("nobody answers: {connected:?}"),
        accepted = listener.accept() => accepted.unwrap(),
    };
    // Whatever had been sent, then the end.
    soon(peer.read_to_end(&mut Vec::new())).await.unwrap();
}

#[tokio::test]
async fn handshake_timeout() {
    let config = Config::default().delay(Duration::from_secs(30));
    let server = peer_with(Mock::SlowHandshake, config).await;
    for url in urls(&server) {
        let builder = hasty(&url).handshake_timeout(Duration::from_millis(100));
        let error = soon(builder.connect()).await.unwrap_err();
        let ConnectError::Closed(ended) = &error else {
            panic!("{error:?}")
        };
        assert_eq!(ended.closed.close.code, CloseCode::HANDSHAKE_TIMEOUT);
        assert!(error.is_retryable());
    }
}

#[tokio::test]
async fn slow_handshake() {
    let server = peer(Mock::SlowHandshake).await;
    let begin = std::time::Instant::now();
    support::connect(&server.tcp_url()).await;
    assert!(begin.elapsed() >= DELAY);
}

#[tokio::test]
async fn drop_on_ack() {
    let server = peer(Mock::DropOnAck).await;
    for url in urls(&server) {
        let ended = closed(&two_more(&url).retry_first(true).start().unwrap()).await;
        assert!(ended.exhausted);
        let code = ended.closed.close.code;
        assert!(code.reconnect() && !code.is_kick(), "{code:?}");
    }
}

#[tokio::test]
async fn split_frames() {
    let server = peer(Mock::SplitFrames).await;
    for url in urls(&server) {
        let client = support::connect(&url).await;
        for body in ["", "one", "another"] {
            assert_eq!(client.request_raw("a.b", body).await.unwrap(), body);
        }
    }
}
