//! A request is answered: with a body, with an error, deflated or empty; answers may come in any order.

use crate::support::{Arrived, Pair, Seen};
use pitaya_client_core::Config;
use pitaya_protocol::{Message, MessageKind};

#[test]
fn the_answer_ends_its_own_request_in_whatever_order() {
    let mut pair = Pair::connected(Config::new(1));
    let first = pair.request("room.join", b"a");
    let second = pair.request("room.leave", b"b");
    assert_eq!(
        pair.arrived[0],
        Arrived {
            kind: MessageKind::Request,
            id: 1,
            route: "room.join".into(),
            body: b"a".into(),
        }
    );
    pair.respond(2, b"left");
    pair.respond(1, b"joined");
    let answer = |call, body: &[u8]| Seen::Response {
        call,
        error: false,
        deflated: false,
        body: body.into(),
    };
    assert_eq!(
        pair.take(),
        [answer(second, b"left"), answer(first, b"joined")]
    );
}

#[test]
fn an_error_a_deflated_body_and_an_empty_one_say_what_they_are() {
    let mut pair = Pair::connected(Config::new(1));
    let calls = [(); 3].map(|()| pair.request("a.b", b""));
    let error = Message {
        error: true,
        ..Message::response(1, b"{}")
    };
    let deflated = Message {
        deflated: true,
        ..Message::response(2, b"\x78\x9c")
    };
    pair.serve(error);
    pair.serve(deflated);
    pair.respond(3, b"");
    let seen: Vec<_> = calls.map(|call| pair.end_of(call)).into();
    let expected = [
        (true, false, b"{}".as_slice()),
        (false, true, b"\x78\x9c"),
        (false, false, b""),
    ];
    for ((call, seen), (error, deflated, body)) in calls.into_iter().zip(seen).zip(expected) {
        let body = body.to_vec();
        assert_eq!(
            seen,
            Some(Seen::Response {
                call,
                error,
                deflated,
                body
            })
        );
    }
}

#[test]
fn a_request_that_no_message_can_carry_fails_at_once() {
    let mut pair = Pair::connected(Config::new(1));
    let long = pair.request(&"r".repeat(256), b"");
    let fits = pair.request(&"r".repeat(255), b"");
    let large = pair.request("a.b", &vec![0; 16 * 1024 * 1024]);
    let text = |seen: Option<Seen>| match seen {
        Some(Seen::Failed(_, error)) => {
            assert!(!error.sent());
            error.to_string()
        }
        other => panic!("{other:?}"),
    };
    assert!(text(pair.end_of(long)).contains("256 bytes"));
    assert!(text(pair.end_of(large)).contains("16777216 bytes"));
    assert_eq!(pair.end_of(fits), None);
    assert_eq!(pair.arrived.len(), 1);
}

#[test]
fn a_notify_is_sent_and_ends_there() {
    let mut pair = Pair::connected(Config::new(1));
    let call = pair.notify("room.say", b"hi", pitaya_client_core::Offline::Fail);
    assert_eq!(pair.take(), [Seen::Sent(call)]);
    assert_eq!(pair.arrived[0].kind, MessageKind::Notify);
    assert_eq!(pair.arrived[0].body, b"hi");
}
