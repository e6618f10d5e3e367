//! Packets over a stream of bytes: TCP, TLS, or whatever a host program brings.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{End, Received, SendBuffer, Transport, poll_end, scratch};

/// A byte stream. It keeps no buffer: what a read brings is in a buffer of the thread until the sink returns.
#[derive(Debug)]
pub(crate) struct Stream<IO> {
    io: IO,
    /// What was read already, to find out what this connection speaks.
    prefix: Option<Box<[u8]>>,
    end: End,
}

impl<IO> Stream<IO> {
    pub(crate) fn new(io: IO) -> Self {
        Self {
            io,
            prefix: None,
            end: End::default(),
        }
    }

    /// A stream of which `prefix` was read already.
    pub(crate) fn with_prefix(io: IO, prefix: Vec<u8>) -> Self {
        let prefix = (!prefix.is_empty()).then(|| prefix.into_boxed_slice());
        Self {
            io,
            prefix,
            end: End::default(),
        }
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin + Send + 'static> Transport for Stream<IO> {
    fn poll_receive<R>(
        &mut self,
        cx: &mut Context<'_>,
        sink: impl FnOnce(Received<'_>) -> R,
    ) -> Poll<io::Result<R>> {
        if let Some(prefix) = self.prefix.take() {
            return Poll::Ready(Ok(sink(Received::Bytes(&prefix))));
        }
        if self.end.received {
            return Poll::Ready(Ok(sink(Received::Eof)));
        }
        scratch::with_read(|buffer| {
            let mut buffer = ReadBuf::new(buffer);
            match ready!(Pin::new(&mut self.io).poll_read(cx, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {
                    return Poll::Ready(Ok(sink(Received::Bytes(buffer.filled()))));
                }
                Ok(()) => {}
                // TLS without its close_notify. Packets say how long they are, so a cut is noticed without it.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
            self.end.received = true;
            Poll::Ready(Ok(sink(Received::Eof)))
        })
    }

    fn poll_send(&mut self, cx: &mut Context<'_>, out: &mut SendBuffer) -> Poll<io::Result<()>> {
        if out.is_empty() {
            return Poll::Ready(Ok(()));
        }
        while !out.rest().is_empty() {
            let count = ready!(Pin::new(&mut self.io).poll_write(cx, out.rest()))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            out.advance(count);
            out.count(count);
        }
        ready!(Pin::new(&mut self.io).poll_flush(cx))?;
        out.finish();
        Poll::Ready(Ok(()))
    }

    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        _frame: Option<(u16, &str)>,
    ) -> Poll<io::Result<()>> {
        poll_end(&mut self.io, &mut self.end, cx)
    }

    fn set_packet_limit(&mut self, _bytes: usize) {}
}

#[cfg(test)]
impl<IO> Stream<IO> {
    pub(super) fn io_mut(&mut self) -> &mut IO {
        &mut self.io
    }
}
