//! Limits: what is too large is refused early, by either side, without growing memory.

use pitaya_protocol::{
    Capabilities, CloseCode, EncodeError, Framer, PacketError, RouteRef,
    connection::{Input, Misuse, ServerConfig},
    handshake::Agreement,
    message::Message,
    packet::{self, MAX_BODY, PacketType},
};

use crate::support::{End, Pair, Policy, Setup, at};

fn server(max_handshake_packet: usize, max_packet: usize) -> End {
    let mut config = ServerConfig::default();
    config.max_handshake_packet = max_handshake_packet;
    config.max_packet = max_packet;
    End::server(at(0), &config, Policy::Accept(Agreement::default()))
}

fn open(end: &mut End) {
    end.bytes(at(0), b"\x01\x00\x00\x02{}");
    end.bytes(at(0), &[2, 0, 0, 0]);
    assert!(end.connection.is_open());
}

/// Wire 1.1: a client without a handshake must not make the server buffer 16 MiB.
#[test]
fn a_large_packet_before_the_ack_is_refused_by_its_header() {
    let mut end = server(100, 1000);
    end.bytes(at(0), &[1, 0, 0, 101]);
    assert_eq!(end.close_code(), CloseCode::PACKET_TOO_LARGE);

    let mut end = server(100, 1000);
    end.bytes(at(0), b"\x01\x00\x00\x02{}");
    end.bytes(at(0), &[3, 0, 0, 101]);
    assert_eq!(
        end.close_code(),
        CloseCode::PACKET_TOO_LARGE,
        "the limit lasts until the ack"
    );
}

#[test]
fn the_limit_after_the_ack_is_its_own() {
    let mut end = server(100, 1000);
    open(&mut end);
    let mut packet = vec![4, 0, 3, 232, 2, 1, b'a'];
    packet.resize(1004, 0);
    end.bytes(at(1), &packet);
    assert_eq!(end.messages().len(), 1);
    end.bytes(at(2), &[4, 0, 3, 233]);
    assert_eq!(end.close_code(), CloseCode::PACKET_TOO_LARGE);
}

#[test]
fn the_default_takes_the_longest_packet_of_the_wire() {
    let mut end = End::open_server(Agreement::default());
    let mut packet = vec![4, 0xff, 0xff, 0xff, 2, 1, b'a'];
    packet.resize(4 + MAX_BODY, 0);
    end.bytes(at(0), &packet);
    assert_eq!(end.messages().len(), 1);
}

/// Wire 1.1: Go Pitaya writes length 0 for a body of 16,777,216 bytes and desynchronises the stream.
#[test]
fn a_body_that_no_packet_carries_is_refused_at_the_call() {
    let mut pair = Pair::open(Setup::default());
    // Flags, id, route length and route are four bytes of the packet's body.
    for (length, fits) in [
        (MAX_BODY - 4, true),
        (MAX_BODY - 3, false),
        (MAX_BODY + 1, false),
    ] {
        let body = vec![0; length];
        let (now, before) = (pair.now, pair.client.sent.len());
        let sent = pair.client.try_input(
            now,
            Input::Send(Message::request(1, RouteRef::Name("a"), &body)),
        );
        if fits {
            sent.expect("it fits");
        } else {
            assert!(
                matches!(sent, Err(Misuse::Encode(EncodeError::TooLarge(_)))),
                "{sent:?}"
            );
            assert_eq!(pair.client.sent.len(), before, "nothing is sent");
        }
    }
    pair.settle();
    assert_eq!(pair.server.messages().len(), 1);
    assert!(pair.client.connection.is_open() && pair.server.connection.is_open());
}

#[test]
fn a_packet_of_16777216_bytes_cannot_be_written() {
    let mut out = Vec::new();
    let error =
        packet::encode(PacketType::Data, &vec![0; MAX_BODY + 1], &mut out).expect_err("too large");
    assert_eq!((error.len, out.len()), (16_777_216, 0));
    packet::encode(PacketType::Data, &vec![0; MAX_BODY], &mut out).expect("the longest");
    assert_eq!(out[..4], [4, 0xff, 0xff, 0xff]);
}

/// Wire 6.3: Go Pitaya truncates the length byte and writes the whole route.
#[test]
fn a_route_over_255_bytes_is_refused_at_the_call() {
    let mut pair = Pair::open(Setup::default());
    let (now, before) = (pair.now, pair.client.sent.len());
    let route = "r".repeat(256);
    let sent = pair.client.try_input(
        now,
        Input::Send(Message::notify(RouteRef::Name(&route), b"")),
    );
    assert_eq!(sent, Err(Misuse::Encode(EncodeError::RouteTooLong(256))));
    assert_eq!(pair.client.sent.len(), before);
    pair.client
        .send(now, Message::notify(RouteRef::Name(&route[..255]), b""));
    pair.settle();
    assert_eq!(pair.server.messages().len(), 1);
}

#[test]
fn a_header_reserves_nothing() {
    let mut framer = Framer::new(MAX_BODY);
    framer.push(&[4, 0xff, 0xff, 0xff, 1, 2, 3]);
    assert_eq!(framer.next_packet(), Ok(None));
    assert_eq!(framer.pending(), 7);
}

#[test]
fn a_refused_header_keeps_nothing_of_its_body() {
    let mut framer = Framer::new(10);
    framer.push(&[4, 0, 0, 11]);
    let error = PacketError::TooLarge { len: 11, limit: 10 };
    assert_eq!(framer.next_packet(), Err(error));
    assert_eq!(
        framer.next_packet(),
        Err(error),
        "a stream cannot be picked up again"
    );
}

#[test]
fn the_echo_of_a_heartbeat_is_eight_bytes_at_most() {
    let agreement = Agreement::new(
        None,
        pitaya_protocol::Dictionary::default(),
        Capabilities::ALL,
    );
    let mut end = End::open_server(agreement);
    for length in 0..20_u8 {
        let mut packet = vec![3, 0, 0, length];
        packet.extend(0..length);
        end.bytes(at(1), &packet);
    }
    assert_eq!(end.sent.len(), 8);
    assert_eq!(end.sent[7].1, [3, 0, 0, 8, 0, 1, 2, 3, 4, 5, 6, 7]);
}

/// Wire 6.4: Go Pitaya inflates without a limit, 16 MiB of input can become 16 GiB.
#[cfg(feature = "compression")]
#[test]
fn inflating_stops_at_its_limit() {
    use pitaya_protocol::compression::{Deflater, InflateError, inflate};

    let zeros = vec![0; 8 << 20];
    let mut bomb = Vec::new();
    assert!(Deflater::default().deflate(&zeros, &mut bomb));
    assert!(bomb.len() < 10_000, "a bomb of {} bytes", bomb.len());
    assert_eq!(
        inflate(&bomb, 1 << 20),
        Err(InflateError::TooLarge { limit: 1 << 20 })
    );
    assert_eq!(
        inflate(&bomb, zeros.len() - 1),
        Err(InflateError::TooLarge {
            limit: zeros.len() - 1
        })
    );
    assert!(inflate(&bomb, zeros.len()).expect("at the limit") == zeros);
    assert!(inflate(&bomb, usize::MAX).expect("no limit") == zeros);
    assert_eq!(inflate(&bomb, 0), Err(InflateError::TooLarge { limit: 0 }));
}

/// Wire 6.4: compressed only if that is strictly smaller.
#[cfg(feature = "compression")]
#[test]
fn deflating_never_makes_a_body_longer() {
    use pitaya_protocol::compression::{Deflater, inflate};

    let mut deflater = Deflater::default();
    for body in [&b""[..], b"a", b"{}", br#"{"code":200}"#] {
        let mut out = vec![7];
        assert!(!deflater.deflate(body, &mut out));
        assert_eq!(out, [7], "nothing is written");
    }
    let mut out = vec![7];
    assert!(deflater.deflate(&[b'a'; 100], &mut out));
    assert_eq!(inflate(&out[1..], 100).expect("our own"), [b'a'; 100]);
}
