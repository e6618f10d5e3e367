//! A cancelled call ends once, wherever it was, and leaves room for another.

use crate::support::{Door, Pair, Seen, secs};
use pitaya_client_core::{CallError, CallId, Config, Input, Offline};

#[test]
fn a_request_in_flight_ends_cancelled_and_frees_its_place() {
    let mut config = Config::new(1);
    config.max_in_flight = 1;
    let mut pair = Pair::connected(config);
    let call = pair.request("a.b", b"");
    pair.input(Input::Cancel(call));
    pair.input(Input::Cancel(call));
    assert_eq!(
        pair.end_of(call),
        Some(Seen::Failed(call, CallError::Cancelled))
    );
    pair.advance(secs(60));
    pair.end_of(call);
    let next = pair.request("a.b", b"");
    pair.respond(2, b"");
    assert!(matches!(pair.end_of(next), Some(Seen::Response { .. })));
}

#[test]
fn a_call_that_waits_is_never_sent() {
    let mut pair = Pair::new(Config::new(1));
    pair.door = Door::Hanging;
    pair.input(Input::Connect);
    let queue = Offline::Queue(Default::default());
    let call = pair.notify("a.b", b"", queue);
    pair.input(Input::Cancel(call));
    let cancelled = Seen::Failed(call, CallError::Cancelled);
    assert_eq!(pair.end_of(call), Some(cancelled));
    pair.door = Door::Open(crate::support::terms(pitaya_protocol::Capabilities::NONE));
    pair.advance(secs(10));
    pair.input(Input::Connect);
    assert!(pair.arrived.is_empty());
}

#[test]
fn what_has_ended_or_never_was_is_left_alone() {
    let mut pair = Pair::connected(Config::new(1));
    let call = pair.request("a.b", b"");
    pair.respond(1, b"");
    pair.take();
    pair.input(Input::Cancel(call));
    pair.input(Input::Cancel(CallId(1_000)));
    assert_eq!(pair.take(), []);
}
