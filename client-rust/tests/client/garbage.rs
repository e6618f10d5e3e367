//! Bytes that are no packet end the connection for good, with a typed reason.

use pitaya_client::{CloseCode, ConnectError, Origin, State};
use pitaya_conformance::mock::{Config, Mock};

use crate::support::{hasty, mock, until};

#[tokio::test]
async fn over_tcp_and_websocket() {
    let server = mock(Mock::Garbage, Config::default()).await;
    for url in [server.tcp_url(), server.ws_url()] {
        let ended = match hasty(&url).connect().await {
            Ok(client) => match until(&client, |state| *state != State::Connected).await {
                State::Closed(ended) => ended,
                other => panic!("{other:?}"),
            },
            Err(ConnectError::Closed(ended)) => ended,
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(ended.closed.close.code, CloseCode::BadPacket);
        assert_eq!(ended.closed.origin, Origin::Fault);
    }
}
