//! The handshake: what each side may send when, and how it is refused.

use std::time::Duration;

use pitaya_protocol::{
    Capabilities, Close, CloseCode, Dictionary, MessageKind, Origin, RouteRef,
    connection::{ClientConfig, Input, Misuse, ServerConfig},
    handshake::{Agreement, HandshakeRequest, HandshakeResponse, ServerInfo},
    message::Message,
};

use crate::support::{End, Netem, Pair, Policy, Seen, Setup, at, millis, request_body, secs};

fn start() -> End {
    End::server(
        at(0),
        &ServerConfig::default(),
        Policy::Accept(Agreement::default()),
    )
}

fn handshake_packet() -> Vec<u8> {
    let mut bytes = Vec::new();
    let body = request_body(Capabilities::NONE);
    pitaya_protocol::packet::encode(pitaya_protocol::PacketType::Handshake, &body, &mut bytes)
        .expect("small");
    bytes
}

#[test]
fn both_sides_open_and_talk() {
    let mut pair = Pair::new(Setup::default());
    pair.settle();
    let now = pair.now;
    pair.client
        .send(now, Message::request(1, RouteRef::Name("room.join"), b"{}"));
    pair.settle();
    pair.server.send(now, Message::response(1, b"[]"));
    pair.server
        .send(now, Message::push(RouteRef::Name("onJoin"), b"1"));
    pair.settle();
    assert_eq!(
        pair.server.messages(),
        [Seen::message(MessageKind::Request, 1, "room.join", b"{}")]
    );
    assert_eq!(
        pair.client.messages(),
        [
            Seen::message(MessageKind::Response, 1, "", b"[]"),
            Seen::message(MessageKind::Push, 0, "onJoin", b"1")
        ]
    );
}

/// Wire 25.1: family clients read the response from one burst of bytes and nothing may come before it.
#[test]
fn the_response_is_one_transmit_and_the_only_one_before_the_ack() {
    let mut server = start();
    server.bytes(at(0), &handshake_packet());
    server.bytes(at(10), &[3, 0, 0, 0]);
    assert_eq!(server.sent.len(), 1);
    let (_, response) = &server.sent[0];
    assert_eq!(response[0], 1);
    HandshakeResponse::parse(&response[4..]).expect("the whole response");
}

/// The same for a client whose heartbeats are returned once it is in.
#[test]
fn no_heartbeat_is_returned_before_the_ack() {
    let agreement = Agreement::new(None, Dictionary::default(), Capabilities::ALL);
    let mut server = End::server(at(0), &ServerConfig::default(), Policy::Accept(agreement));
    let mut bytes = vec![1, 0, 0, 0];
    let body = request_body(Capabilities::ALL);
    bytes[3] = u8::try_from(body.len()).expect("short");
    bytes.extend(body);
    server.bytes(at(0), &bytes);
    server.bytes(at(1), &[3, 0, 0, 1, 7]);
    assert_eq!(server.sent.len(), 1, "only the response");
    server.bytes(at(2), &[2, 0, 0, 0, 3, 0, 0, 1, 7]);
    assert_eq!(server.sent[1].1, [3, 0, 0, 1, 7]);
}

/// Wire 25.1: a client that is slow to acknowledge is not sent heartbeats.
#[test]
fn no_heartbeat_comes_before_the_ack() {
    let mut config = ServerConfig::default();
    config.handshake_timeout = secs(3600);
    let agreement = Agreement::new(Some(secs(1)), Dictionary::default(), Capabilities::NONE);
    let mut server = End::server(at(0), &config, Policy::Accept(agreement));
    server.timer(at(10_000));
    server.bytes(at(20_000), &handshake_packet());
    server.timer(at(30_000));
    assert_eq!(server.sent.len(), 1, "only the response");
    server.bytes(at(40_000), &[2, 0, 0, 0]);
    server.timer(at(40_999));
    assert_eq!(server.sent.len(), 1);
    server.timer(at(41_000));
    assert_eq!(server.sent[1].1, [3, 0, 0, 0]);
}

#[test]
fn a_heartbeat_before_the_handshake_is_tolerated() {
    let mut server = start();
    server.bytes(at(0), &[3, 0, 0, 0]);
    server.bytes(at(1), &handshake_packet());
    server.bytes(at(2), &[3, 0, 0, 0, 2, 0, 0, 0]);
    assert!(server.connection.is_open());
}

#[test]
fn what_is_out_of_order_ends_the_connection() {
    let ack = &[2, 0, 0, 0][..];
    let data = &[4, 0, 0, 3, 2, 1, b'a'][..];
    let first = handshake_packet();
    let cases: [(&str, Vec<&[u8]>); 6] = [
        ("an ack without handshake", vec![ack]),
        ("data before the handshake", vec![data]),
        ("data before the ack", vec![&first, data]),
        ("a second handshake before the ack", vec![&first, &first]),
        ("a second handshake", vec![&first, ack, &first]),
        ("a second ack", vec![&first, ack, ack]),
    ];
    for (name, packets) in cases {
        let mut server = start();
        for packet in packets {
            assert!(server.closed().is_none(), "{name}");
            server.bytes(at(0), packet);
        }
        assert_eq!(server.close_code(), CloseCode::OUT_OF_ORDER, "{name}");
        assert!(server.messages().is_empty(), "{name}");
    }
}

#[test]
fn a_slow_validator_holds_everything_behind_the_handshake() {
    let mut server = End::server(at(0), &ServerConfig::default(), Policy::Wait);
    let mut bytes = handshake_packet();
    bytes.extend([2, 0, 0, 0]);
    server.bytes(at(0), &bytes);
    assert_eq!(server.seen.len(), 1);
    assert!(
        !server.connection.wants_bytes(),
        "what a client sends meanwhile stays with the transport"
    );
    server.input(
        at(100),
        Input::Accept {
            agreement: Agreement::default(),
            response: b"{}",
        },
    );
    assert!(server.connection.is_open());
    assert!(server.connection.wants_bytes());
}

#[test]
fn an_answer_that_nobody_asked_for_is_misuse() {
    let mut server = start();
    let accept = || Input::Accept {
        agreement: Agreement::default(),
        response: b"{}",
    };
    assert_eq!(
        server.try_input(at(0), accept()),
        Err(Misuse::NothingToAnswer)
    );
    let refuse = Input::Refuse {
        close: CloseCode::REFUSED.into(),
        response: b"{}",
    };
    assert_eq!(
        server.try_input(at(0), refuse),
        Err(Misuse::NothingToAnswer)
    );
    server.bytes(at(0), &handshake_packet());
    assert_eq!(
        server.try_input(at(0), accept()),
        Err(Misuse::NothingToAnswer),
        "it is answered already"
    );
    let send = Input::Send(Message::push(RouteRef::Name("a"), b""));
    assert_eq!(server.try_input(at(0), send), Err(Misuse::NotOpen));
    assert!(server.closed().is_none(), "misuse changes nothing");
}

#[test]
fn a_refusal_is_answered_and_not_acknowledged() {
    let close = Close::new(CloseCode::CLIENT_TOO_OLD).with_reason("update, please");
    let mut pair = Pair::new(Setup {
        policy: Policy::Refuse(close.clone()),
        ..Setup::default()
    });
    pair.settle();
    let (_, closed) = pair.client.closed().expect("closed");
    assert_eq!((&closed.close, closed.origin), (&close, Origin::Peer));
    assert_eq!(pair.client.sent.len(), 1, "the handshake and no ack");
    assert_eq!(
        pair.server.closed().expect("closed").1.origin,
        Origin::Local
    );
    assert!(!pair.client.events().contains(&Seen::Open));
}

#[test]
fn every_code_but_200_is_a_refusal() {
    for code in [0, 199, 201, 400, 500, 501] {
        let response = HandshakeResponse::refuse(code, ServerInfo::default(), None);
        let close = response.agreement().expect_err("refused");
        assert!(
            !close.code.reconnect(),
            "{code}: the same handshake would be refused again"
        );
    }
}

/// A server writes its refusal and ends the stream; a client that reads bodies elsewhere may see the end first.
#[test]
fn a_refusal_outlives_the_end_of_the_stream() {
    let mut client = End::client(at(0), &ClientConfig::new(&request_body(Capabilities::NONE)));
    client.policy = Policy::Wait;
    client.bytes(at(0), b"\x01\x00\x00\x0c{\"code\":400}");
    client.input(at(1), Input::Eof);
    assert!(client.closed().is_none());
    client.input(
        at(2),
        Input::Refuse {
            close: CloseCode::REFUSED.into(),
            response: &[],
        },
    );
    let (_, closed) = client.closed().expect("closed");
    assert_eq!(
        (closed.close.code, closed.origin),
        (CloseCode::REFUSED, Origin::Peer)
    );
}

#[test]
fn a_handshake_that_takes_too_long_ends_both_sides() {
    let mut server = start();
    assert_eq!(server.deadline, Some(at(5_000)));
    server.timer(at(4_999));
    assert!(server.closed().is_none());
    server.timer(at(5_000));
    assert_eq!(server.close_code(), CloseCode::HANDSHAKE_TIMEOUT);

    let mut pair = Pair::new(Setup {
        down: Netem::perfect().dead_from(at(0)),
        ..Setup::default()
    });
    pair.run(secs(60));
    assert_eq!(
        pair.client
            .closed()
            .map(|(at, closed)| (at, closed.close.code)),
        Some((at(10_000), CloseCode::HANDSHAKE_TIMEOUT))
    );
    assert!(pair.client.close_code().reconnect());
}

#[test]
fn a_validator_that_is_too_late_answers_nobody() {
    let mut server = End::server(at(0), &ServerConfig::default(), Policy::Wait);
    server.bytes(at(0), &handshake_packet());
    server.timer(at(5_000));
    assert_eq!(server.close_code(), CloseCode::HANDSHAKE_TIMEOUT);
    let late = Input::Accept {
        agreement: Agreement::default(),
        response: b"{}",
    };
    assert_eq!(
        server.try_input(at(5_001), late),
        Err(Misuse::NothingToAnswer)
    );
    assert!(server.sent.is_empty());
}

#[test]
fn a_client_that_goes_during_validation_ends_the_connection_at_once() {
    let mut server = End::server(at(0), &ServerConfig::default(), Policy::Wait);
    server.bytes(at(0), &handshake_packet());
    server.input(at(10), Input::Eof);
    assert_eq!(server.close_code(), CloseCode::EOF);
}

/// Section 9 of the architecture: a peer without the list gets exactly the old bytes.
#[test]
fn a_client_without_capabilities_gets_the_old_response() {
    let mut pair = Pair::new(Setup {
        capabilities: Capabilities::NONE,
        ..Setup::default()
    });
    pair.settle();
    let response = pair.server.sent_bytes();
    assert_eq!(
        &response[4..],
        br#"{"code":200,"sys":{"dict":{},"heartbeat":30,"serializer":"json"}}"#
    );
    assert_eq!(
        pair.client.connection.agreement().capabilities,
        Capabilities::NONE
    );
    assert_eq!(
        pair.server.connection.agreement().capabilities,
        Capabilities::NONE
    );
}

#[test]
fn a_server_grants_what_is_offered_and_no_more() {
    for offered in [
        Capabilities::CLOSE_REASON,
        Capabilities::PUSH_DICT.with(Capabilities::MANY_PER_FRAME),
    ] {
        let mut pair = Pair::new(Setup {
            capabilities: offered,
            ..Setup::default()
        });
        pair.settle();
        assert_eq!(pair.client.connection.agreement().capabilities, offered);
        assert_eq!(pair.server.connection.agreement().capabilities, offered);
    }
}

/// Wire 25.3: whole seconds are written as such, fractions are read.
#[test]
fn heartbeats_are_announced_in_seconds() {
    for (interval, text) in [(secs(30), "30,"), (millis(1500), "1.5,")] {
        let agreement = Agreement::new(Some(interval), Dictionary::default(), Capabilities::NONE);
        let json = HandshakeResponse::accept(ServerInfo::new(&agreement, "json")).to_json();
        let json = String::from_utf8(json).expect("JSON");
        assert!(json.contains(&format!(r#""heartbeat":{text}"#)), "{json}");
        let parsed = HandshakeResponse::parse(json.as_bytes()).expect("our own");
        assert_eq!(parsed.sys.heartbeat, Some(interval));
    }
}

#[test]
fn nesting_is_limited_before_it_is_parsed() {
    let body = format!(
        r#"{{"user":{{"a":{}{}}}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    HandshakeRequest::parse(body.as_bytes(), 32).expect_err("too deep");
    let text = format!(r#"{{"user":{{"a":"{}"}}}}"#, "[".repeat(1000));
    HandshakeRequest::parse(text.as_bytes(), 32).expect("brackets in a text are no nesting");
}

#[test]
fn data_may_follow_the_ack_in_the_same_bytes() {
    let mut server = start();
    server.bytes(at(0), &handshake_packet());
    server.bytes(at(0), &[2, 0, 0, 0, 4, 0, 0, 3, 2, 1, b'a']);
    assert_eq!(
        server.events()[1..],
        [Seen::Open, Seen::message(MessageKind::Notify, 0, "a", b"")]
    );
}

#[test]
fn time_that_stands_still_opens_too() {
    let mut pair = Pair::new(Setup::default());
    pair.run(Duration::ZERO);
    assert!(pair.client.connection.is_open() && pair.server.connection.is_open());
}
