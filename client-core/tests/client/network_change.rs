//! News of the network: no attempts without one, an attempt at once when it comes, and a check of the connection when it changes.

use pitaya_client_core::{CloseCode, Config, Input, State};

use crate::support::{Door, Link, Pair, millis, secs};

#[test]
fn without_a_network_nothing_is_tried() {
    let mut pair = Pair::connected(Config::new(1));
    pair.input(Input::Offline);
    assert_eq!(pair.client.state(), &State::Connected);
    pair.server_dies();
    pair.advance(secs(3600));
    assert_eq!(pair.reconnecting().0, 1);
    pair.input(Input::Online);
    assert_eq!(pair.client.state(), &State::Connected);
}

#[test]
fn a_network_that_comes_cuts_the_backoff_short() {
    let mut pair = Pair::connected(Config::new(1));
    pair.door = Door::Unreachable { retryable: true };
    pair.server_dies();
    while pair.reconnecting().0 < 8 {
        pair.advance(secs(1));
    }
    pair.door = Door::Open(Default::default());
    pair.input(Input::Online);
    assert_eq!(pair.client.state(), &State::Connected);
}

#[test]
fn a_network_that_changes_under_a_connection_has_it_checked() {
    let mut pair = Pair::connected(Config::new(1));
    pair.input(Input::Online);
    pair.advance(secs(5));
    assert_eq!(pair.client.state(), &State::Connected);
    pair.link = Link::Dead;
    pair.input(Input::Online);
    pair.door = Door::Hanging;
    pair.advance(millis(2_999));
    assert_eq!(pair.client.state(), &State::Connected);
    pair.advance(millis(1));
    assert_eq!(pair.reconnecting().2, CloseCode::HEARTBEAT_TIMEOUT);
}

#[test]
fn in_the_background_news_of_the_network_wait() {
    let mut pair = Pair::connected(Config::new(1));
    pair.input(Input::Pause);
    pair.server_dies();
    pair.input(Input::Online);
    pair.advance(secs(60));
    assert_eq!(pair.reconnecting().0, 1);
    assert!(pair.server.is_none());
    pair.input(Input::Resume);
    assert_eq!(pair.client.state(), &State::Connected);
}
