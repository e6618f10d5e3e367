//! A first connection that fails is reported, not repeated, unless that is wanted.

use pitaya_client_core::{Close, CloseCode, Config, Ended, Input, Misuse, Origin, State};

use crate::support::{Door, Pair, Seen, secs};

#[test]
fn it_goes_from_idle_over_connecting_to_connected() {
    let mut pair = Pair::new(Config::new(1));
    assert_eq!(pair.client.state(), &State::Idle);
    pair.input(Input::Connect);
    assert_eq!(
        pair.take(),
        [
            Seen::State(State::Connecting),
            Seen::Connect {
                attempt: 0,
                endpoint: None
            },
            Seen::State(State::Connected)
        ]
    );
    // Wanting it again changes nothing.
    pair.input(Input::Connect);
    assert_eq!(pair.take(), []);
}

#[test]
fn whatever_fails_is_reported_once() {
    let doors = [
        (Door::Unreachable { retryable: true }, CloseCode::TRANSPORT),
        (Door::Hanging, CloseCode::TRANSPORT),
        (Door::Silent, CloseCode::EOF),
    ];
    for (door, code) in doors {
        let mut pair = Pair::new(Config::new(1));
        pair.door = door;
        pair.input(Input::Connect);
        pair.advance(secs(20));
        assert_eq!(pair.closed().1, code);
        let connects = |seen: &Seen| matches!(seen, Seen::Connect { .. });
        assert_eq!(pair.take().iter().filter(|seen| connects(seen)).count(), 1);
    }
}

#[test]
fn it_is_repeated_where_that_is_wanted() {
    let mut config = Config::new(1);
    config.retry_first = true;
    let mut pair = Pair::new(config);
    pair.door = Door::Unreachable { retryable: true };
    pair.input(Input::Connect);
    assert_eq!(pair.reconnecting().0, 1);
    pair.door = Door::Open(crate::support::terms(Default::default()));
    pair.advance(secs(1));
    assert_eq!(pair.client.state(), &State::Connected);
}

#[test]
fn it_can_be_tried_again_by_hand() {
    let mut pair = Pair::new(Config::new(1));
    pair.door = Door::Unreachable { retryable: false };
    pair.input(Input::Connect);
    assert_eq!(
        pair.closed(),
        (Origin::Transport, CloseCode::TRANSPORT, false)
    );
    pair.door = Door::Open(crate::support::terms(Default::default()));
    pair.input(Input::Connect);
    assert_eq!(pair.client.state(), &State::Connected);
}

#[test]
fn a_handshake_that_no_packet_can_carry_ends_it() {
    let mut pair = Pair::new(Config::new(1));
    pair.door = Door::Hanging;
    pair.input(Input::Connect);
    let handshake = &vec![b' '; 16 * 1024 * 1024];
    pair.input(Input::Connected { handshake });
    let closed = (Origin::Local, CloseCode::PACKET_TOO_LARGE, false);
    assert_eq!(pair.closed(), closed);
    assert!(matches!(pair.client.state(), State::Closed(Ended { .. })));
}

#[test]
fn answers_that_nobody_asked_for_are_refused() {
    let mut pair = Pair::new(Config::new(1));
    let failed = Input::ConnectFailed {
        close: CloseCode::TRANSPORT.into(),
        retryable: true,
    };
    let inputs = [
        (Input::Connected { handshake: b"" }, Misuse::NotConnecting),
        (failed, Misuse::NotConnecting),
        (Input::Accept(Default::default()), Misuse::NothingToAnswer),
        (
            Input::Refuse(CloseCode::REFUSED.into()),
            Misuse::NothingToAnswer,
        ),
        (
            Input::Kicked(CloseCode::KICKED.into()),
            Misuse::NothingToAnswer,
        ),
    ];
    for (input, misuse) in inputs {
        let refused = pair.client.handle_input(pair.now, input);
        assert_eq!(refused, Err(misuse));
    }
    assert_eq!(pair.client.state(), &State::Idle);
}

#[test]
fn connecting_anew_after_the_end_is_a_first_connection_again() {
    let mut pair = Pair::connected(Config::new(1));
    let moved = Close::new(CloseCode::DRAINING).with_endpoint("tcp://127.0.0.1:3999");
    pair.server_close(moved);
    pair.input(Input::Close(CloseCode::NORMAL.into()));
    pair.door = Door::Unreachable { retryable: true };
    pair.take();
    pair.input(Input::Connect);
    let first = Seen::Connect {
        attempt: 0,
        endpoint: None,
    };
    assert!(pair.take().contains(&first));
    assert_eq!(
        pair.closed(),
        (Origin::Transport, CloseCode::TRANSPORT, false)
    );
}
