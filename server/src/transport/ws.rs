//! Packets in WebSocket messages (wire 1.3).

use std::{
    fmt,
    io::{self, Read, Write},
    pin::Pin,
    task::{Context, Poll, ready},
};

use pitaya_protocol::packet::HEADER_LEN;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::tungstenite::{
    Error, Message,
    error::ProtocolError,
    protocol::{CloseFrame, Role, WebSocketConfig, WebSocketContext},
};

use super::{
    End, FrameFault, Received, SendBuffer, Transport,
    frame::{CHUNK, append_frames},
    poll_end, scratch,
};

/// A WebSocket after its HTTP upgrade, the server's side.
///
/// tungstenite reads, and answers pings and closes. What it writes goes into `out`, not to the socket, and so do our data
/// frames, which a server need not mask: they are a few header bytes before each packet. tungstenite's own way costs an
/// allocation per message, and its write buffer never shrinks, so that one large broadcast would stay in memory once per
/// member.
pub(crate) struct Ws<IO> {
    io: IO,
    context: WebSocketContext,
    /// Whole frames, of which `written` bytes are with the socket.
    out: Vec<u8>,
    written: usize,
    closing: bool,
    end: End,
}

/// Eager, one per connection, and filled with zeros before each read. Larger ones cost more than they save: 128 KiB (the
/// default) doubles the CPU time per small message.
const READ_BUFFER: usize = 2 * 1024;

/// What may wait in tungstenite, which only writes control frames here (131 bytes at most).
const CONTROL: usize = 1024;

/// Longest reason in a close frame: a control frame's 125 bytes without the number (RFC 6455, 5.5.1).
const REASON: usize = 123;

impl<IO> Ws<IO> {
    /// A WebSocket on `io` after the answer 101, of which `leftover` was read already.
    pub(crate) fn after_upgrade(io: IO, leftover: Vec<u8>, packet_limit: usize) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_write_buffer_size(CONTROL)
            .max_message_size(Some(message_limit(packet_limit)))
            .max_frame_size(Some(message_limit(packet_limit)));
        Self {
            io,
            context: WebSocketContext::from_partially_read(leftover, Role::Server, Some(config)),
            out: Vec::new(),
            written: 0,
            closing: false,
            end: End::default(),
        }
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Ws<IO> {
    /// Writes `out` to the socket and says how much it took.
    fn poll_write_out(&mut self, cx: &mut Context<'_>) -> (usize, Poll<io::Result<()>>) {
        let mut count = 0;
        while self.written < self.out.len() {
            match Pin::new(&mut self.io).poll_write(cx, &self.out[self.written..]) {
                Poll::Ready(Ok(0)) => {
                    return (count, Poll::Ready(Err(io::ErrorKind::WriteZero.into())));
                }
                Poll::Ready(Ok(taken)) => {
                    count += taken;
                    self.written += taken;
                }
                Poll::Ready(Err(error)) => return (count, Poll::Ready(Err(error))),
                Poll::Pending => {
                    // A peer that is slow but never done would otherwise make the written part grow for ever.
                    if self.written >= CHUNK && self.written > self.out.len() / 2 {
                        self.out.drain(..self.written);
                        self.written = 0;
                    }
                    return (count, Poll::Pending);
                }
            }
        }
        if !self.out.is_empty() {
            scratch::give(std::mem::take(&mut self.out));
            self.written = 0;
        }
        (count, Pin::new(&mut self.io).poll_flush(cx))
    }

    /// Sends answers to pings and closes, as far as the socket takes them. It is not worth waiting for, and a socket that is
    /// broken says so to the next read.
    fn send_control(&mut self, cx: &mut Context<'_>) {
        if !self.out.is_empty() {
            let _ = self.poll_write_out(cx);
        }
    }

    /// Runs tungstenite over the socket.
    fn drive<R>(
        &mut self,
        cx: &mut Context<'_>,
        step: impl FnOnce(&mut WebSocketContext, &mut Wire<'_, '_, IO>) -> R,
    ) -> R {
        let Self {
            io,
            context,
            out,
            written,
            ..
        } = self;
        step(
            context,
            &mut Wire {
                io,
                cx,
                out,
                written: *written,
            },
        )
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin + Send + 'static> Transport for Ws<IO> {
    fn poll_receive<R>(
        &mut self,
        cx: &mut Context<'_>,
        sink: impl FnOnce(Received<'_>) -> R,
    ) -> Poll<io::Result<R>> {
        // Bounded, so that a peer that sends nothing but pings does not keep the thread.
        for _ in 0..32 {
            let read = self.drive(cx, |context, wire| context.read(wire));
            self.send_control(cx);
            let result = match read {
                Ok(Message::Binary(body)) => Ok(sink(Received::Frame(&body))),
                // The family looks at the bytes only.
                Ok(Message::Text(body)) => Ok(sink(Received::Frame(body.as_bytes()))),
                // The next read answers a ping or a close.
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_) | Message::Close(_)) => {
                    continue;
                }
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Poll::Pending;
                }
                Err(Error::ConnectionClosed | Error::AlreadyClosed) => Ok(sink(Received::Eof)),
                Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => {
                    self.end.received = true;
                    Ok(sink(Received::Eof))
                }
                Err(Error::Io(error)) => Err(error),
                Err(Error::Capacity(_)) => {
                    let limit = self
                        .context
                        .get_config()
                        .max_message_size
                        .unwrap_or(usize::MAX);
                    Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        FrameFault::TooLarge { limit },
                    ))
                }
                Err(error) => {
                    let fault = FrameFault::Protocol(Box::new(error));
                    Err(io::Error::new(io::ErrorKind::InvalidData, fault))
                }
            };
            return Poll::Ready(result);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn poll_send(&mut self, cx: &mut Context<'_>, out: &mut SendBuffer) -> Poll<io::Result<()>> {
        loop {
            if !self.context.can_write() {
                // After a close frame nothing may follow (RFC 6455, 5.5.1).
                out.advance(out.len());
            }
            if !out.rest().is_empty() && self.out.len() - self.written < CHUNK {
                if self.out.capacity() == 0 {
                    self.out = scratch::take();
                }
                let count = append_frames(out.rest(), out.many_per_frame, &mut self.out);
                out.advance(count);
            }
            let (count, written) = self.poll_write_out(cx);
            out.count(count);
            ready!(written)?;
            if out.rest().is_empty() {
                out.finish();
                return Poll::Ready(Ok(()));
            }
        }
    }

    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        frame: Option<(u16, &str)>,
    ) -> Poll<io::Result<()>> {
        if !self.closing {
            self.closing = true;
            let frame = frame.map(|(number, reason)| CloseFrame {
                code: number.into(),
                reason: cut(reason).into(),
            });
            // A failure means that there is no room for a close frame or that one is out already: nothing to add.
            let _ = self.drive(cx, |context, wire| context.close(wire, frame));
        }
        ready!(self.poll_write_out(cx).1)?;
        poll_end(&mut self.io, &mut self.end, cx)
    }

    fn set_packet_limit(&mut self, bytes: usize) {
        self.context.set_config(|config| {
            config.max_message_size = Some(message_limit(bytes));
            config.max_frame_size = Some(message_limit(bytes));
        });
    }
}

impl<IO> fmt::Debug for Ws<IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ws")
            .field("waiting", &(self.out.len() - self.written))
            .field("closing", &self.closing)
            .finish_non_exhaustive()
    }
}

/// What a message may hold: one packet, and whatever the limit, a control frame (RFC 6455, 5.5).
const fn message_limit(packet_limit: usize) -> usize {
    let message = packet_limit + HEADER_LEN;
    if message < 125 { 125 } else { message }
}

/// The start of `reason` that fits into a close frame.
fn cut(reason: &str) -> &str {
    &reason[..reason.floor_char_boundary(REASON)]
}

/// What tungstenite sees of the socket: it reads from it, and writes into our buffer.
struct Wire<'a, 'b, IO> {
    io: &'a mut IO,
    cx: &'a mut Context<'b>,
    out: &'a mut Vec<u8>,
    written: usize,
}

impl<IO: AsyncRead + Unpin> Read for Wire<'_, '_, IO> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(buffer);
        match Pin::new(&mut *self.io).poll_read(self.cx, &mut buffer) {
            Poll::Ready(Ok(())) => Ok(buffer.filled().len()),
            // TLS without its close_notify: the same as an end without a close frame.
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
            Poll::Ready(Err(error)) => Err(error),
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

impl<IO> Write for Wire<'_, '_, IO> {
    /// Takes all or nothing, so that `out` holds whole frames. Pongs to a peer that reads nothing must not pile up.
    fn write(&mut self, frames: &[u8]) -> io::Result<usize> {
        if self.out.len() - self.written > CHUNK + CONTROL {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        if self.out.capacity() == 0 {
            *self.out = scratch::take();
        }
        self.out.extend_from_slice(frames);
        Ok(frames.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
impl<IO> Ws<IO> {
    pub(super) fn io_mut(&mut self) -> &mut IO {
        &mut self.io
    }

    /// The memory held for writing.
    pub(super) const fn capacity(&self) -> usize {
        self.out.capacity()
    }
}
