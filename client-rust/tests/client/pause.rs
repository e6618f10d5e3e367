//! While the application is paused no connection is tried; when it is back, at once.

use std::time::Duration;

use pitaya_client::{Backoff, Client, State};

use crate::support::{LONG, Server, Terms, until};

#[tokio::test]
async fn a_reconnect_waits_for_the_application() {
    let server = Server::start(Terms::default()).await;
    let mut backoff = Backoff::default();
    backoff.base = LONG.into();
    backoff.max = LONG.into();
    let builder = Client::builder(server.url()).reconnect(backoff);
    let (client, peer) = tokio::join!(builder.connect(), server.accept());
    let client = client.unwrap();
    client.pause();
    drop(peer);
    until(&client, |state| matches!(state, State::Reconnecting { .. })).await;
    client.resume();
    let (_peer, _) = tokio::join!(
        server.accept(),
        until(&client, |state| *state == State::Connected)
    );

    // The same for a network that comes back, and for an impatient player.
    client.set_online(false);
    client.set_online(true);
    client.reconnect_now();
    assert_eq!(*client.state().borrow(), State::Connected);
}

#[tokio::test]
async fn a_paused_client_survives_a_silent_server() {
    let terms = Terms {
        heartbeat: Some(Duration::from_millis(50)),
        ..Terms::default()
    };
    let server = Server::start(terms).await;
    let builder = Client::builder(server.url());
    let (client, mut peer) = tokio::join!(builder.connect(), server.accept());
    let client = client.unwrap();
    client.pause();
    let mut state = client.state();
    state.mark_unchanged();
    let changed = tokio::time::timeout(Duration::from_millis(300), state.changed()).await;
    assert!(changed.is_err(), "{:?}", client.state().borrow());
    // The probe of the return is answered by the server's machine.
    client.resume();
    client.notify_raw("a.b", "").await.unwrap();
    assert_eq!(peer.receive().await.unwrap().route, "a.b");
}
