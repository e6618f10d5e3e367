//! A server that goes silent is given up, one that beats is not.

use std::time::Duration;

use pitaya_client::{Client, CloseCode, Origin, State};
use pitaya_conformance::mock::{Config, Mock};

use crate::support::{hasty, mock, until};

const INTERVAL: Duration = Duration::from_millis(100);

#[tokio::test]
async fn silence_ends_the_connection_and_the_client_comes_back() {
    let server = mock(Mock::NoHeartbeat, Config::default().heartbeat(INTERVAL)).await;
    for url in [server.tcp_url(), server.ws_url()] {
        let client = hasty(&url).connect().await.unwrap();
        let state = until(&client, |state| matches!(state, State::Reconnecting { .. })).await;
        let State::Reconnecting { cause, .. } = state else {
            unreachable!("waited for it")
        };
        assert_eq!(
            (cause.close.code, cause.origin),
            (CloseCode::HeartbeatTimeout, Origin::Fault)
        );
        until(&client, |state| *state == State::Connected).await;
    }
}

#[tokio::test]
async fn heartbeats_alone_keep_the_connection() {
    let server = mock(Mock::Silent, Config::default().heartbeat(INTERVAL)).await;
    let client = Client::builder(server.tcp_url()).connect().await.unwrap();
    let mut state = client.state();
    state.mark_unchanged();
    // Twice as long as a silent server is waited for.
    let changed = tokio::time::timeout(INTERVAL * 5, state.changed()).await;
    assert!(changed.is_err(), "{:?}", client.state().borrow());
}
