//! A WebSocket carries one packet per binary message and answers control frames on its own.

use std::{
    collections::VecDeque,
    io,
    task::{Context, Poll},
};

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        protocol::{CloseFrame, Role},
    },
};

use super::{Got, Script, once, packet, receive, send};
use crate::transport::{FrameFault, SendBuffer, Transport as _, Ws};

const LIMIT: usize = 200;

async fn connected(capacity: usize) -> (WebSocketStream<DuplexStream>, Ws<DuplexStream>) {
    let (client, server) = tokio::io::duplex(capacity);
    let client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
    (client, Ws::after_upgrade(server, Vec::new(), LIMIT))
}

async fn next(client: &mut WebSocketStream<DuplexStream>) -> Message {
    client.next().await.expect("a message").expect("no error")
}

/// A frame of a client, masked with zeros.
fn masked(first: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match body.len() {
        short @ 0..126 => frame.push(0x80 | short as u8),
        long => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&(long as u16).to_be_bytes());
        }
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(body);
    frame
}

#[tokio::test]
async fn each_packet_is_a_binary_message() {
    let (mut client, mut server) = connected(256 * 1024).await;
    let lengths = [0, 1, 121, 122, 65_531, 65_532, 70_000];
    let mut out = SendBuffer::default();
    for length in lengths {
        out.push(&packet(length));
    }
    send(&mut server, &mut out).await.expect("sent");
    assert!(out.is_empty());
    assert_eq!((out.capacity(), server.capacity()), (0, 0));
    for length in lengths {
        assert_eq!(next(&mut client).await, Message::binary(packet(length)));
    }
}

#[tokio::test]
async fn packets_share_a_message_where_that_was_granted() {
    let (mut client, mut server) = connected(64 * 1024).await;
    let mut out = SendBuffer::default();
    out.many_per_frame = true;
    out.push(&packet(3));
    out.push(&packet(200));
    send(&mut server, &mut out).await.expect("sent");
    assert_eq!(
        next(&mut client).await,
        Message::binary([packet(3), packet(200)].concat())
    );
}

#[tokio::test]
async fn a_partial_write_goes_on_where_it_stopped() {
    let (mut client, mut server) = connected(7).await;
    let mut out = SendBuffer::default();
    out.push(&packet(50));
    assert!(once(|cx| server.poll_send(cx, &mut out)).await.is_pending());
    assert_eq!(out.taken(), 7);
    out.push(&packet(2));
    assert!(!out.is_empty());

    let (sent, received) = tokio::join!(send(&mut server, &mut out), async {
        [next(&mut client).await, next(&mut client).await]
    });
    sent.expect("sent");
    assert_eq!(
        received,
        [Message::binary(packet(50)), Message::binary(packet(2))]
    );
}

#[tokio::test]
async fn a_peer_that_is_always_behind_does_not_make_the_buffers_grow() {
    let script = Script {
        takes: Some(VecDeque::new()),
        ..Script::default()
    };
    let mut server = Ws::after_upgrade(script, Vec::new(), LIMIT);
    let mut out = SendBuffer::default();
    out.push(&packet(200_000));
    for _ in 0..2000 {
        out.push(&packet(996));
        // A packet of 1,000 bytes takes 1,004 with its frame's header.
        server.io_mut().takes = Some(VecDeque::from([1004]));
        assert!(once(|cx| server.poll_send(cx, &mut out)).await.is_pending());
        server.io_mut().took.clear();
    }
    let held = out.capacity() + server.capacity();
    assert!(held < 1_500_000, "{held} bytes held");
}

#[tokio::test]
async fn binary_and_text_messages_are_bytes() {
    let (mut client, mut server) = connected(1024).await;
    client.send(Message::binary(packet(3))).await.expect("sent");
    client
        .send(Message::text("\u{3}\0\0\0"))
        .await
        .expect("sent");
    assert_eq!(
        receive(&mut server).await.expect("read"),
        Got::Frame(packet(3))
    );
    assert_eq!(
        receive(&mut server).await.expect("read"),
        Got::Frame(vec![3, 0, 0, 0])
    );
}

#[tokio::test]
async fn a_message_in_fragments_and_split_reads_is_whole() {
    let (mut client, server) = tokio::io::duplex(1024);
    let body = packet(10);
    let bytes = [masked(0x02, &body[..5]), masked(0x80, &body[5..])].concat();
    // Part of it came along with the HTTP request.
    let mut server = Ws::after_upgrade(server, bytes[..3].to_vec(), LIMIT);
    for byte in &bytes[3..] {
        assert!(
            once(|cx| server.poll_receive(cx, |_| ()))
                .await
                .is_pending()
        );
        client.write_all(&[*byte]).await.expect("written");
    }
    assert_eq!(receive(&mut server).await.expect("read"), Got::Frame(body));
}

#[tokio::test]
async fn a_ping_is_answered_although_nothing_is_sent() {
    let (mut client, mut server) = connected(1024).await;
    client
        .send(Message::Ping("are you there".into()))
        .await
        .expect("sent");
    assert!(
        once(|cx| server.poll_receive(cx, |_| ()))
            .await
            .is_pending()
    );
    assert_eq!(
        next(&mut client).await,
        Message::Pong("are you there".into())
    );
    assert_eq!(server.capacity(), 0);
}

#[tokio::test]
async fn pings_of_a_peer_that_reads_nothing_do_not_pile_up() {
    let ping = masked(0x89, &[7; 125]);
    let takes = Some(VecDeque::new());
    let mut server = Ws::after_upgrade(
        Script {
            takes,
            ..Script::default()
        },
        Vec::new(),
        LIMIT,
    );
    for _ in 0..10_000 {
        server.io_mut().sends.push_back(Ok(ping.clone()));
        let read = once(|cx| server.poll_receive(cx, |_| ())).await;
        assert!(read.is_pending(), "{read:?}");
    }
    assert!(
        server.capacity() < 256 * 1024,
        "{} bytes held",
        server.capacity()
    );
}

#[tokio::test]
async fn a_message_above_the_limit_is_the_peers_fault() {
    let (mut client, mut server) = connected(1024).await;
    client
        .send(Message::binary(packet(LIMIT)))
        .await
        .expect("sent");
    assert_eq!(
        receive(&mut server).await.expect("read"),
        Got::Frame(packet(LIMIT))
    );
    server.set_packet_limit(LIMIT + 1);
    client
        .send(Message::binary(packet(LIMIT + 1)))
        .await
        .expect("sent");
    assert_eq!(
        receive(&mut server).await.expect("read"),
        Got::Frame(packet(LIMIT + 1))
    );

    client
        .send(Message::binary(packet(LIMIT + 2)))
        .await
        .expect("sent");
    let error = receive(&mut server).await.expect_err("too large");
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    let fault = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<FrameFault>());
    assert!(
        matches!(fault, Some(FrameFault::TooLarge { limit }) if *limit == LIMIT + 5),
        "{error}"
    );
}

#[tokio::test]
async fn an_unmasked_frame_is_the_peers_fault() {
    let (mut client, server) = tokio::io::duplex(1024);
    let mut server = Ws::after_upgrade(server, Vec::new(), LIMIT);
    client
        .write_all(&[0x82, 4, 3, 0, 0, 0])
        .await
        .expect("written");
    let error = receive(&mut server).await.expect_err("unmasked");
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
}

#[tokio::test]
async fn our_close_frame_carries_number_and_reason() {
    let (mut client, mut server) = connected(1024).await;
    let reason = "ä".repeat(100);
    let mut close = |cx: &mut Context<'_>| server.poll_close(cx, Some((4100, &reason)));
    assert!(once(&mut close).await.is_pending());
    let Message::Close(Some(CloseFrame {
        code,
        reason: received,
    })) = next(&mut client).await
    else {
        panic!("no close frame");
    };
    assert_eq!(u16::from(code), 4100);
    assert_eq!(
        received.as_str(),
        "ä".repeat(61),
        "122 bytes of whole characters"
    );
    drop(client);
    assert!(matches!(once(&mut close).await, Poll::Ready(Ok(()))));
}

#[tokio::test]
async fn after_the_peers_close_frame_we_answer_it_and_send_nothing_more() {
    let (mut client, server) = tokio::io::duplex(1024);
    let mut server = Ws::after_upgrade(server, Vec::new(), LIMIT);
    client
        .write_all(&masked(0x88, &1000_u16.to_be_bytes()))
        .await
        .expect("written");
    assert_eq!(receive(&mut server).await.expect("read"), Got::Eof);
    assert_eq!(receive(&mut server).await.expect("read"), Got::Eof);

    let mut out = SendBuffer::default();
    out.push(&packet(5));
    send(&mut server, &mut out)
        .await
        .expect("dropped without an error");
    assert!(out.is_empty());
    assert!(once(|cx| server.poll_close(cx, None)).await.is_pending());
    let mut received = Vec::new();
    client.read_to_end(&mut received).await.expect("read");
    assert_eq!(received, [0x88, 2, 0x03, 0xe8]);
}

#[tokio::test]
async fn a_connection_cut_without_a_close_frame_is_an_end() {
    let (client, mut server) = connected(1024).await;
    drop(client);
    assert_eq!(receive(&mut server).await.expect("read"), Got::Eof);
}
