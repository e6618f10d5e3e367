//! A close says whether, when and where to come back, and the client does so.

use pitaya_client_core::{Close, CloseCode, Config, Input, Origin, State};
use pitaya_protocol::Capabilities;

use crate::support::{Door, Pair, Seen, millis, secs, terms};

#[test]
fn a_drain_says_when_and_where_to_come_back() {
    for seed in 0..50 {
        let mut pair = Pair::connected(Config::new(seed));
        let close = Close::new(CloseCode::DRAINING)
            .with_retry_after(secs(3))
            .with_endpoint("tcp://127.0.0.1:3999");
        pair.door = Door::Unreachable { retryable: true };
        pair.server_close(close);
        let (attempt, delay, code) = pair.reconnecting();
        assert_eq!((attempt, code), (1, CloseCode::DRAINING));
        let delay = delay.expect("the attempt has a time");
        assert!(
            (secs(3)..=secs(3) + millis(500)).contains(&delay),
            "seed {seed}: {delay:?}"
        );
        pair.take();
        pair.advance(secs(10));
        let endpoints: Vec<_> = pair
            .take()
            .into_iter()
            .filter_map(|seen| match seen {
                Seen::Connect { endpoint, .. } => Some(endpoint),
                _ => None,
            })
            .collect();
        // Where that leads nowhere the application's own endpoints count again.
        assert_eq!(endpoints[0].as_deref(), Some("tcp://127.0.0.1:3999"));
        assert_eq!(endpoints[1], None);
    }
}

#[test]
fn news_of_the_network_do_not_overrule_the_advice() {
    let mut pair = Pair::connected(Config::new(4));
    pair.server_close(Close::new(CloseCode::OVERLOADED).with_retry_after(secs(30)));
    pair.input(Input::Online);
    pair.input(Input::Pause);
    pair.input(Input::Resume);
    assert_eq!(pair.reconnecting().1, Some(secs(30)));
    pair.advance(millis(29_999));
    assert_eq!(pair.reconnecting().0, 1);
    pair.advance(millis(1));
    assert_eq!(pair.client.state(), &State::Connected);
}

#[test]
fn a_kick_is_final_with_and_without_a_body() {
    let family = terms(Capabilities::NONE);
    for (agreement, code) in [
        (family, CloseCode::KICKED),
        (terms(Capabilities::ALL), CloseCode::REPLACED),
        (terms(Capabilities::ALL), CloseCode::from_number(901)),
    ] {
        let mut pair = Pair::connected_with(Config::new(1), agreement);
        pair.server_close(code.into());
        assert_eq!(pair.closed(), (Origin::Peer, code, false));
        pair.advance(secs(3600));
        assert!(pair.server.is_none());
    }
}

#[test]
fn a_kick_of_pomelo_is_final_and_keeps_its_reason() {
    let mut pair = Pair::connected(Config::new(1));
    let body = br#"{"reason":"cheating"}"#;
    let mut packet = vec![5, 0, 0, body.len() as u8];
    packet.extend_from_slice(body);
    pair.input(Input::Bytes(&packet));
    let State::Closed(ended) = pair.client.state() else {
        panic!("{:?}", pair.client.state());
    };
    assert_eq!(ended.closed.close.reason(), "cheating");
    assert_eq!(ended.closed.close.code, CloseCode::KICKED);
}

#[test]
fn a_refusal_is_final() {
    let mut pair = Pair::connected(Config::new(1));
    pair.door = Door::Refuse(Close::new(CloseCode::CLIENT_TOO_OLD).with_reason("update, please"));
    pair.server_dies();
    pair.advance(secs(1));
    assert_eq!(
        pair.closed(),
        (Origin::Peer, CloseCode::CLIENT_TOO_OLD, false)
    );
}

#[test]
fn a_refusal_that_advises_to_come_back_is_not() {
    let mut pair = Pair::connected(Config::new(1));
    pair.door = Door::Refuse(Close::new(CloseCode::OVERLOADED).with_retry_after(secs(7)));
    pair.server_dies();
    pair.advance(millis(500));
    let (attempt, delay, code) = pair.reconnecting();
    assert_eq!((attempt, code), (2, CloseCode::OVERLOADED));
    assert!(delay.expect("the attempt has a time") > secs(6));
}

#[test]
fn a_broken_protocol_is_final() {
    let mut pair = Pair::connected(Config::new(1));
    pair.input(Input::Bytes(&[9, 0, 0, 0]));
    assert_eq!(pair.closed(), (Origin::Fault, CloseCode::BAD_PACKET, false));
}

#[test]
fn a_close_frame_says_what_a_kick_says() {
    let frame = |code, reason| Input::CloseFrame { code, reason };
    let mut pair = Pair::connected(Config::new(1));
    pair.input(frame(4501, "signed in elsewhere"));
    assert_eq!(pair.closed(), (Origin::Peer, CloseCode::REPLACED, false));

    let mut pair = Pair::connected(Config::new(1));
    pair.input(frame(4110, ""));
    assert_eq!(pair.reconnecting().2, CloseCode::DRAINING);
}

#[test]
fn a_close_frame_of_a_stranger_is_the_end_of_the_stream() {
    let frame = |code, reason| Input::CloseFrame { code, reason };
    for (capabilities, code) in [
        (Capabilities::NONE, 4501),
        (Capabilities::ALL, 1001),
        (Capabilities::ALL, 5000),
    ] {
        let mut pair = Pair::connected_with(Config::new(1), terms(capabilities));
        pair.input(frame(code, "bye"));
        let State::Reconnecting { cause, .. } = pair.client.state() else {
            panic!("{:?}", pair.client.state());
        };
        assert_eq!(cause.close.code, CloseCode::EOF);
        assert_eq!(cause.close.reason(), "bye");
    }
}
