//! Handshakes that are slow, too large or none: each ends with its own reason, and nobody else notices.

use std::time::Duration;

use pitaya_server::protocol::{CloseCode, PacketType, Request, packet};
use pitaya_server::{Functions, Server, ServerBuilder, Session};
use tokio::time::{Instant, sleep};

use crate::support::{Hello, Rig, Via, over_all, until};

fn builder() -> ServerBuilder {
    let game = Functions::new("game")
        .request(Request::new("game.double"), async |_: Session, n: u32| {
            Ok(n * 2)
        });
    Server::builder().register(game)
}

fn handshake(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    packet::encode(PacketType::Handshake, body, &mut out).expect("it fits");
    out
}

#[test]
fn each_fault_has_its_reason() {
    over_all(async |via| {
        let rig = Rig::start(via, builder()).await;
        let mut neighbour = rig.client().await;
        let deep = format!("{{\"user\":{}{}}}", "[".repeat(1_000), "]".repeat(1_000));
        let twenty = b"\x09garbage garbage gar";
        let cases: [(&[u8], CloseCode); 8] = [
            (b"GET / HTTP/1.1\r\n\r\n", CloseCode::BAD_PACKET),
            (twenty, CloseCode::BAD_PACKET),
            (&handshake(b"{"), CloseCode::BAD_HANDSHAKE),
            (&handshake(b"[]"), CloseCode::BAD_HANDSHAKE),
            (&handshake(b"{\"sys\": 1}"), CloseCode::BAD_HANDSHAKE),
            (&handshake(b"{\"user\": NaN}"), CloseCode::BAD_HANDSHAKE),
            (&handshake(deep.as_bytes()), CloseCode::BAD_HANDSHAKE),
            (&handshake(&[b' '; 5_000]), CloseCode::PACKET_TOO_LARGE),
        ];
        for (count, (bytes, code)) in (1..).zip(cases) {
            let mut link = rig.link().await;
            link.send_raw(bytes).await.expect("sent");
            let close = rig.newest_close(count).await;
            assert_eq!(close.closed.close.code, code, "{:?}", close.closed);
            assert_eq!(close.id, None);
            link.read_to_end().await;
        }
        assert_eq!(neighbour.request("game.double", &21).await, Ok(42));
        until(|| rig.session_count() == 1).await;
    });
}

#[tokio::test]
async fn its_text_has_a_limit_of_its_own() {
    let builder = builder().configure(|config| {
        config.limits.handshake_json_bytes = 200;
        config.limits.handshake_json_depth = 3;
    });
    let rig = Rig::start(Via::Memory, builder).await;
    let hello = |name: &str| Hello::ours().user("name", name);
    rig.client_as(hello("ann")).await;
    let refused = rig.try_client(hello(&"x".repeat(200))).await;
    refused.err().expect("too long");
    let close = rig.newest_close(2).await.closed.close;
    assert_eq!(close.code, CloseCode::BAD_HANDSHAKE);
    assert!(close.reason().contains("200"), "{}", close.reason());
    let nested = serde_json::json!([[1]]);
    let refused = rig.try_client(Hello::ours().user("name", nested)).await;
    refused.err().expect("too deep");
    let close = rig.newest_close(3).await.closed.close;
    assert!(close.reason().contains("3 levels"), "{}", close.reason());
}

#[test]
fn too_large_a_packet_is_known_by_its_header() {
    over_all(async |via| {
        // In a WebSocket the length of the message says it.
        if via.is_websocket() {
            return;
        }
        let rig = Rig::start(via, builder()).await;
        let mut link = rig.link().await;
        link.send_raw(&[1, 0xff, 0xff, 0xff]).await.expect("sent");
        let close = rig.newest_close(1).await.closed.close;
        assert_eq!(close.code, CloseCode::PACKET_TOO_LARGE);
    });
}

#[test]
fn who_says_nothing_is_closed() {
    over_all(async |via| {
        let builder = builder().configure(|config| {
            config.limits.handshake_timeout = Duration::from_millis(50);
        });
        let rig = Rig::start(via, builder).await;
        let silent = rig.link().await;
        let close = rig.newest_close(1).await;
        assert_eq!(close.closed.close.code, CloseCode::HANDSHAKE_TIMEOUT);
        assert_eq!(close.id, None);
        drop(silent);
    });
}

#[tokio::test(start_paused = true)]
async fn who_does_not_acknowledge_is_closed() {
    let rig = Rig::start(Via::Memory, builder()).await;
    let mut link = rig.link().await;
    let began = Instant::now();
    link.send_raw(&handshake(b"{}")).await.expect("sent");
    link.read_to_end().await;
    let close = rig.newest_close(1).await;
    assert_eq!(close.closed.close.code, CloseCode::HANDSHAKE_TIMEOUT);
    assert!(close.id.is_some());
    assert!(began.elapsed() >= rig.config().limits.handshake_timeout);
    assert!(began.elapsed() < rig.config().limits.handshake_timeout + Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn dripping_bytes_gain_no_time() {
    let rig = Rig::start(Via::Memory, builder()).await;
    let mut link = rig.link().await;
    let began = Instant::now();
    for byte in handshake(b"{\"sys\": {}}") {
        if link.send_raw(&[byte]).await.is_err() {
            break;
        }
        sleep(Duration::from_secs(1)).await;
        if !rig.recent_closes().is_empty() {
            break;
        }
    }
    let close = rig.newest_close(1).await.closed.close;
    assert_eq!(close.code, CloseCode::HANDSHAKE_TIMEOUT);
    assert!(began.elapsed() <= Duration::from_secs(6));
}
