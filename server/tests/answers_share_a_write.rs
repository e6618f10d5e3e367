//! Requests that came together are answered with one write, over a stream and over a WebSocket, where each has a message of its own.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use futures_util::{SinkExt, StreamExt};
use pitaya_server::protocol::{
    Framer, Message, MessageKind, PacketType, Request, RouteRef, packet,
};
use pitaya_server::{Functions, Handle, Peer, Server, Session};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;

const REQUESTS: u64 = 16;

/// The server's end of a connection, which counts the writes that it sees.
struct Counted {
    io: DuplexStream,
    writes: Arc<AtomicUsize>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

fn pair() -> (DuplexStream, Counted, Arc<AtomicUsize>) {
    let (client, io) = tokio::io::duplex(64 * 1024);
    let writes = Arc::new(AtomicUsize::new(0));
    let counted = Counted {
        io,
        writes: writes.clone(),
    };
    (client, counted, writes)
}

async fn server() -> Handle {
    let game = Functions::new("game")
        .request(Request::new("game.double"), async |_: Session, n: u32| {
            Ok(n * 2)
        });
    let server = Server::builder().register(game).start().await;
    server.expect("nothing is wrong with it")
}

fn control(kind: PacketType, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    packet::encode(kind, body, &mut out).expect("it fits");
    out
}

fn request(id: u64) -> Vec<u8> {
    let mut out = Vec::new();
    Message::request(id, RouteRef::Name("game.double"), b"21")
        .encode_packet(&mut out)
        .expect("it fits");
    out
}

/// The ids that are answered in `bytes`; the handshake is none.
fn answers(framer: &mut Framer, bytes: &[u8]) -> Vec<u64> {
    framer.push(bytes);
    let mut ids = Vec::new();
    while let Some(packet) = framer.next_packet().expect("whole packets") {
        if packet.kind == PacketType::Data {
            let message = Message::decode(packet.body).expect("a message");
            assert_eq!(
                (message.kind, message.body),
                (MessageKind::Response, &b"42"[..])
            );
            ids.push(message.id);
        }
    }
    ids
}

#[tokio::test]
async fn over_a_stream() {
    let server = server().await;
    let (mut client, io, writes) = pair();
    let serving = server.clone();
    tokio::spawn(async move { serving.serve_connection(io, Peer::memory()).await });

    let mut buffer = vec![0; 64 * 1024];
    let hello = control(PacketType::Handshake, b"{}");
    client.write_all(&hello).await.expect("it is there");
    let count = client.read(&mut buffer).await.expect("it answers");
    assert!(count > 0);
    let before = writes.load(Ordering::Relaxed);

    let mut bytes = control(PacketType::HandshakeAck, b"");
    bytes.extend((1..=REQUESTS).flat_map(request));
    client.write_all(&bytes).await.expect("it is there");
    let count = client.read(&mut buffer).await.expect("it answers");
    let ids = answers(&mut Framer::new(1024), &buffer[..count]);
    assert_eq!(ids, (1..=REQUESTS).collect::<Vec<_>>());
    assert_eq!(writes.load(Ordering::Relaxed) - before, 1);
}

#[tokio::test]
async fn over_a_websocket() {
    let server = server().await;
    let (client, io, writes) = pair();
    let serving = server.clone();
    tokio::spawn(async move { serving.serve_websocket(io, Peer::memory()).await });

    let mut client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
    let hello = control(PacketType::Handshake, b"{}");
    client.send(hello.into()).await.expect("it is there");
    client.next().await.expect("it answers").expect("a frame");
    let before = writes.load(Ordering::Relaxed);

    let ack = control(PacketType::HandshakeAck, b"");
    client.feed(ack.into()).await.expect("it is there");
    for id in 1..=REQUESTS {
        client.feed(request(id).into()).await.expect("it is there");
    }
    client.flush().await.expect("it is there");
    let mut framer = Framer::new(1024);
    let mut ids = Vec::new();
    while ids.len() < REQUESTS as usize {
        let frame = client.next().await.expect("it answers").expect("a frame");
        ids.extend(answers(&mut framer, &frame.into_data()));
    }
    assert_eq!(ids, (1..=REQUESTS).collect::<Vec<_>>());
    assert_eq!(writes.load(Ordering::Relaxed) - before, 1);
}
