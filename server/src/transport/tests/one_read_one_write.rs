//! A request and its answer cost one read and one write, whatever the transport.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf},
    net::TcpStream,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::Role},
};

use super::{Got, packet, receive, send, sockets};
use crate::transport::{SendBuffer, Stream, Transport, Ws};

/// Counts the calls that reached the operating system.
#[derive(Debug)]
struct Counting {
    io: TcpStream,
    reads: usize,
    writes: usize,
}

impl AsyncRead for Counting {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.io).poll_read(cx, buffer);
        self.reads += usize::from(read.is_ready());
        read
    }
}

impl AsyncWrite for Counting {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.writes += 1;
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

const ECHOES: usize = 20;

async fn echo(transport: &mut impl Transport, out: &mut SendBuffer) {
    let (Got::Bytes(bytes) | Got::Frame(bytes)) = receive(transport).await.expect("read") else {
        panic!("the client is gone");
    };
    out.push(&bytes);
    send(transport, out).await.expect("sent");
}

#[tokio::test]
async fn over_tcp() {
    let (mut client, server, _) = sockets().await;
    let mut server = Stream::new(Counting {
        io: server,
        reads: 0,
        writes: 0,
    });
    let mut out = SendBuffer::default();
    let request = packet(20);
    for _ in 0..ECHOES {
        client.write_all(&request).await.expect("written");
        echo(&mut server, &mut out).await;
        let mut answer = vec![0; request.len()];
        client.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(answer, request);
    }
    assert_eq!(
        (server.io_mut().reads, server.io_mut().writes),
        (ECHOES, ECHOES)
    );
}

#[tokio::test]
async fn over_websocket() {
    let (client, server, _) = sockets().await;
    let mut client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
    let counting = Counting {
        io: server,
        reads: 0,
        writes: 0,
    };
    let mut server = Ws::after_upgrade(counting, Vec::new(), 4096);
    let mut out = SendBuffer::default();
    for _ in 0..ECHOES {
        client
            .send(Message::binary(packet(20)))
            .await
            .expect("sent");
        echo(&mut server, &mut out).await;
        let answer = client.next().await.expect("an answer").expect("no error");
        assert_eq!(answer, Message::binary(packet(20)));
    }
    assert_eq!(
        (server.io_mut().reads, server.io_mut().writes),
        (ECHOES, ECHOES)
    );
}

#[tokio::test]
async fn answers_that_are_ready_together_leave_in_one_write() {
    let (mut client, server, _) = sockets().await;
    let mut server = Stream::new(Counting {
        io: server,
        reads: 0,
        writes: 0,
    });
    let mut out = SendBuffer::default();
    for _ in 0..16 {
        out.push(&packet(20));
    }
    send(&mut server, &mut out).await.expect("sent");
    let mut received = vec![0; 16 * 24];
    client.read_exact(&mut received).await.expect("all of them");
    assert_eq!(server.io_mut().writes, 1);
}
