//! Random input never does more than end its own connection, with a reason.

use pitaya_server::protocol::{CloseCode, Message, PacketType, Request, RouteRef, packet};
use pitaya_server::{Functions, Server, Session};

use crate::support::{Rig, over_all};

/// Bytes that are more or less like packets.
fn noise(random: &mut fastrand::Rng) -> Vec<u8> {
    let mut out = Vec::new();
    for _ in 0..random.usize(1..6) {
        let body: Vec<u8> = (0..random.usize(0..60)).map(|_| random.u8(..)).collect();
        match random.u8(0..6) {
            0 => packet::encode(PacketType::Data, &body, &mut out).expect("it fits"),
            1 => packet::encode(PacketType::Heartbeat, &body, &mut out).expect("it fits"),
            2 => packet::encode(PacketType::Kick, &body, &mut out).expect("it fits"),
            3 => packet::encode(PacketType::HandshakeAck, b"", &mut out).expect("it fits"),
            4 => Message::request(random.u64(..), RouteRef::Name("game.double"), &body)
                .encode_packet(&mut out)
                .expect("it fits"),
            _ => out.extend(body),
        }
    }
    out
}

#[test]
fn it_harms_nobody() {
    over_all(async |via| {
        let seed = fastrand::u64(..);
        eprintln!("seed {seed}");
        let mut random = fastrand::Rng::with_seed(seed);
        let game = Functions::new("game")
            .request(Request::new("game.double"), async |_: Session, n: u32| {
                Ok(n.wrapping_mul(2))
            });
        let rig = Rig::start(via, Server::builder().register(game)).await;
        let mut neighbour = rig.client().await;
        for round in 1..=60 {
            let mut link = if round % 3 == 0 {
                rig.link().await
            } else {
                rig.client().await.into_link()
            };
            // The server may have ended the connection by then.
            for _ in 0..random.usize(1..4) {
                let _ = link.send_raw(&noise(&mut random)).await;
            }
            link.shut().await;
            link.read_to_end().await;
            let closed = rig.newest_close(round).await.closed;
            assert_ne!(closed.close.code, CloseCode::INTERNAL, "{closed:?}");
        }
        assert_eq!(neighbour.request("game.double", &21).await, Ok(42));
    });
}
