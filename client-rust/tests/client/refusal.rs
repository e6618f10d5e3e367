//! A refused handshake is final and told with the server's reason.

use pitaya_client::{Close, CloseCode, ConnectError, State};

use crate::support::{Server, Terms, hasty, until};

#[tokio::test]
async fn connect_reports_it() {
    let server = Server::start(Terms::default()).await;
    let refuse = async {
        let mut peer = server.connection().await;
        peer.refuse(400, Close::new(CloseCode::REFUSED).with_reason("banned"))
            .await;
    };
    let (connected, ()) = tokio::join!(hasty(&server.url()).connect(), refuse);
    let Err(ConnectError::Closed(ended)) = connected else {
        panic!("{connected:?}")
    };
    assert_eq!(
        (ended.closed.close.code, ended.closed.close.reason()),
        (CloseCode::REFUSED, "banned")
    );
}

#[tokio::test]
async fn a_client_that_comes_back_and_is_refused_stays_away() {
    let server = Server::start(Terms::default()).await;
    let (client, mut peer) = {
        let url = server.url();
        tokio::join!(hasty(&url).connect(), server.accept())
    };
    let client = client.unwrap();
    peer.close(Close::new(CloseCode::DRAINING)).await;
    let mut peer = server.connection().await;
    peer.refuse(501, Close::new(CloseCode::CLIENT_TOO_OLD))
        .await;
    let State::Closed(ended) = until(&client, |state| matches!(state, State::Closed(_))).await
    else {
        unreachable!("waited for it")
    };
    assert_eq!(ended.closed.close.code, CloseCode::CLIENT_TOO_OLD);
}
