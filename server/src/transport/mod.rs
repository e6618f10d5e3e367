//! Byte streams and WebSockets: how packets travel, with no idea of what is in them.
//!
//! A listener accepts a socket, [`accept::establish`] turns it into one of the transports in [`accept::Io`], and the
//! connection task drives that through the [`Transport`] trait: receive, send, close.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub(crate) mod accept;
pub(crate) mod bind;
mod buffer;
mod frame;
pub(crate) mod http;
pub(crate) mod listener;
pub(crate) mod memory;
mod proxy;
mod scratch;
mod sniff;
mod stream;
pub(crate) mod tls;
mod ws;

pub(crate) use buffer::SendBuffer;
pub(crate) use stream::Stream;
pub(crate) use ws::Ws;

/// What one read brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Received<'a> {
    /// Bytes of a stream, cut anywhere.
    Bytes(&'a [u8]),
    /// One whole WebSocket message.
    Frame(&'a [u8]),
    /// The peer sends nothing more.
    Eof,
}

/// The moving of bytes, for one connection task.
pub(crate) trait Transport: Send + Unpin + 'static {
    /// Reads once and hands what came to `sink`. After [`Received::Eof`] it says so again.
    ///
    /// An error of kind [`io::ErrorKind::InvalidData`] is the peer's fault (a [`FrameFault`] is inside), any other one is
    /// the connection's.
    fn poll_receive<R>(
        &mut self,
        cx: &mut Context<'_>,
        sink: impl FnOnce(Received<'_>) -> R,
    ) -> Poll<io::Result<R>>;

    /// Writes all of `out`, which holds whole packets, and empties it. While this is pending more may be pushed.
    /// What a peer can no longer take, because it has sent its WebSocket close frame, is dropped without an error.
    fn poll_send(&mut self, cx: &mut Context<'_>, out: &mut SendBuffer) -> Poll<io::Result<()>>;

    /// Ends the connection in an orderly way: WebSocket close frame (number and reason; only the first call's count), TLS
    /// close_notify, TCP FIN. Then it reads and discards until the peer has ended as well: a socket that is dropped with
    /// unread input is reset, which can destroy our last bytes on their way. The caller bounds the time.
    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        frame: Option<(u16, &str)>,
    ) -> Poll<io::Result<()>>;

    /// Sets the largest packet body for what is read from now on. Only a framed transport has to know it, since it must
    /// hold a message until it is whole.
    fn set_packet_limit(&mut self, bytes: usize);
}

/// What a WebSocket peer did wrong, below the packets.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum FrameFault {
    /// A message is larger than a packet may be.
    #[error("WebSocket message larger than {limit} bytes")]
    TooLarge {
        /// The largest message.
        limit: usize,
    },
    /// A violation of RFC 6455.
    #[error("broken WebSocket frame: {0}")]
    Protocol(#[source] Box<tokio_tungstenite::tungstenite::Error>),
}

/// Shuts the sending side down, then discards input until the peer has ended too.
fn poll_end<IO: AsyncRead + AsyncWrite + Unpin>(
    io: &mut IO,
    end: &mut End,
    cx: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    if !end.sent {
        match ready!(Pin::new(&mut *io).poll_shutdown(cx)) {
            // The peer was faster.
            Err(error) if error.kind() != io::ErrorKind::NotConnected => {
                return Poll::Ready(Err(error));
            }
            _ => end.sent = true,
        }
    }
    // Bounded, so that a peer that goes on sending does not keep the thread.
    for _ in 0..16 {
        if end.received {
            return Poll::Ready(Ok(()));
        }
        end.received = ready!(scratch::with_read(|buffer| {
            let mut buffer = ReadBuf::new(buffer);
            Pin::new(&mut *io)
                .poll_read(cx, &mut buffer)
                .map(|read| read.is_err() || buffer.filled().is_empty())
        }));
    }
    cx.waker().wake_by_ref();
    Poll::Pending
}

/// How far the end of a connection has come.
#[derive(Debug, Default)]
struct End {
    /// Our side is shut down.
    sent: bool,
    /// The peer's side is.
    received: bool,
}

#[cfg(test)]
mod tests;
