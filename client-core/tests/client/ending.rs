//! How a client ends: by its own close wherever it stands, by a cut in the middle of a packet, by a fault that only the driver sees.

use pitaya_client_core::{CallError, Close, CloseCode, Config, Input, Origin, State};

use crate::support::{Door, Pair, Seen, secs};

fn close() -> Input<'static> {
    Input::Close(Close::new(CloseCode::NORMAL))
}

#[test]
fn the_application_closes_wherever_it_stands() {
    let idle = Pair::new(Config::new(1));
    let mut dialing = Pair::new(Config::new(1));
    dialing.door = Door::Hanging;
    dialing.input(Input::Connect);
    let mut shaking = Pair::new(Config::new(1));
    shaking.door = Door::Silent;
    shaking.input(Input::Connect);
    let connected = Pair::connected(Config::new(1));
    let mut waiting = Pair::connected(Config::new(1));
    waiting.server_dies();
    let cases = [
        (idle, false),
        (dialing, true),
        (shaking, true),
        (connected, true),
        (waiting, false),
    ];
    for (mut pair, has_transport) in cases {
        pair.take();
        pair.input(close());
        assert_eq!(pair.closed(), (Origin::Local, CloseCode::NORMAL, false));
        let seen = pair.take();
        let told = seen.iter().any(|seen| matches!(seen, Seen::Disconnect(_)));
        assert_eq!(told, has_transport);
        assert!(matches!(seen.last(), Some(Seen::State(State::Closed(_)))));
        // Nothing follows, and a second close changes nothing.
        pair.input(close());
        pair.advance(secs(3600));
        assert_eq!(pair.take(), []);
        assert_eq!(pair.wait, None);
    }
}

#[test]
fn requests_in_flight_end_with_it() {
    let mut pair = Pair::connected(Config::new(1));
    let call = pair.request("a.b", b"");
    pair.input(close());
    let Some(Seen::Failed(_, CallError::Disconnected { sent, closed })) = pair.end_of(call) else {
        panic!("the request has not ended so");
    };
    assert!(sent);
    assert_eq!(closed.origin, Origin::Local);
}

#[test]
fn the_server_hears_it_as_the_end_of_the_stream() {
    let mut pair = Pair::connected(Config::new(1));
    pair.input(close());
    assert!(pair.server.is_none());
}

#[test]
fn what_arrived_before_the_end_comes_out_first() {
    let mut pair = Pair::connected(Config::new(1));
    let call = pair.request("a.b", b"");
    let taken = pair
        .client
        .handle_input(pair.now, Input::Bytes(&[4, 0, 0, 2, 4, 1]));
    taken.expect("bytes are always taken");
    pair.server_dies();
    assert!(matches!(pair.end_of(call), Some(Seen::Response { .. })));
}

#[test]
fn a_server_that_was_killed_in_the_middle_of_a_packet_is_no_broken_peer() {
    let mut pair = Pair::connected(Config::new(1));
    pair.input(Input::Bytes(&[4, 0, 0, 99, 6]));
    pair.server_dies();
    assert_eq!(pair.reconnecting().2, CloseCode::EOF);
}

#[test]
fn a_reset_comes_back() {
    let mut pair = Pair::connected(Config::new(1));
    pair.input(Input::TransportFailed(Close::because(
        CloseCode::TRANSPORT,
        "connection reset",
    )));
    let State::Reconnecting { cause, .. } = pair.client.state() else {
        panic!("{:?}", pair.client.state());
    };
    assert_eq!(cause.origin, Origin::Transport);
    assert_eq!(cause.close.reason(), "connection reset");
}

#[test]
fn a_body_that_cannot_be_inflated_is_the_peers_fault() {
    let mut pair = Pair::connected(Config::new(1));
    pair.input(Input::Fault(CloseCode::BAD_COMPRESSION.into()));
    let closed = (Origin::Fault, CloseCode::BAD_COMPRESSION, false);
    assert_eq!(pair.closed(), closed);
}

#[test]
fn what_a_dead_transport_says_is_ignored() {
    let mut pair = Pair::connected(Config::new(1));
    pair.input(close());
    pair.take();
    pair.input(Input::Bytes(&[9, 9, 9, 9]));
    pair.input(Input::Eof);
    pair.input(Input::TransportFailed(Close::because(
        CloseCode::TRANSPORT,
        "late",
    )));
    pair.input(Input::Fault(CloseCode::BAD_MESSAGE.into()));
    assert_eq!(pair.take(), []);
}

#[test]
fn a_closed_client_can_connect_anew() {
    let mut pair = Pair::connected(Config::new(1));
    pair.input(close());
    pair.input(Input::Connect);
    assert_eq!(pair.client.state(), &State::Connected);
    pair.server_dies();
    assert_eq!(pair.reconnecting().0, 1);
}
