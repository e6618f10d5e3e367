//! A server that falls silent is given up; a client that does not read counts no silence.

use pitaya_client_core::{CloseCode, Config, Input, State};
use pitaya_protocol::Capabilities;

use crate::support::{Link, Pair, Seen, millis, secs, terms};

#[test]
fn an_idle_connection_lives_on_heartbeats() {
    for capabilities in [Capabilities::NONE, Capabilities::ALL] {
        let mut pair = Pair::connected_with(Config::new(1), terms(capabilities));
        pair.advance(secs(3600));
        assert_eq!(pair.client.state(), &State::Connected);
    }
}

#[test]
fn silence_ends_it_after_two_and_a_half_intervals() {
    let mut pair = Pair::connected(Config::new(1));
    pair.link = Link::Dead;
    pair.advance(millis(24_999));
    assert_eq!(pair.client.state(), &State::Connected);
    pair.advance(millis(1));
    assert_eq!(pair.reconnecting().2, CloseCode::HEARTBEAT_TIMEOUT);
}

#[test]
fn without_heartbeats_no_silence_ends_it() {
    let agreement = pitaya_client_core::Agreement::default();
    let mut pair = Pair::connected_with(Config::new(1), agreement);
    pair.link = Link::Dead;
    pair.advance(secs(36_000));
    assert_eq!(pair.client.state(), &State::Connected);
}

#[test]
fn what_the_application_does_not_read_does_not_count() {
    let mut pair = Pair::connected(Config::new(1));
    assert!(pair.client.wants_bytes());
    pair.input(Input::Reading(false));
    assert!(!pair.client.wants_bytes());
    // The server's bytes stay in the transport; the client's heartbeats go on.
    pair.link = Link::Dead;
    let before = pair.transmitted;
    pair.advance(secs(120));
    assert_eq!(pair.client.state(), &State::Connected);
    assert_eq!(pair.transmitted - before, 13 * 5);
    pair.input(Input::Reading(true));
    pair.advance(millis(24_999));
    assert_eq!(pair.client.state(), &State::Connected);
    pair.advance(millis(1));
    assert_eq!(pair.reconnecting().2, CloseCode::HEARTBEAT_TIMEOUT);
}

#[test]
fn a_client_that_reads_nothing_still_shakes_hands() {
    let mut pair = Pair::new(Config::new(1));
    pair.input(Input::Reading(false));
    pair.input(Input::Connect);
    assert_eq!(pair.client.state(), &State::Connected);
    pair.take();
    pair.push("p", b"1");
    assert_eq!(pair.take(), []);
    pair.input(Input::Reading(true));
    assert!(matches!(pair.take()[..], [Seen::Push { .. }]));
}
