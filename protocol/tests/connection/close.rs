//! Ends: kicks, closes, faults, and what the other side learns of them.

use pitaya_protocol::{
    Capabilities, Close, CloseCode, Closed, MessageKind, Origin, RouteRef,
    connection::{ClientConfig, Input, Misuse},
    handshake::Agreement,
    message::Message,
};

use crate::support::{End, Netem, Pair, Policy, Seen, Setup, at, millis, request_body, secs};

fn family() -> Setup {
    Setup {
        capabilities: Capabilities::NONE,
        ..Setup::default()
    }
}

fn close(pair: &mut Pair, close: impl Into<Close>) {
    let now = pair.now;
    pair.server.input(now, Input::Close(close.into()));
    pair.settle();
}

/// Bytes to an open server of a client without extensions; returns it with what it has made of them.
fn server_given(bytes: &[u8]) -> End {
    let mut server = End::open_server(Agreement::default());
    server.bytes(at(1), bytes);
    server
}

/// Wire 25.12: the kick of the family has no body.
#[test]
fn a_kick_is_empty_for_the_family_and_final_for_the_client() {
    for code in [
        CloseCode::KICKED,
        CloseCode::REPLACED,
        CloseCode::from_number(900),
    ] {
        let mut pair = Pair::open(family());
        let before = pair.server.sent.len();
        close(&mut pair, Close::new(code).with_reason("go away"));
        assert_eq!(pair.server.sent[before].1, [5, 0, 0, 0]);
        let (_, closed) = pair.client.closed().expect("closed");
        assert_eq!(
            (closed.close.code, closed.origin),
            (CloseCode::KICKED, Origin::Peer)
        );
        assert!(!closed.close.code.reconnect());
    }
}

/// Family clients stay away after a kick, so a server that drains must not send one.
#[test]
fn draining_never_kicks_the_family() {
    for code in [
        CloseCode::DRAINING,
        CloseCode::OVERLOADED,
        CloseCode::SLOW_CONSUMER,
        CloseCode::NORMAL,
        CloseCode::INTERNAL,
    ] {
        let mut pair = Pair::open(family());
        let before = pair.server.sent.len();
        close(&mut pair, code);
        assert_eq!(pair.server.sent.len(), before, "{code:?} sends nothing");
        let (_, closed) = pair.client.closed().expect("closed");
        assert_eq!(
            (closed.close.code, closed.origin),
            (CloseCode::EOF, Origin::Peer)
        );
        assert!(closed.close.code.reconnect(), "{code:?}");
    }
}

#[test]
fn close_reason_tells_everything() {
    let advice = Close::new(CloseCode::DRAINING)
        .with_reason("back \"soon\" \u{1}")
        .with_retry_after(millis(750))
        .with_endpoint("wss://b.example/ws");
    let mut pair = Pair::open(Setup::default());
    close(&mut pair, advice.clone());
    let (_, closed) = pair.client.closed().expect("closed");
    assert_eq!((&closed.close, closed.origin), (&advice, Origin::Peer));
    assert!(closed.close.code.reconnect());
    let (_, closed) = pair.server.closed().expect("closed");
    assert_eq!((&closed.close, closed.origin), (&advice, Origin::Local));
}

#[test]
fn every_code_reaches_a_client_with_close_reason() {
    for code in CloseCode::NAMED
        .iter()
        .copied()
        .chain([CloseCode::from_number(250), CloseCode::from_number(950)])
    {
        let mut pair = Pair::open(Setup::default());
        close(&mut pair, code);
        assert_eq!(pair.client.close_code(), code);
    }
}

#[test]
fn the_range_of_a_code_says_whether_to_come_back() {
    for number in 0..1200 {
        let code = CloseCode::from_number(number);
        assert_eq!(code.number(), number);
        assert_eq!(code.reconnect(), (100..400).contains(&number), "{number}");
        assert!(!(code.reconnect() && code.is_kick()), "{number}");
    }
}

#[test]
fn what_was_sent_before_a_kick_arrives_before_it() {
    let mut pair = Pair::open(family());
    let now = pair.now;
    for number in 0..100_u8 {
        pair.server
            .send(now, Message::push(RouteRef::Name("n"), &[number]));
    }
    close(&mut pair, CloseCode::KICKED);
    let events = pair.client.events();
    assert_eq!(events.len(), 101);
    assert_eq!(events[99], Seen::message(MessageKind::Push, 0, "n", &[99]));
}

#[test]
fn a_kick_is_final_in_every_state_of_a_client() {
    let mut client = End::client(at(0), &ClientConfig::new(&request_body(Capabilities::NONE)));
    client.bytes(at(1), &[5, 0, 0, 0]);
    assert_eq!(client.close_code(), CloseCode::KICKED);

    let mut pair = Pair::open(family());
    let now = pair.now;
    pair.client.bytes(
        now,
        b"\x05\x00\x00\x13{\"reason\":\"banned\"}\x04\x00\x00\x03\x06\x01a",
    );
    assert!(
        pair.client.messages().is_empty(),
        "nothing comes after a kick"
    );
    let (_, closed) = pair.client.closed().expect("closed");
    assert_eq!(
        (closed.close.code, closed.close.reason()),
        (CloseCode::KICKED, "banned")
    );
}

#[test]
fn a_kick_whose_body_is_being_read_stays_a_kick() {
    for end in [
        Input::Eof,
        Input::Ended(Closed::transport("reset")),
        Input::Timer,
    ] {
        let mut pair = Pair::open(Setup::default());
        pair.client.policy = Policy::Wait;
        pair.client.bytes(at(1), b"\x05\x00\x00\x02{}");
        pair.client.input(at(3_600_000), end);
        assert!(pair.client.closed().is_none());
        assert_eq!(pair.client.deadline, None);
        pair.client
            .input(at(3_600_001), Input::Kicked(CloseCode::REPLACED.into()));
        let (_, closed) = pair.client.closed().expect("closed");
        assert_eq!(
            (closed.close.code, closed.origin),
            (CloseCode::REPLACED, Origin::Peer)
        );
    }
}

#[test]
fn a_kick_in_place_of_the_response_is_not_timed_out_while_it_is_read() {
    let mut client = End::client(at(0), &ClientConfig::new(&request_body(Capabilities::NONE)));
    client.policy = Policy::Wait;
    client.bytes(at(1), b"\x05\x00\x00\x02{}");
    assert_eq!(client.deadline, None);
    client.timer(at(3_600_000));
    client.input(at(3_600_001), Input::Kicked(CloseCode::REPLACED.into()));
    assert_eq!(client.close_code(), CloseCode::REPLACED);
}

#[test]
fn a_kick_body_that_nobody_can_read_is_a_kick() {
    for body in [
        "",
        "{",
        "bye",
        "[501]",
        r#"{"code":"x"}"#,
        r#"{"code":99999999}"#,
    ] {
        assert_eq!(
            Close::parse_kick(body.as_bytes()),
            CloseCode::KICKED.into(),
            "{body}"
        );
    }
    assert_eq!(Close::parse_kick(&[0xff; 100]), CloseCode::KICKED.into());
}

#[test]
fn a_client_that_closes_says_nothing() {
    let mut pair = Pair::open(Setup::default());
    let (now, before) = (pair.now, pair.client.sent.len());
    pair.client
        .input(now, Input::Close(CloseCode::NORMAL.into()));
    pair.settle();
    assert_eq!(pair.client.sent.len(), before);
    assert_eq!(
        pair.client.closed().expect("closed").1.origin,
        Origin::Local
    );
    let (_, closed) = pair.server.closed().expect("closed");
    assert_eq!(
        (closed.close.code, closed.origin),
        (CloseCode::EOF, Origin::Peer)
    );
}

#[test]
fn messages_before_the_end_of_the_stream_are_delivered() {
    let mut server = End::open_server(Agreement::default());
    server.input(at(1), Input::Reading(false));
    server.bytes(at(2), &[4, 0, 0, 3, 2, 1, b'a', 4, 0, 0, 3, 2, 1, b'b']);
    server.input(at(3), Input::Eof);
    assert!(server.closed().is_none());
    server.input(at(4), Input::Reading(true));
    assert_eq!(server.messages().len(), 2);
    assert_eq!(server.close_code(), CloseCode::EOF);
}

#[test]
fn a_stream_that_ends_inside_a_packet_is_a_fault() {
    for part in [&[4][..], &[4, 0, 0], &[4, 0, 0, 5], &[4, 0, 0, 5, 2, 1]] {
        let mut server = server_given(part);
        server.input(at(2), Input::Eof);
        let (_, closed) = server.closed().expect("closed");
        assert_eq!(
            (closed.close.code, closed.origin),
            (CloseCode::BAD_PACKET, Origin::Fault)
        );
    }
}

#[test]
fn a_transport_that_fails_says_how() {
    let mut server = server_given(&[4, 0, 0, 3, 2, 1, b'a']);
    server.input(at(2), Input::Ended(Closed::transport("connection reset")));
    let (_, closed) = server.closed().expect("closed");
    assert_eq!(
        (closed.close.code, closed.origin),
        (CloseCode::TRANSPORT, Origin::Transport)
    );
    assert_eq!(closed.close.reason(), "connection reset");
    assert_eq!(server.messages().len(), 1);
}

/// Wire 1.1: Go Pitaya loses the good packets.
#[test]
fn good_packets_before_a_bad_header_are_delivered() {
    let server = server_given(&[
        4, 0, 0, 3, 2, 1, b'a', 3, 0, 0, 0, 9, 0, 0, 0, 4, 0, 0, 3, 2, 1, b'b',
    ]);
    assert_eq!(
        server.messages(),
        [Seen::message(MessageKind::Notify, 0, "a", b"")]
    );
    assert_eq!(server.close_code(), CloseCode::BAD_PACKET);
}

/// Wire 6.5 and 25.10: the packet that kills a whole Go server ends one connection.
#[test]
fn the_two_byte_request_ends_one_connection() {
    let server = server_given(&[4, 0, 0, 2, 0, 1]);
    let (_, closed) = server.closed().expect("closed");
    assert_eq!(
        (closed.close.code, closed.origin),
        (CloseCode::BAD_MESSAGE, Origin::Fault)
    );
}

#[test]
fn malformed_messages_end_the_connection() {
    let messages: [&[u8]; 9] = [
        &[],
        &[2],
        &[0, 0x80],
        &[
            0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00, 1, b'a',
        ],
        &[2, 9, b'a'],
        &[3, 0],
        &[8, 1],
        &[14, 1],
        &[2, 2, 0xc3, 0x28],
    ];
    for message in messages {
        let mut packet = vec![4, 0, 0, u8::try_from(message.len()).expect("short")];
        packet.extend(message);
        assert_eq!(
            server_given(&packet).close_code(),
            CloseCode::BAD_MESSAGE,
            "{message:?}"
        );
    }
}

/// Wire 6.5: Go Pitaya answers the one with an error and runs the other.
#[test]
fn responses_and_pushes_from_a_client_end_the_connection() {
    for message in [&[4, 0, 0, 2, 4, 1][..], &[4, 0, 0, 3, 6, 1, b'a']] {
        let server = server_given(message);
        assert_eq!(server.close_code(), CloseCode::BAD_MESSAGE);
        assert!(server.messages().is_empty());
    }
}

#[test]
fn requests_and_notifies_from_a_server_end_the_connection() {
    for message in [&[4, 0, 0, 4, 0, 1, 1, b'a'][..], &[4, 0, 0, 3, 2, 1, b'a']] {
        let mut pair = Pair::open(Setup::default());
        pair.client.bytes(at(1), message);
        assert_eq!(pair.client.close_code(), CloseCode::BAD_MESSAGE);
    }
}

#[test]
fn a_kick_from_a_client_means_nothing() {
    let server = server_given(&[5, 0, 0, 0, 4, 0, 0, 3, 2, 1, b'a']);
    assert_eq!(server.messages().len(), 1);
    assert!(server.closed().is_none());
}

#[test]
fn a_fault_is_no_kick_for_the_family() {
    let mut pair = Pair::open(family());
    let (now, before) = (pair.now, pair.server.sent.len());
    pair.server.bytes(now, &[9, 0, 0, 0]);
    assert_eq!(pair.server.sent.len(), before);
}

#[test]
fn a_closed_connection_stays_closed() {
    let mut server = server_given(&[9, 0, 0, 0]);
    let (seen, sent) = (server.seen.len(), server.sent.len());
    server.bytes(at(2), &[4, 0, 0, 3, 2, 1, b'a']);
    server.input(at(3), Input::Frame(&[3, 0, 0, 0]));
    server.input(at(4), Input::Eof);
    server.input(at(5), Input::Close(CloseCode::KICKED.into()));
    server.timer(at(1_000_000_000));
    let send = Input::Send(Message::push(RouteRef::Name("a"), b""));
    assert_eq!(
        server.try_input(at(1_000_000_001), send),
        Err(Misuse::NotOpen)
    );
    assert_eq!(
        server.try_input(at(1_000_000_001), Input::Kicked(CloseCode::KICKED.into())),
        Err(Misuse::NothingToAnswer)
    );
    assert_eq!(
        (server.seen.len(), server.sent.len(), server.deadline),
        (seen, sent, None)
    );
    assert!(server.connection.is_closed() && !server.connection.wants_bytes());
}

#[test]
fn a_link_that_goes_dark_does_not_hide_a_close_that_arrived() {
    let mut pair = Pair::open(Setup {
        down: Netem::perfect().dead_from(at(50_000)),
        ..Setup::default()
    });
    pair.run(secs(40));
    close(&mut pair, CloseCode::REPLACED);
    assert_eq!(pair.client.close_code(), CloseCode::REPLACED);
}
