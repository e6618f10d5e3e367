//! A server that a test plays by hand, and shortcuts.

mod peer;

use std::time::Duration;

use pitaya_client::{Backoff, Builder, Client, State};
use pitaya_conformance::mock::{self, Config, Mock, MockServer};

pub(crate) use self::peer::{Peer, Server, Terms};

/// A wait that only a hang can exceed.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// A scripted peer of the conformance crate.
pub(crate) async fn mock(mock: Mock, config: Config) -> MockServer {
    mock::start_with(mock, "127.0.0.1:0".parse().unwrap(), config)
        .await
        .unwrap()
}

/// Waits for a state.
pub(crate) async fn until(client: &Client, wanted: impl FnMut(&State) -> bool) -> State {
    let mut state = client.state();
    let found = tokio::time::timeout(LONG, state.wait_for(wanted)).await;
    found
        .expect("the state does not come")
        .expect("the client ended in another state")
        .clone()
}

/// Settings that come back without a wait worth speaking of.
pub(crate) fn hasty(url: &str) -> Builder {
    let mut backoff = Backoff::default();
    backoff.base = Duration::from_millis(20).into();
    backoff.max = Duration::from_millis(100).into();
    Client::builder(url).reconnect(backoff)
}
