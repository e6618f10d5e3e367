//! Packets as a plain run of bytes, over TCP or TLS.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Received;
use super::io::Io;

/// Bytes asked of the socket at once.
const READ_SIZE: usize = 16 * 1024;

thread_local! {
    /// Shared by all connections of a thread, so that an idle one keeps no buffer.
    static READ_BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_SIZE].into_boxed_slice());
}

/// A byte stream with what the socket did not take yet.
#[derive(Debug)]
pub(crate) struct Stream {
    io: Io,
    unsent: Vec<u8>,
    /// How much at the front of `unsent` has been written.
    written: usize,
    /// Whether bytes may be inside the TLS layer.
    unflushed: bool,
}

impl Stream {
    pub(super) fn new(io: Io) -> Self {
        Self {
            io,
            unsent: Vec::new(),
            written: 0,
            unflushed: false,
        }
    }

    pub(super) fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
        take: &mut dyn FnMut(Received<'_>),
    ) -> Poll<io::Result<()>> {
        READ_BUFFER.with_borrow_mut(|buffer| {
            let mut buffer = ReadBuf::new(buffer);
            ready!(Pin::new(&mut self.io).poll_read(cx, &mut buffer))?;
            match buffer.filled() {
                [] => take(Received::Eof),
                bytes => take(Received::Bytes(bytes)),
            }
            Poll::Ready(Ok(()))
        })
    }

    /// Writes what the socket takes at once and keeps a copy of the rest.
    pub(super) fn send(&mut self, cx: &mut Context<'_>, mut bytes: &[u8]) -> io::Result<()> {
        self.unflushed = true;
        while self.unsent.is_empty() && !bytes.is_empty() {
            match Pin::new(&mut self.io).poll_write(cx, bytes)? {
                Poll::Ready(0) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(written) => bytes = &bytes[written..],
                Poll::Pending => break,
            }
        }
        self.unsent.extend_from_slice(bytes);
        Ok(())
    }

    pub(super) fn unsent(&self) -> usize {
        self.unsent.len() - self.written
    }

    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.unsent.len() {
            match ready!(Pin::new(&mut self.io).poll_write(cx, &self.unsent[self.written..]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.written += written,
            }
        }
        // Not just cleared: a burst must not leave its buffer behind for good.
        self.unsent = Vec::new();
        self.written = 0;
        if self.unflushed {
            ready!(Pin::new(&mut self.io).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    pub(super) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_flush(cx))?;
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
