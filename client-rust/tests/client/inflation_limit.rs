//! What is inflated has a limit.

use pitaya_client::{CloseCode, ConnectError};
use pitaya_conformance::mock::{Config, Mock};

use crate::support::{hasty, mock};

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
    assert_eq!(ended.closed.close.code, CloseCode::BAD_COMPRESSION);
}
