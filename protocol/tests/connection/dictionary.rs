//! The route dictionary: a value of each connection, used in both directions.

use pitaya_protocol::{
    Capabilities, CloseCode, Dictionary, MessageKind, RouteRef, connection::Input,
    handshake::Agreement, message::Message,
};

use crate::support::{Pair, Policy, Seen, Setup};

fn setup(entries: &[(&str, u16)], capabilities: Capabilities) -> Setup {
    let dictionary = Dictionary::new(entries.iter().copied()).expect("a dictionary");
    let agreement = Agreement::new(None, dictionary, Capabilities::ALL);
    Setup {
        policy: Policy::Accept(agreement),
        capabilities,
        ..Setup::default()
    }
}

const ENTRIES: &[(&str, u16)] = &[
    ("room.join", 1),
    ("onLine", 2),
    ("onHigh", 515),
    ("onHighest", 65_535),
];

#[test]
fn codes_go_both_ways_and_arrive_as_names() {
    let mut pair = Pair::open(setup(ENTRIES, Capabilities::PUSH_DICT));
    let now = pair.now;
    let (up, down) = (pair.client.sent.len(), pair.server.sent.len());
    pair.client
        .send(now, Message::request(1, RouteRef::Name("room.join"), b""));
    for route in ["onLine", "onHigh", "onHighest"] {
        pair.server
            .send(now, Message::push(RouteRef::Name(route), b""));
    }
    pair.settle();
    assert_eq!(pair.client.sent[up].1, [4, 0, 0, 4, 1, 1, 0, 1]);
    assert_eq!(pair.server.sent[down].1, [4, 0, 0, 3, 7, 0, 2]);
    assert_eq!(pair.server.sent[down + 1].1, [4, 0, 0, 3, 7, 2, 3]);
    assert_eq!(
        pair.server.messages(),
        [Seen::message(MessageKind::Request, 1, "room.join", b"")]
    );
    let routes = ["onLine", "onHigh", "onHighest"]
        .map(|route| Seen::message(MessageKind::Push, 0, route, b""));
    assert_eq!(pair.client.messages(), routes);
}

/// Wire 25.5: the family's C client cannot read the code of a push.
#[test]
fn a_push_goes_by_name_to_a_client_without_push_dict() {
    let mut pair = Pair::open(setup(ENTRIES, Capabilities::NONE));
    let (now, before) = (pair.now, pair.server.sent.len());
    pair.server
        .send(now, Message::push(RouteRef::Name("onLine"), b""));
    assert_eq!(
        pair.server.sent[before].1,
        b"\x04\x00\x00\x08\x06\x06onLine"
    );
    let before = pair.client.sent.len();
    pair.client
        .send(now, Message::notify(RouteRef::Name("room.join"), b""));
    assert_eq!(
        pair.client.sent[before].1,
        [4, 0, 0, 3, 3, 0, 1],
        "requests and notifies go by code all the same"
    );
}

#[test]
fn a_client_may_write_names_although_there_are_codes() {
    let mut pair = Pair::open(setup(ENTRIES, Capabilities::NONE));
    let now = pair.now;
    pair.server.bytes(now, b"\x04\x00\x00\x0b\x02\x09room.join");
    assert_eq!(
        pair.server.messages(),
        [Seen::message(MessageKind::Notify, 0, "room.join", b"")]
    );
}

#[test]
fn an_unknown_code_ends_the_connection() {
    for entries in [ENTRIES, &[]] {
        for code in [0, 3, 256, 514] {
            let mut pair = Pair::open(setup(entries, Capabilities::NONE));
            let now = pair.now;
            pair.client
                .send(now, Message::notify(RouteRef::Code(code), b""));
            pair.settle();
            assert_eq!(pair.server.close_code(), CloseCode::BAD_MESSAGE, "{code}");
            assert!(pair.server.messages().is_empty());
        }
    }
}

#[test]
fn two_connections_of_one_process_have_dictionaries_of_their_own() {
    let mut first = Pair::open(setup(&[("a.b", 1)], Capabilities::NONE));
    let mut second = Pair::open(setup(&[("c.d", 1)], Capabilities::NONE));
    for (pair, route) in [(&mut first, "a.b"), (&mut second, "c.d")] {
        let now = pair.now;
        pair.client
            .send(now, Message::notify(RouteRef::Code(1), b""));
        pair.settle();
        assert_eq!(
            pair.server.messages(),
            [Seen::message(MessageKind::Notify, 0, route, b"")]
        );
    }
}

#[test]
fn an_error_answer_and_a_deflated_body_keep_their_flags() {
    let mut pair = Pair::open(setup(ENTRIES, Capabilities::PUSH_DICT));
    let now = pair.now;
    pair.server.send(
        now,
        Message {
            error: true,
            ..Message::response(5, b"{}")
        },
    );
    pair.server.send(
        now,
        Message {
            deflated: true,
            ..Message::push(RouteRef::Name("onHigh"), b"z")
        },
    );
    pair.settle();
    let flags: Vec<_> = pair
        .client
        .messages()
        .into_iter()
        .map(|seen| match seen {
            Seen::Message {
                route,
                error,
                deflated,
                ..
            } => (route, error, deflated),
            other => panic!("no message: {other:?}"),
        })
        .collect();
    assert_eq!(
        flags,
        [
            (String::new(), true, false),
            ("onHigh".to_owned(), false, true)
        ]
    );
}

#[test]
fn ids_are_echoed_as_they_are() {
    let mut pair = Pair::open(Setup::default());
    let now = pair.now;
    // Wire 25.4: 0 is never answered, yet it is a request that can be read; ids beyond 31 bits are a peer's own affair.
    for id in [
        0,
        1,
        127,
        128,
        300,
        (1 << 31) - 1,
        1 << 31,
        u64::from(u32::MAX),
        u64::MAX,
    ] {
        pair.client
            .send(now, Message::request(id, RouteRef::Name("a.b"), b""));
        pair.settle();
        assert_eq!(
            pair.server.messages().last(),
            Some(&Seen::message(MessageKind::Request, id, "a.b", b""))
        );
        pair.server
            .input(now, Input::Send(Message::response(id, b"")));
        pair.settle();
        assert_eq!(
            pair.client.messages().last(),
            Some(&Seen::message(MessageKind::Response, id, "", b""))
        );
    }
}
