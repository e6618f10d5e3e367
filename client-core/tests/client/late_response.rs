//! An answer whose request has timed out or was cancelled is recognised and dropped; one to no request at all is told apart.

use crate::support::{Pair, Seen, secs};
use pitaya_client_core::{Config, Input, State};

#[test]
fn a_late_answer_is_dropped_and_reported_once() {
    let mut pair = Pair::connected(Config::new(1));
    let call = pair.request("a.b", b"");
    pair.advance(secs(11));
    let next = pair.request("a.b", b"");
    pair.take();
    pair.respond(1, b"late");
    pair.respond(1, b"again");
    let late = |late| Seen::Unmatched { id: 1, late };
    assert_eq!(pair.take(), [late(true), late(false)]);
    assert_eq!(pair.end_of(call), None);
    pair.respond(2, b"in time");
    assert!(matches!(pair.end_of(next), Some(Seen::Response { .. })));
}

#[test]
fn an_answer_to_nothing_changes_nothing() {
    let mut pair = Pair::connected(Config::new(1));
    for id in [0, 7, u64::from(u32::MAX) + 2, u64::MAX] {
        pair.respond(id, b"");
        assert_eq!(pair.take(), [Seen::Unmatched { id, late: false }]);
    }
    assert_eq!(pair.client.state(), &State::Connected);
}

#[test]
fn the_answer_to_a_cancelled_request_is_late() {
    let mut pair = Pair::connected(Config::new(1));
    let call = pair.request("a.b", b"");
    pair.input(Input::Cancel(call));
    pair.take();
    pair.respond(1, b"");
    assert_eq!(pair.take(), [Seen::Unmatched { id: 1, late: true }]);
}

#[test]
fn another_connection_owes_no_old_answers() {
    let mut pair = Pair::connected(Config::new(1));
    let call = pair.request("a.b", b"");
    pair.input(Input::Cancel(call));
    pair.server_dies();
    pair.advance(secs(1));
    pair.take();
    pair.respond(1, b"");
    assert_eq!(pair.take(), [Seen::Unmatched { id: 1, late: false }]);
}
