//! Bare echo servers: the least that a tokio server of the same bytes can cost.
//!
//! They keep no state, look at nothing and hold no buffer of their own between two wake-ups; what
//! TLS and WebSocket keep is what those libraries keep. A wake-up that finds several messages
//! answers them with one write.

use std::{
    cell::RefCell,
    future::poll_fn,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures_util::{FutureExt, SinkExt, StreamExt};
use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::tungstenite::{self, protocol::WebSocketConfig};

use crate::Framing;

/// tungstenite zeroes its whole read buffer before every read and keeps it: the default of
/// 128 KiB would make a floor that is easily beaten.
pub const READ_BUFFER: usize = 2 * 1024;

thread_local! {
    /// One read buffer per thread, as nothing is kept in it across an await.
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; 16 * 1024]);
}

/// Accepts connections for ever and returns what each sends.
///
/// # Errors
/// The listener failed. Faults of a connection end that connection alone.
pub async fn serve(
    listener: TcpListener,
    framing: Framing,
    tls: Option<Arc<ServerConfig>>,
) -> io::Result<()> {
    let tls = tls.map(TlsAcceptor::from);
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        // A task of its own shape for each, so that none is as large as the largest. A peer that
        // goes away in mid-word ends its conversation like one that takes its leave.
        drop(match (tls.clone(), framing) {
            (None, Framing::Stream) => tokio::spawn(async { drop(echo_bytes(socket).await) }),
            (None, Framing::WebSocket) => tokio::spawn(async { drop(echo_messages(socket).await) }),
            (Some(tls), Framing::Stream) => tokio::spawn(async move {
                if let Ok(stream) = Box::pin(tls.accept(socket)).await {
                    drop(echo_bytes(stream).await);
                }
            }),
            (Some(tls), Framing::WebSocket) => tokio::spawn(async move {
                if let Ok(stream) = Box::pin(tls.accept(socket)).await {
                    drop(echo_messages(stream).await);
                }
            }),
        });
    }
}

async fn echo_messages<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
) -> Result<(), tungstenite::Error> {
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
    // Boxed, so that its many copies of the stream go with it instead of widening the task.
    let upgrade = Box::pin(tokio_tungstenite::accept_async_with_config(
        stream,
        Some(config),
    ));
    let mut socket = upgrade.await?;
    while let Some(message) = socket.next().await {
        let mut next = Some(message?);
        while let Some(message) = next {
            if message.is_binary() || message.is_text() {
                socket.feed(message).await?;
            }
            next = socket.next().now_or_never().flatten().transpose()?;
        }
        socket.flush().await?;
    }
    Ok(())
}

async fn echo_bytes<S: AsyncRead + AsyncWrite + Unpin>(stream: S) -> io::Result<()> {
    let mut echo = Echo {
        stream,
        unsent: Vec::new(),
        unflushed: false,
    };
    poll_fn(|context| SCRATCH.with_borrow_mut(|scratch| echo.poll(context, scratch))).await
}

struct Echo<S> {
    stream: S,
    /// What the stream did not take at once.
    unsent: Vec<u8>,
    unflushed: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Echo<S> {
    fn poll(&mut self, context: &mut Context<'_>, scratch: &mut [u8]) -> Poll<io::Result<()>> {
        loop {
            while !self.unsent.is_empty() {
                let sent = ready!(Pin::new(&mut self.stream).poll_write(context, &self.unsent))?;
                self.unsent.drain(..sent);
            }
            self.unsent = Vec::new();
            if self.unflushed {
                ready!(Pin::new(&mut self.stream).poll_flush(context))?;
                self.unflushed = false;
            }
            let mut buffer = ReadBuf::new(scratch);
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            let sent = match Pin::new(&mut self.stream).poll_write(context, buffer.filled())? {
                Poll::Ready(sent) => sent,
                Poll::Pending => 0,
            };
            self.unsent.extend_from_slice(&buffer.filled()[sent..]);
            self.unflushed = true;
        }
    }
}
