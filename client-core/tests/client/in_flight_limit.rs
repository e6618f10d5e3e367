//! Requests without an answer are bounded: one too many fails, or waits where it may, and goes when there is room.

use pitaya_client_core::{CallError, Config, Offline};

use crate::support::{Pair, Seen};

fn pair_of_two() -> Pair {
    let mut config = Config::new(1);
    config.max_in_flight = 2;
    let mut pair = Pair::connected(config);
    pair.request("a.b", b"1");
    pair.request("a.b", b"2");
    pair
}

#[test]
fn one_too_many_fails() {
    let mut pair = pair_of_two();
    let call = pair.request("a.b", b"3");
    let full = Seen::Failed(call, CallError::QueueFull);
    assert_eq!(pair.end_of(call), Some(full));
    assert_eq!(pair.arrived.len(), 2);
}

#[test]
fn one_that_may_wait_goes_in_its_turn() {
    let mut pair = pair_of_two();
    let queue = Offline::Queue(Default::default());
    let third = pair.request_with("a.b", b"3", None, queue);
    pair.request_with("a.b", b"4", None, queue);
    assert_eq!(pair.arrived.len(), 2);
    pair.respond(2, b"");
    assert_eq!(pair.arrived.len(), 3);
    pair.respond(1, b"");
    let bodies: Vec<&[u8]> = pair.arrived.iter().map(|arrived| &*arrived.body).collect();
    assert_eq!(bodies, [b"1", b"2", b"3", b"4"]);
    pair.respond(3, b"");
    assert!(matches!(pair.end_of(third), Some(Seen::Response { .. })));
}
