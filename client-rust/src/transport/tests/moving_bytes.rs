//! What goes in on one side comes out on the other.

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, coding::CloseCode};
use tokio_tungstenite::{WebSocketStream, accept_async};

use super::*;

/// A heartbeat packet.
const BEAT: &[u8] = &[3, 0, 0, 0];
/// A data packet with three bytes.
const DATA: &[u8] = &[4, 0, 0, 3, 7, 8, 9];

async fn tcp_pair() -> (Transport, TcpStream) {
    let (listener, address) = listener().await;
    let (_, transport) = dial(
        &[endpoint(&format!("tcp://{address}"))],
        &settings(Tls::new()),
    )
    .await
    .unwrap();
    (transport, listener.accept().await.unwrap().0)
}

async fn ws_pair() -> (Transport, WebSocketStream<TcpStream>) {
    let (listener, address) = listener().await;
    let server = tokio::spawn(async move {
        accept_async(listener.accept().await.unwrap().0)
            .await
            .unwrap()
    });
    let (_, transport) = dial(
        &[endpoint(&format!("ws://{address}"))],
        &settings(Tls::new()),
    )
    .await
    .unwrap();
    (transport, server.await.unwrap())
}

#[tokio::test]
async fn tcp_carries_bytes_both_ways_and_ends() {
    let (mut transport, mut server) = tcp_pair().await;
    send(&mut transport, &[BEAT, DATA].concat()).await;
    let mut bytes = [0; 11];
    server.read_exact(&mut bytes).await.unwrap();
    assert_eq!(bytes[..], [BEAT, DATA].concat());

    server.write_all(b"abc").await.unwrap();
    assert_eq!(receive(&mut transport).await.unwrap(), "bytes:abc");
    poll_fn(|cx| transport.poll_close(cx)).await.unwrap();
    assert_eq!(server.read(&mut bytes).await.unwrap(), 0);
    server.write_all(b"late").await.unwrap();
    drop(server);
    assert_eq!(receive(&mut transport).await.unwrap(), "bytes:late");
    assert_eq!(receive(&mut transport).await.unwrap(), "eof");
}

#[tokio::test]
async fn what_the_socket_does_not_take_is_kept_and_sent_in_order() {
    let (mut transport, mut server) = tcp_pair().await;
    let sent: Vec<u8> = (0..16_000_000u32).map(|n| (n / 251) as u8).collect();
    poll_fn(|cx| Poll::Ready(transport.send(cx, &sent)))
        .await
        .unwrap();
    assert!(transport.unsent() > 0);
    let reader = tokio::spawn(async move {
        let mut received = vec![0; 16_000_000];
        server.read_exact(&mut received).await.unwrap();
        received
    });
    poll_fn(|cx| transport.poll_flush(cx)).await.unwrap();
    assert_eq!(transport.unsent(), 0);
    assert!(reader.await.unwrap() == sent);
}

#[tokio::test]
async fn websocket_sends_one_message_per_packet() {
    let (mut transport, mut server) = ws_pair().await;
    send(&mut transport, &[BEAT, DATA].concat()).await;
    assert_eq!(server.next().await.unwrap().unwrap(), Message::binary(BEAT));
    assert_eq!(server.next().await.unwrap().unwrap(), Message::binary(DATA));
}

#[tokio::test]
async fn websocket_receives_whole_messages_of_either_kind() {
    let (mut transport, mut server) = ws_pair().await;
    server.send(Message::binary(&b"one"[..])).await.unwrap();
    server.send(Message::text("two")).await.unwrap();
    assert_eq!(receive(&mut transport).await.unwrap(), "frame:one");
    assert_eq!(receive(&mut transport).await.unwrap(), "frame:two");
}

#[tokio::test]
async fn websocket_tells_the_close_frame_and_then_the_end() {
    let (mut transport, mut server) = ws_pair().await;
    let frame = CloseFrame {
        code: CloseCode::from(4100),
        reason: "bye".into(),
    };
    server.send(Message::Close(Some(frame))).await.unwrap();
    drop(server);
    assert_eq!(receive(&mut transport).await.unwrap(), "close:4100 bye");
    assert_eq!(receive(&mut transport).await.unwrap(), "eof");
}

#[tokio::test]
async fn websocket_closes_with_a_frame_after_what_was_sent() {
    let (mut transport, mut server) = ws_pair().await;
    send(&mut transport, BEAT).await;
    poll_fn(|cx| transport.poll_close(cx)).await.unwrap();
    assert_eq!(server.next().await.unwrap().unwrap(), Message::binary(BEAT));
    let Some(Ok(Message::Close(Some(frame)))) = server.next().await else {
        panic!("expected a close frame")
    };
    assert_eq!(frame.code, CloseCode::Normal);
}

#[tokio::test]
async fn a_websocket_message_above_the_limit_is_an_error() {
    let (mut transport, mut server) = ws_pair().await;
    server
        .send(Message::binary(vec![0; 1024 + 4 + 64 * 1024 + 1]))
        .await
        .unwrap();
    let error = receive(&mut transport).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
}

#[tokio::test]
async fn websocket_over_tls() {
    let authority = Authority::new();
    let (acceptor, _) = authority.acceptor(&["localhost"], |_| {});
    let (listener, address) = listener().await;
    let server = tokio::spawn(async move {
        let tls = acceptor
            .accept(listener.accept().await.unwrap().0)
            .await
            .unwrap();
        let mut socket = accept_async(tls).await.unwrap();
        while let Some(Ok(message)) = socket.next().await {
            socket.send(message).await.unwrap();
        }
    });
    let url = endpoint(&format!("wss://localhost:{}/x", address.port()));
    let (_, mut transport) = dial(&[url], &settings(authority.trusted())).await.unwrap();
    send(&mut transport, BEAT).await;
    assert_eq!(
        receive(&mut transport).await.unwrap(),
        "frame:\\x03\\x00\\x00\\x00"
    );
    drop(transport);
    server.abort();
}
