//! What becomes of a call without a connection is its own choice: it fails, waits within limits, or only its latest waits.

use pitaya_client_core::{
    CallError, CallId, Close, CloseCode, Config, Input, Offline, QueueLimits, Span, State,
};

use crate::support::{Door, Pair, Seen, secs, terms};

/// A client whose connection is lost and stays so until the door opens.
fn lost(config: Config) -> Pair {
    let mut pair = Pair::connected(config);
    pair.door = Door::Hanging;
    pair.server_dies();
    pair.take();
    pair
}

/// The connection comes back.
fn come_back(pair: &mut Pair) {
    pair.door = Door::Open(terms(pitaya_protocol::Capabilities::ALL));
    pair.input(Input::Connect);
    pair.advance(secs(60));
    assert_eq!(pair.client.state(), &State::Connected);
}

fn bodies(pair: &Pair) -> Vec<&[u8]> {
    pair.arrived.iter().map(|arrived| &*arrived.body).collect()
}

fn failed(pair: &mut Pair, call: CallId) -> CallError {
    match pair.end_of(call) {
        Some(Seen::Failed(_, error)) => error,
        other => panic!("{call:?} ended with {other:?}"),
    }
}

/// As many as there may be, for as long as it takes.
fn forever() -> QueueLimits {
    QueueLimits::new(usize::MAX, usize::MAX, Span::ENDLESS)
}

#[test]
fn by_default_it_fails_at_once() {
    let mut pair = lost(Config::new(1));
    let request = pair.request("a.b", b"");
    let notify = pair.notify("a.b", b"", Offline::default());
    for call in [request, notify] {
        assert_eq!(failed(&mut pair, call), CallError::NotConnected);
    }
}

#[test]
fn what_waits_goes_out_in_order_before_what_comes_after() {
    let mut pair = lost(Config::new(1));
    let queue = Offline::Queue(forever());
    let first = pair.notify("a.b", b"1", queue);
    let second = pair.request_with("a.b", b"2", Some(secs(1000)), queue);
    pair.notify("a.b", b"3", queue);
    pair.door = Door::Open(terms(pitaya_protocol::Capabilities::ALL));
    pair.advance(secs(60));
    pair.notify("a.b", b"4", queue);
    assert_eq!(bodies(&pair), [b"1", b"2", b"3", b"4"]);
    assert_eq!(pair.end_of(first), Some(Seen::Sent(first)));
    pair.respond(1, b"");
    assert!(matches!(pair.end_of(second), Some(Seen::Response { .. })));
}

#[test]
fn before_the_first_connection_too() {
    let mut pair = Pair::new(Config::new(1));
    pair.notify("a.b", b"1", Offline::Queue(forever()));
    pair.input(Input::Connect);
    assert_eq!(bodies(&pair), [b"1"]);
}

#[test]
fn limits_of_the_call_are_kept() {
    let mut pair = lost(Config::new(1));
    let items = Offline::Queue(QueueLimits::new(2, usize::MAX, secs(10)));
    pair.notify("a.b", b"1", items);
    pair.notify("a.b", b"2", items);
    let third = pair.notify("a.b", b"3", items);
    assert_eq!(failed(&mut pair, third), CallError::QueueFull);

    // Two waiting calls have eight bytes, with their routes.
    let bytes = Offline::Queue(QueueLimits::new(usize::MAX, 12, secs(10)));
    let fits = pair.notify("a.b", b"4", bytes);
    let fifth = pair.notify("a.b", b"5", bytes);
    assert_eq!(pair.end_of(fits), None);
    assert_eq!(failed(&mut pair, fifth), CallError::QueueFull);
}

#[test]
fn age_is_counted_from_the_call() {
    let mut pair = lost(Config::new(1));
    let queue = Offline::Queue(QueueLimits::new(9, 999, secs(5)));
    let start = pair.now;
    let call = pair.notify("a.b", b"", queue);
    pair.advance(secs(20));
    assert_eq!(failed(&mut pair, call), CallError::Expired);
    let expired = |seen: &Seen| matches!(seen, Seen::Failed(..));
    assert_eq!(pair.time_of(expired), Some(start + secs(5)));
}

#[test]
fn what_has_grown_too_old_unnoticed_is_not_sent() {
    let mut pair = lost(Config::new(1));
    let queue = Offline::Queue(QueueLimits::new(9, 999, secs(5)));
    let call = pair.notify("a.b", b"", queue);
    pair.freeze(secs(6));
    pair.door = Door::Open(terms(pitaya_protocol::Capabilities::ALL));
    pair.input(Input::Connect);
    pair.advance(secs(60));
    assert_eq!(failed(&mut pair, call), CallError::Expired);
    assert!(pair.arrived.is_empty());
}

#[test]
fn what_has_grown_too_old_when_the_handshake_ends_is_not_sent() {
    let mut pair = Pair::new(Config::new(1));
    pair.door = Door::Silent;
    pair.input(Input::Connect);
    let queue = Offline::Queue(QueueLimits::new(9, 999, secs(4)));
    let call = pair.notify("a.b", b"", queue);
    pair.freeze(secs(4));
    let body = br#"{"code":200,"sys":{}}"#;
    let mut packet = vec![1, 0, 0, body.len() as u8];
    packet.extend_from_slice(body);
    pair.input(Input::Bytes(&packet));
    assert_eq!(pair.client.state(), &State::Connected);
    assert_eq!(failed(&mut pair, call), CallError::Expired);
}

#[test]
fn what_has_gone_makes_room() {
    let mut config = Config::new(1);
    config.queue_bytes = 20;
    let mut pair = lost(config);
    for _ in 0..5 {
        let call = pair.notify("a.b", &[0; 15], Offline::Queue(forever()));
        assert_eq!(pair.end_of(call), None);
        pair.input(Input::Cancel(call));
        let call = pair.notify("a.b", &[0; 15], Offline::Queue(forever()));
        come_back(&mut pair);
        assert_eq!(pair.end_of(call), Some(Seen::Sent(call)));
        pair.door = Door::Hanging;
        pair.server_dies();
        let limits = QueueLimits::new(9, 999, secs(1));
        let call = pair.notify("a.b", &[0; 15], Offline::Queue(limits));
        pair.advance(secs(2));
        assert_eq!(failed(&mut pair, call), CallError::Expired);
    }
}

#[test]
fn only_the_latest_of_a_key_waits() {
    let mut pair = lost(Config::new(1));
    let latest = |key| Offline::LatestOnly { key };
    let old = pair.notify("room.move", b"1", latest("hero"));
    pair.notify("room.move", b"2", latest("dog"));
    pair.notify("room.turn", b"3", latest("hero"));
    let new = pair.notify("room.move", b"4", latest("hero"));
    assert_eq!(failed(&mut pair, old), CallError::Superseded);
    come_back(&mut pair);
    assert_eq!(bodies(&pair), [b"2", b"3", b"4"]);
    assert_eq!(pair.end_of(new), Some(Seen::Sent(new)));
}

#[test]
fn the_total_bounds_every_policy() {
    let mut config = Config::new(1);
    config.queue_items = 3;
    config.queue_bytes = 100;
    let mut pair = lost(config);
    for (offline, body) in [
        (Offline::Queue(forever()), [0; 10].as_slice()),
        (Offline::LatestOnly { key: "k" }, &[0; 10]),
        (Offline::Queue(forever()), &[0; 10]),
    ] {
        let call = pair.notify("a.b", body, offline);
        assert_eq!(pair.end_of(call), None);
    }
    let items = pair.notify("a.b", b"", Offline::Queue(forever()));
    assert_eq!(failed(&mut pair, items), CallError::QueueFull);
    let bytes = pair.notify("a.b", &[0; 99], Offline::LatestOnly { key: "k" });
    assert_eq!(failed(&mut pair, bytes), CallError::QueueFull);
    // The one it would have replaced still waits, and can be replaced by a smaller one.
    let smaller = pair.notify("a.b", &[0; 9], Offline::LatestOnly { key: "k" });
    assert_eq!(pair.end_of(smaller), None);
}

#[test]
fn the_queue_can_be_held_until_the_application_has_joined_anew() {
    let mut config = Config::new(1);
    config.hold_queue = true;
    let mut pair = lost(config);
    let latest = Offline::LatestOnly { key: "" };
    pair.notify("room.say", b"waits", Offline::Queue(forever()));
    let stale = pair.notify("room.move", b"stale", latest);
    come_back(&mut pair);
    assert!(pair.arrived.is_empty());
    pair.request("room.join", b"joins");
    pair.notify("room.move", b"fresh", latest);
    assert_eq!(failed(&mut pair, stale), CallError::Superseded);
    pair.input(Input::Release);
    pair.notify("room.say", b"after", Offline::Fail);
    let expected: [&[u8]; 4] = [b"joins", b"fresh", b"waits", b"after"];
    assert_eq!(bodies(&pair), expected);
    // It holds for the next connection again.
    pair.server_dies();
    pair.notify("room.say", b"again", Offline::Queue(forever()));
    come_back(&mut pair);
    assert_eq!(pair.arrived.len(), 4);
}

#[test]
fn a_transport_that_takes_nothing_makes_calls_wait() {
    let mut pair = Pair::connected(Config::new(1));
    pair.input(Input::Writable(false));
    let refused = pair.notify("a.b", b"1", Offline::Fail);
    assert_eq!(failed(&mut pair, refused), CallError::QueueFull);
    pair.notify("a.b", b"2", Offline::Queue(forever()));
    assert!(pair.arrived.is_empty());
    pair.input(Input::Writable(true));
    assert_eq!(bodies(&pair), [b"2"]);
}

#[test]
fn another_transport_takes_bytes_again() {
    let mut pair = Pair::connected(Config::new(1));
    pair.input(Input::Writable(false));
    pair.server_dies();
    come_back(&mut pair);
    let call = pair.notify("a.b", b"", Offline::Fail);
    assert_eq!(pair.end_of(call), Some(Seen::Sent(call)));
}

#[test]
fn the_end_ends_what_waits_and_takes_nothing_more() {
    let mut pair = lost(Config::new(1));
    let call = pair.notify("a.b", b"", Offline::Queue(forever()));
    pair.input(Input::Close(Close::new(CloseCode::NORMAL)));
    assert!(matches!(
        failed(&mut pair, call),
        CallError::Disconnected { sent: false, closed } if closed.close.code == CloseCode::NORMAL
    ));
    let after = pair.notify("a.b", b"", Offline::Queue(forever()));
    assert_eq!(failed(&mut pair, after), CallError::NotConnected);
}
