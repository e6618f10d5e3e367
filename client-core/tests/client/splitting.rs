//! However the server's bytes are cut, the same comes out: single bytes of a stream, frames of one packet or of several.

use pitaya_client_core::{CloseCode, Config, Input, Origin};

use crate::support::{Pair, Seen};

/// Two pushes and the answer to request 1.
const PACKETS: [&[u8]; 3] = [
    &[4, 0, 0, 4, 6, 1, b'p', b'1'],
    &[4, 0, 0, 3, 4, 1, b'r'],
    &[4, 0, 0, 4, 6, 1, b'p', b'2'],
];

fn bodies(pair: &mut Pair) -> Vec<Vec<u8>> {
    let body = |seen| match seen {
        Seen::Push { body, .. } | Seen::Response { body, .. } => body,
        other => panic!("{other:?}"),
    };
    pair.take().into_iter().map(body).collect()
}

#[test]
fn a_stream_may_be_cut_anywhere() {
    let stream = PACKETS.concat();
    for size in 1..=stream.len() {
        let mut pair = Pair::connected(Config::new(1));
        pair.request("a.b", b"");
        for piece in stream.chunks(size) {
            pair.input(Input::Bytes(piece));
        }
        assert_eq!(bodies(&mut pair), [b"1", b"r", b"2"], "pieces of {size}");
    }
}

#[test]
fn a_frame_holds_one_packet_or_several() {
    for frames in [PACKETS.map(<[u8]>::to_vec).to_vec(), vec![PACKETS.concat()]] {
        let mut pair = Pair::connected(Config::new(1));
        pair.request("a.b", b"");
        for frame in &frames {
            pair.input(Input::Frame(frame));
        }
        assert_eq!(bodies(&mut pair), [b"1", b"r", b"2"]);
    }
}

#[test]
fn a_frame_that_ends_inside_a_packet_is_a_fault_after_what_came_before() {
    let mut pair = Pair::connected(Config::new(1));
    let mut frame = PACKETS[0].to_vec();
    frame.extend_from_slice(&PACKETS[2][..6]);
    pair.input(Input::Frame(&frame));
    assert!(matches!(pair.take().first(), Some(Seen::Push { .. })));
    let closed = (Origin::Fault, CloseCode::BAD_PACKET, false);
    assert_eq!(pair.closed(), closed);
}
