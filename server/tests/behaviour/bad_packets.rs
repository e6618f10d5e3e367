//! Packets that break the protocol end their session with a typed reason, and no other session.

use pitaya_server::protocol::{
    CloseCode, Message, MessageKind, Notify, Origin, PacketType, Request, RouteRef,
    compression::Deflater, packet,
};
use pitaya_server::{Functions, Server, ServerBuilder, Session};

use crate::support::{Rig, over_all, until};

fn builder() -> ServerBuilder {
    let game = Functions::new("game")
        .request(Request::new("game.double"), async |_: Session, n: u32| {
            Ok(n * 2)
        })
        .notify(Notify::new("game.say"), async |_: Session, _: String| {});
    Server::builder().register(game).configure(|config| {
        config.limits.packet_bytes = 64 * 1024;
        config.limits.inflated_bytes = 128 * 1024;
    })
}

fn packet(kind: PacketType, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    packet::encode(kind, body, &mut out).expect("it fits");
    out
}

fn data(body: &[u8]) -> Vec<u8> {
    packet(PacketType::Data, body)
}

/// A notify whose body is said to be compressed.
fn deflated(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    Message {
        deflated: true,
        ..Message::notify(RouteRef::Name("game.say"), body)
    }
    .encode_packet(&mut out)
    .expect("it fits");
    out
}

/// Sixteen megabytes of nothing in a few kilobytes.
fn bomb() -> Vec<u8> {
    let mut out = Vec::new();
    let smaller = Deflater::default().deflate(&vec![0; 16 << 20], &mut out);
    assert!(smaller && out.len() < 32 * 1024);
    out
}

#[test]
fn each_fault_has_its_reason_and_neighbours_go_on() {
    over_all(async |via| {
        let rig = Rig::start(via, builder()).await;
        let mut neighbour = rig.client().await;
        let mut response = Vec::new();
        Message::response(1, b"1")
            .encode_packet(&mut response)
            .expect("it fits");
        assert_eq!(Message::response(1, b"").kind, MessageKind::Response);
        let cases = [
            (vec![9, 0, 0, 0], CloseCode::BAD_PACKET),
            (vec![0, 0, 0, 0], CloseCode::BAD_PACKET),
            (
                packet(PacketType::Handshake, b"{}"),
                CloseCode::OUT_OF_ORDER,
            ),
            (
                packet(PacketType::HandshakeAck, b""),
                CloseCode::OUT_OF_ORDER,
            ),
            (data(b""), CloseCode::BAD_MESSAGE),
            (data(&[0]), CloseCode::BAD_MESSAGE),
            (data(&[0x0e, 1]), CloseCode::BAD_MESSAGE),
            (
                data(&[[0; 1].as_slice(), &[0xff; 11]].concat()),
                CloseCode::BAD_MESSAGE,
            ),
            (data(&[0x03, 0xff, 0xff]), CloseCode::BAD_MESSAGE),
            (response, CloseCode::BAD_MESSAGE),
            (deflated(b"no zlib"), CloseCode::BAD_COMPRESSION),
            (deflated(&bomb()), CloseCode::BAD_COMPRESSION),
            (data(&[b'x'; 70_000]), CloseCode::PACKET_TOO_LARGE),
        ];
        for (count, (bytes, code)) in (1..).zip(cases) {
            let mut client = rig.client().await;
            // What came before the fault is handled.
            let id = client.send_json("game.double", &4);
            client.say_raw(&bytes);
            assert_eq!(client.answer(id).await, Ok(8), "before {code:?}");
            let told = client.closed().await;
            assert_eq!(
                (told.close.code, told.origin),
                (code, Origin::Peer),
                "{told:?}"
            );
            let close = rig.newest_close(count).await.closed;
            assert_eq!(
                (close.close.code, close.close.reason()),
                (code, told.close.reason())
            );
            assert_eq!(neighbour.request("game.double", &21).await, Ok(42));
        }
        until(|| rig.session_count() == 1).await;
    });
}

#[test]
fn a_packet_cut_off_by_the_end_is_a_fault() {
    over_all(async |via| {
        let rig = Rig::start(via, builder()).await;
        let mut link = rig.client().await.into_link();
        link.send_raw(&[4, 0, 0, 9, 1]).await.expect("sent");
        link.shut().await;
        let close = rig.newest_close(1).await.closed.close;
        assert_eq!(close.code, CloseCode::BAD_PACKET);
    });
}

#[test]
fn data_before_the_handshake_or_its_ack_is_a_fault() {
    over_all(async |via| {
        let rig = Rig::start(via, builder()).await;
        let mut early = rig.link().await;
        early.send_raw(&data(&[0])).await.expect("sent");
        let close = rig.newest_close(1).await.closed.close;
        assert_eq!(close.code, CloseCode::OUT_OF_ORDER);
        let mut no_ack = rig.link().await;
        let hello = packet(PacketType::Handshake, b"{}");
        no_ack.send_raw(&hello).await.expect("sent");
        no_ack.send_raw(&data(&[0])).await.expect("sent");
        let close = rig.newest_close(2).await.closed.close;
        assert_eq!(close.code, CloseCode::OUT_OF_ORDER);
    });
}
