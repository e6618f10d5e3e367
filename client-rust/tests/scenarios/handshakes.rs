//! What a server may answer to the handshake.

use std::time::Duration;

use pitaya_client::{
    Both, Capabilities, Client, Close, CloseCode, ConnectError, Raw, Request, RequestError,
    Serializer,
};
use pitaya_conformance::mock::Mock;

use crate::support::{ask, connect, hasty, peer, sdk, sdk_url, soon, urls};

/// The close that a handshake leads to, for good.
async fn refusal(mock: Mock, capabilities: Capabilities) -> Close {
    let server = peer(mock).await;
    let mut last = None;
    for url in urls(&server) {
        let builder = hasty(&url).capabilities(capabilities);
        let error = soon(builder.connect()).await.unwrap_err();
        assert!(!error.is_retryable(), "{error:?}");
        let ConnectError::Closed(ended) = error else {
            panic!("{error:?}")
        };
        last = Some(ended.closed.close.clone());
    }
    last.unwrap()
}

#[tokio::test]
async fn serializer_by_handshake() {
    const NOTHING: Request<Raw, Raw> = Request::new("connector.nothing");
    let (server, _) = sdk(Duration::from_secs(6)).await;
    let groups = [
        ("json-ws", Serializer::Json),
        ("protobuf-ws", Serializer::Protobuf),
    ];
    for (name, serializer) in groups {
        let builder = Client::builder(sdk_url(&server, name)).serializers(Both);
        let client = soon(builder.connect()).await.unwrap();
        assert_eq!(client.serializer(), Some(serializer));
        let error = client.request(NOTHING, &Raw::from("")).await.unwrap_err();
        let RequestError::Server(payload) = error else {
            panic!("{error:?}")
        };
        assert_eq!(payload.code, "PIT-404");
    }
    server.shutdown().await;
}

#[tokio::test]
async fn serializer_mismatch() {
    let (server, _) = sdk(Duration::from_secs(6)).await;
    let connected = hasty(&sdk_url(&server, "protobuf-ws")).connect();
    let error = soon(connected).await.unwrap_err();
    assert!(!error.is_retryable());
    assert!(error.to_string().contains("protobuf"), "{error}");
    server.shutdown().await;
}

#[tokio::test]
async fn compressed_handshake() {
    let server = peer(Mock::Compressed).await;
    for url in urls(&server) {
        connect(&url).await;
    }
}

#[tokio::test]
async fn refused() {
    let close = refusal(Mock::Refused, Capabilities::NONE).await;
    assert_eq!(close.code, CloseCode::REFUSED);
    assert!(close.reason().contains("400"), "{}", close.reason());
}

#[tokio::test]
async fn refused_with_reason() {
    let close = refusal(Mock::Refused, Capabilities::ALL).await;
    assert_eq!(close.code, CloseCode::REFUSED);
    assert_eq!(close.reason(), "refused by the script");
}

#[tokio::test]
async fn too_old() {
    let close = refusal(Mock::TooOld, Capabilities::ALL).await;
    assert_eq!(close.code, CloseCode::CLIENT_TOO_OLD);
}

#[tokio::test]
async fn handshake_not_json() {
    let close = refusal(Mock::HandshakeNotJson, Capabilities::ALL).await;
    assert_eq!(close.code, CloseCode::BAD_HANDSHAKE);
}

#[tokio::test]
async fn handshake_without_sys() {
    let server = peer(Mock::HandshakeWithoutSys).await;
    for url in urls(&server) {
        let client = connect(&url).await;
        assert_eq!(client.serializer(), Some(Serializer::Json));
        assert_eq!(ask(&client, "a.b", "[1]").await, serde_json::json!([1]));
    }
}

#[tokio::test]
async fn handshake_bomb() {
    let close = refusal(Mock::HandshakeBomb, Capabilities::ALL).await;
    assert_eq!(close.code, CloseCode::BAD_COMPRESSION);
}
