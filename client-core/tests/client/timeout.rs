//! A request ends when its time is over, to the microsecond, and never later than an answer that is there.

use std::time::Duration;

use crate::support::{Pair, Seen, millis, secs};
use pitaya_client_core::{CallError, Config, Input, Offline};

#[test]
fn requests_time_out_each_at_its_own_time() {
    let mut pair = Pair::connected(Config::new(1));
    let start = pair.now;
    let calls = [5_000, 20, 700].map(|time| {
        let timeout = Some(millis(time));
        (time, pair.request_with("a.b", b"", timeout, Offline::Fail))
    });
    let default = pair.request("a.b", b"");
    pair.advance(secs(20));
    for (time, call) in calls.into_iter().chain([(10_000, default)]) {
        let failed = Seen::Failed(call, CallError::Timeout { sent: true });
        assert_eq!(pair.end_of(call), Some(failed.clone()));
        assert_eq!(
            pair.time_of(|seen| *seen == failed),
            Some(start + millis(time))
        );
    }
}

#[test]
fn the_largest_duration_never_ends_it() {
    let mut pair = Pair::connected(Config::new(1));
    let call = pair.request_with("a.b", b"", Some(Duration::MAX), Offline::Fail);
    pair.advance(secs(100_000));
    assert_eq!(pair.end_of(call), None);
    pair.respond(1, b"at last");
    assert!(matches!(pair.end_of(call), Some(Seen::Response { .. })));
}

#[test]
fn an_answer_that_has_arrived_is_not_late_however_late_it_is_read() {
    let mut pair = Pair::connected(Config::new(1));
    let call = pair.request("a.b", b"");
    pair.advance(secs(5));
    // A frame of the game took ten seconds; the answer came meanwhile.
    pair.freeze(secs(10));
    pair.input(Input::Bytes(&[4, 0, 0, 2, 4, 1]));
    assert!(matches!(pair.end_of(call), Some(Seen::Response { .. })));
}

#[test]
fn a_request_that_waits_for_a_connection_times_out_unsent() {
    let mut pair = Pair::new(Config::new(1));
    pair.door = crate::support::Door::Hanging;
    pair.input(Input::Connect);
    let queue = Offline::Queue(Default::default());
    let call = pair.request_with("a.b", b"", Some(secs(2)), queue);
    pair.advance(secs(2));
    let error = CallError::Timeout { sent: false };
    assert_eq!(pair.end_of(call), Some(Seen::Failed(call, error)));
}
