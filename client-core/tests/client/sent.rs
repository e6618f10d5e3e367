//! A call that ends with the connection says whether its bytes had been handed to a transport that took them.

use pitaya_client_core::{CallError, CallId, Close, CloseCode, Config, Input, Offline, Output};

use crate::support::{Pair, Seen, secs, seen_of};

/// Hands a request in without draining the client afterwards.
fn request(pair: &mut Pair, call: u32) {
    let input = Input::Request {
        call: CallId(call),
        route: "a.b",
        body: b"",
        timeout: None,
        offline: Offline::Fail,
    };
    let taken = pair.client.handle_input(pair.now, input);
    taken.expect("a request is always taken");
}

/// How calls ended by the connection's end, and whether each was sent.
fn ends(pair: &mut Pair) -> Vec<(u32, bool)> {
    let mut ends = Vec::new();
    loop {
        match pair.client.poll_output() {
            Output::Wait(_) => return ends,
            Output::Transmit(_) => {}
            Output::Event(event) => match seen_of(event).0 {
                Some(Seen::Failed(call, error)) => {
                    assert!(matches!(error, CallError::Disconnected { .. }));
                    ends.push((call.0, error.sent()));
                }
                Some(Seen::Sent(call)) => panic!("{call:?} was sent"),
                _ => {}
            },
        }
    }
}

#[test]
fn what_was_not_handed_out_before_the_transport_failed_was_not_sent() {
    let mut pair = Pair::connected(Config::new(1));
    request(&mut pair, 1);
    request(&mut pair, 2);
    assert!(matches!(pair.client.poll_output(), Output::Transmit(_)));
    request(&mut pair, 3);
    let notify = Input::Notify {
        call: CallId(4),
        route: "a.b",
        body: b"",
        offline: Offline::Fail,
    };
    let reset = Input::TransportFailed(Close::because(CloseCode::TRANSPORT, "connection reset"));
    for input in [notify, reset] {
        let taken = pair.client.handle_input(pair.now, input);
        taken.expect("neither is an answer");
    }
    let expected = [(1, true), (2, true), (3, false), (4, false)];
    assert_eq!(ends(&mut pair), expected);
    assert_eq!(pair.reconnecting().2, CloseCode::TRANSPORT);
}

#[test]
fn what_the_client_writes_before_its_own_close_is_sent() {
    let mut pair = Pair::connected(Config::new(1));
    let notify = Input::Notify {
        call: CallId(1),
        route: "a.b",
        body: b"bye",
        offline: Offline::Fail,
    };
    let taken = pair.client.handle_input(pair.now, notify);
    taken.expect("a notify is always taken");
    pair.input(Input::Close(CloseCode::NORMAL.into()));
    assert_eq!(pair.end_of(CallId(1)), Some(Seen::Sent(CallId(1))));
    assert_eq!(pair.arrived[0].body, b"bye");
}

#[test]
fn nothing_is_written_to_a_stream_that_has_ended() {
    let mut pair = Pair::connected(Config::new(1));
    pair.input(Input::Reading(false));
    // Packets may still wait to come out, so that the connection has not ended yet.
    pair.server_dies();
    let fails = pair.request("a.b", b"");
    let queue = Offline::Queue(Default::default());
    let waits = pair.request_with("a.b", b"", None, queue);
    let error = CallError::NotConnected;
    assert_eq!(pair.end_of(fails), Some(Seen::Failed(fails, error)));
    pair.input(Input::Reading(true));
    pair.advance(secs(1));
    assert_eq!(pair.end_of(waits), None);
    assert_eq!(pair.arrived.len(), 1);
}
