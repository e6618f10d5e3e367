//! A phone or a tab goes to the background and comes back: silence does not count meanwhile, and a socket that died is found at once.

use pitaya_client_core::{CloseCode, Config, Event, Input, Origin, Output, State};
use pitaya_protocol::Capabilities;

use crate::support::{Door, Link, Pair, Seen, millis, secs, terms};

#[test]
fn a_frozen_process_finds_its_connection_alive() {
    let mut pair = Pair::connected(Config::new(1));
    pair.input(Input::Pause);
    // Longer than any heartbeat: the machine is not called at all. The server waits for a while yet.
    pair.freeze(secs(29));
    pair.input(Input::Resume);
    assert_eq!(pair.client.state(), &State::Connected);
    pair.advance(secs(10));
    assert_eq!(pair.client.state(), &State::Connected);
}

#[test]
fn without_a_pause_the_same_silence_ends_it() {
    let mut pair = Pair::connected(Config::new(1));
    pair.freeze(secs(29));
    pair.input(Input::Timer);
    assert_eq!(pair.reconnecting().2, CloseCode::HEARTBEAT_TIMEOUT);
}

#[test]
fn a_socket_that_died_meanwhile_is_found_within_the_probe_time() {
    let mut pair = Pair::connected(Config::new(1));
    pair.input(Input::Pause);
    pair.link = Link::Dead;
    pair.freeze(secs(300));
    pair.input(Input::Resume);
    pair.take();
    let resumed = pair.now;
    pair.door = Door::Hanging;
    pair.advance(secs(4));
    let died = |seen: &Seen| {
        matches!(seen, Seen::Disconnect(closed)
            if closed.close.code == CloseCode::HEARTBEAT_TIMEOUT && closed.origin == Origin::Fault)
    };
    assert_eq!(pair.time_of(died), Some(resumed + secs(3)));
}

#[test]
fn a_server_that_returns_no_heartbeats_is_given_an_interval_more() {
    let mut pair = Pair::connected_with(Config::new(1), terms(Capabilities::NONE));
    pair.input(Input::Pause);
    pair.link = Link::Dead;
    pair.freeze(secs(300));
    pair.input(Input::Resume);
    let resumed = pair.now;
    pair.door = Door::Hanging;
    pair.advance(secs(14));
    let died = |seen: &Seen| matches!(seen, Seen::Disconnect(_));
    assert_eq!(pair.time_of(died), Some(resumed + secs(13)));
}

#[test]
fn a_server_without_heartbeats_is_not_asked() {
    let agreement = pitaya_client_core::Agreement::default();
    let mut pair = Pair::connected_with(Config::new(1), agreement);
    pair.input(Input::Pause);
    pair.freeze(secs(300));
    let before = pair.transmitted;
    pair.input(Input::Resume);
    pair.advance(secs(300));
    assert_eq!(pair.client.state(), &State::Connected);
    assert_eq!(pair.transmitted, before);
}

#[test]
fn any_sign_of_life_will_do() {
    let mut pair = Pair::connected(Config::new(1));
    pair.link = Link::Dead;
    pair.input(Input::Pause);
    pair.input(Input::Resume);
    pair.advance(millis(2_900));
    // A push that was on its way.
    pair.input(Input::Bytes(&[4, 0, 0, 3, 6, 1, b'p']));
    pair.advance(millis(200));
    assert_eq!(pair.client.state(), &State::Connected);
}

#[test]
fn heartbeats_and_messages_go_on_while_the_process_runs() {
    let mut pair = Pair::connected(Config::new(1));
    pair.input(Input::Pause);
    pair.advance(secs(120));
    assert_eq!(pair.client.state(), &State::Connected);
    pair.push("p", b"1");
    assert!(matches!(pair.take().last(), Some(Seen::Push { .. })));
}

#[test]
fn nothing_is_tried_in_the_background_and_at_once_afterwards() {
    let mut pair = Pair::connected(Config::new(1));
    pair.input(Input::Pause);
    pair.server_dies();
    pair.advance(secs(3600));
    let attempt = pair.reconnecting().0;
    assert_eq!(attempt, 1);
    assert_eq!(pair.wait, None);
    pair.input(Input::Resume);
    assert_eq!(pair.client.state(), &State::Connected);
}

#[test]
fn a_kick_that_is_still_being_read_is_not_disturbed() {
    for news in [Input::Resume, Input::Online] {
        let mut pair = Pair::connected(Config::new(1));
        let (client, now) = (&mut pair.client, pair.now);
        client
            .handle_input(now, Input::Bytes(b"\x05\0\0\x02{}"))
            .unwrap();
        while !matches!(client.poll_output(), Output::Event(Event::Kick(_))) {}
        client.handle_input(now, news).unwrap();
        client
            .handle_input(now, Input::Kicked(CloseCode::KICKED.into()))
            .unwrap();
        assert!(matches!(client.state(), State::Connected));
        while !matches!(client.poll_output(), Output::Wait(_)) {}
        let State::Closed(ended) = client.state() else {
            panic!("{:?}", client.state());
        };
        assert_eq!(ended.closed.close.code, CloseCode::KICKED);
    }
}
