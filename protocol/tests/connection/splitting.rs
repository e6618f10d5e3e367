//! However a network splits, joins and delays the bytes, both sides see the same.

use pitaya_protocol::{
    CloseCode, MessageKind, RouteRef, connection::Input, handshake::Agreement, message::Message,
    packet::MAX_BODY,
};

use crate::support::{End, Netem, Pair, Seen, Setup, at, millis, secs};

/// A conversation that ends with a kick; returns what each side has seen, round trips left out.
fn converse(up: Netem, down: Netem) -> (Vec<Seen>, Vec<Seen>) {
    let mut pair = Pair::new(Setup {
        up,
        down,
        ..Setup::default()
    });
    pair.settle();
    for id in 1..=20_u64 {
        let now = pair.now;
        let body = vec![u8::try_from(id).expect("small"); usize::try_from(id * id).expect("small")];
        pair.client
            .send(now, Message::request(id, RouteRef::Name("room.say"), &body));
        pair.client
            .send(now, Message::notify(RouteRef::Name("room.typing"), &body));
        pair.server
            .send(now, Message::push(RouteRef::Name("onSay"), &body));
        pair.settle();
        let now = pair.now;
        pair.server.send(now, Message::response(id, &body));
        pair.run(secs(10));
    }
    let now = pair.now;
    pair.server
        .input(now, Input::Close(CloseCode::REPLACED.into()));
    pair.settle();
    let seen = |end: &End| {
        let mut events = end.events();
        events.retain(|seen| !matches!(seen, Seen::RoundTrip(_)));
        events
    };
    (seen(&pair.client), seen(&pair.server))
}

#[test]
fn a_hundred_networks_deliver_the_same_conversation() {
    let expected = converse(Netem::perfect(), Netem::perfect());
    assert_eq!(
        expected.0.len(),
        2 + 40 + 2,
        "handshake, open, messages, kick, close"
    );
    for seed in 0..100 {
        let jitter = millis(seed % 50);
        let net = |salt| Netem::splitting(seed * 2 + salt, jitter).delay(millis(seed));
        assert!(converse(net(0), net(1)) == expected, "seed {seed}");
    }
}

#[test]
fn frames_deliver_the_same_conversation() {
    let expected = converse(Netem::perfect(), Netem::perfect());
    let frames = || Netem::perfect().frames();
    assert!(converse(frames(), frames()) == expected);
    assert!(converse(frames().delay(millis(70)), Netem::perfect()) == expected);
}

/// What a client sends behind its ack, three kinds of packets.
const STREAM: &[u8] = &[
    4, 0, 0, 6, 0, 1, 3, b'a', b'.', b'b', 3, 0, 0, 0, 4, 0, 0, 4, 2, 1, b'c', 9, 3, 0, 0, 2, 1, 2,
    4, 0, 0, 3, 2, 1, b'd',
];

fn expected() -> [Seen; 3] {
    [
        Seen::message(MessageKind::Request, 1, "a.b", b""),
        Seen::message(MessageKind::Notify, 0, "c", &[9]),
        Seen::message(MessageKind::Notify, 0, "d", b""),
    ]
}

#[test]
fn every_place_to_split_is_a_good_one() {
    for first in 0..=STREAM.len() {
        for second in first..=STREAM.len() {
            let mut server = End::open_server(Agreement::default());
            server.bytes(at(1), &STREAM[..first]);
            server.bytes(at(2), &STREAM[first..second]);
            server.bytes(at(3), &STREAM[second..]);
            assert_eq!(
                server.messages(),
                expected(),
                "split at {first} and {second}"
            );
        }
    }
}

#[test]
fn bytes_come_one_by_one() {
    let mut server = End::open_server(Agreement::default());
    for byte in STREAM {
        server.bytes(at(1), &[*byte]);
    }
    assert_eq!(server.messages(), expected());
}

#[test]
fn bytes_that_come_while_nothing_is_read_are_not_lost() {
    let mut server = End::open_server(Agreement::default());
    server.input(at(1), Input::Reading(false));
    for byte in STREAM {
        server.bytes(at(1), &[*byte]);
    }
    assert!(server.messages().is_empty());
    server.input(at(2), Input::Reading(true));
    assert_eq!(server.messages(), expected());
}

/// Wire 25.11: older pomelo peers put several packets into one message.
#[test]
fn several_packets_in_one_frame_are_read() {
    let mut server = End::open_server(Agreement::default());
    server.input(at(1), Input::Frame(STREAM));
    assert_eq!(server.messages(), expected());
    assert!(server.closed().is_none());
}

/// Wire 1.3: a message that is shorter or longer than announced drops the connection, after its good packets.
#[test]
fn a_frame_that_is_not_made_of_whole_packets_ends_the_connection() {
    for cut in 1..STREAM.len() {
        let mut server = End::open_server(Agreement::default());
        server.input(at(1), Input::Frame(&STREAM[..cut]));
        let whole = [10, 14, 22, 28].contains(&cut);
        assert_eq!(server.closed().is_none(), whole, "cut at {cut}");
        let messages = [10, 22].iter().filter(|end| cut >= **end).count();
        assert_eq!(server.messages(), expected()[..messages], "cut at {cut}");
        if !whole {
            assert_eq!(server.close_code(), CloseCode::BAD_PACKET);
            server.input(at(2), Input::Frame(&STREAM[cut..]));
            assert_eq!(server.messages().len(), messages, "frames are not joined");
        }
    }
    let mut server = End::open_server(Agreement::default());
    server.input(at(1), Input::Frame(&[]));
    assert_eq!(server.close_code(), CloseCode::BAD_PACKET);
}

#[test]
fn a_large_packet_arrives_in_many_pieces() {
    let mut packet = vec![4, 0x0f, 0xff, 0xff, 2, 1, b'a'];
    packet.resize(4 + 0x0f_ffff, 7);
    assert!(packet.len() < MAX_BODY);
    let mut server = End::open_server(Agreement::default());
    for piece in packet.chunks(1460) {
        server.bytes(at(1), piece);
    }
    assert_eq!(server.messages().len(), 1);
}
