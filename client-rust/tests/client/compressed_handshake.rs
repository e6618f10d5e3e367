//! A server may deflate its handshake response and every body.

use pitaya_client::{Client, CloseCode, ConnectError, RequestError, State};
use pitaya_conformance::mock::{Config, Mock};

use crate::support::{hasty, mock, until};

#[tokio::test]
async fn everything_is_inflated() {
    let server = mock(Mock::Compressed, Config::default()).await;
    for url in [server.tcp_url(), server.ws_url()] {
        let client = Client::builder(&url).start().unwrap();
        let mut pushes = client.subscribe_raw("onCompressed").unwrap();
        assert_eq!(
            pushes.next().await.unwrap().unwrap(),
            r#"{"key1":10,"key2":true}"#
        );
        let answer = client.request_raw("a.b", "{}").await.unwrap();
        assert_eq!(answer, r#"{"isCompressed":false}"#);
    }
}

#[tokio::test]
async fn an_answer_over_the_limit_fails_its_request_and_ends_the_connection() {
    let server = mock(Mock::Compressed, Config::default()).await;
    // The handshake's response is within this limit, too.
    let limit = r#"{"code":200,"sys":{"dict":{},"heartbeat":6,"serializer":"json"}}"#.len();
    let client = hasty(&server.tcp_url())
        .max_inflated(limit)
        .connect()
        .await
        .unwrap();
    client
        .request_raw("a.b", "{}")
        .await
        .expect("a short one fits");
    client.close().await;

    let error = hasty(&server.tcp_url())
        .max_inflated(limit - 1)
        .connect()
        .await
        .unwrap_err();
    let ConnectError::Closed(ended) = error else {
        panic!("{error:?}")
    };
    assert_eq!(ended.closed.close.code, CloseCode::BadCompression);
}

#[tokio::test]
async fn a_body_that_is_no_zlib_stream_ends_the_connection_for_good() {
    let server = crate::support::Server::start(Default::default()).await;
    let url = server.url();
    let (client, mut peer) = tokio::join!(hasty(&url).connect(), server.accept());
    let client = client.unwrap();
    let answer = async {
        let id = u8::try_from(peer.request_on("a.b").await.id).unwrap();
        // A response (type 2) with the deflated flag: wire 6.1.
        peer.write(&[4, 0, 0, 5, 0x14, id, b'b', b'a', b'd']).await;
    };
    let (answered, ()) = tokio::join!(async { client.request_raw("a.b", "").await }, answer);
    assert!(
        matches!(answered, Err(RequestError::Inflate(_))),
        "{answered:?}"
    );
    let State::Closed(ended) = until(&client, |state| matches!(state, State::Closed(_))).await
    else {
        unreachable!("waited for it")
    };
    assert_eq!(ended.closed.close.code, CloseCode::BadCompression);
}
