//! One file per behaviour; below, the sockets they share.

mod accept_backoff;
mod binding;
mod certificate_reload;
mod http_upgrade;
mod one_read_one_write;
mod proxy_header;
mod single_port;
mod stream_bytes;
mod websocket_frames;

use std::{
    collections::VecDeque,
    future::poll_fn,
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

use super::{Received, SendBuffer, Transport};

/// A client's socket, the server's, and the client's address.
async fn sockets() -> (TcpStream, TcpStream, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
    let (server, remote) = accepted.expect("a connection");
    (client.expect("connected"), server, remote)
}

/// A packet of type Data with a body of `length` bytes.
fn packet(length: usize) -> Vec<u8> {
    let mut packet = vec![4];
    packet.extend_from_slice(&(length as u32).to_be_bytes()[1..]);
    packet.resize(4 + length, b'x');
    packet
}

/// What [`Received`] was, owned.
#[derive(Debug, PartialEq, Eq)]
enum Got {
    Bytes(Vec<u8>),
    Frame(Vec<u8>),
    Eof,
}

impl Got {
    fn of(received: Received<'_>) -> Self {
        match received {
            Received::Bytes(bytes) => Self::Bytes(bytes.to_vec()),
            Received::Frame(bytes) => Self::Frame(bytes.to_vec()),
            Received::Eof => Self::Eof,
        }
    }
}

async fn receive(transport: &mut impl Transport) -> io::Result<Got> {
    poll_fn(|cx| transport.poll_receive(cx, Got::of)).await
}

async fn send(transport: &mut impl Transport, out: &mut SendBuffer) -> io::Result<()> {
    poll_fn(|cx| transport.poll_send(cx, out)).await
}

/// Polls once, for a moment at which the outcome is known.
async fn once<T>(mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
    poll_fn(|cx| Poll::Ready(poll(cx))).await
}

/// A peer that follows a script: what it sends, and how much it takes.
#[derive(Debug, Default)]
struct Script {
    sends: VecDeque<io::Result<Vec<u8>>>,
    /// How much each write takes; when the list is used up, nothing is taken. `None`: everything, always.
    takes: Option<VecDeque<usize>>,
    took: Vec<u8>,
}

impl AsyncRead for Script {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.sends.pop_front() {
            Some(Ok(mut bytes)) => {
                let rest = bytes.split_off(bytes.len().min(buffer.remaining()));
                buffer.put_slice(&bytes);
                if !rest.is_empty() {
                    self.sends.push_front(Ok(rest));
                }
                Poll::Ready(Ok(()))
            }
            Some(Err(error)) => Poll::Ready(Err(error)),
            None => Poll::Pending,
        }
    }
}

impl AsyncWrite for Script {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let count = match &mut self.takes {
            None => bytes.len(),
            Some(takes) => match takes.pop_front() {
                Some(count) => count.min(bytes.len()),
                None => return Poll::Pending,
            },
        };
        self.took.extend_from_slice(&bytes[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
