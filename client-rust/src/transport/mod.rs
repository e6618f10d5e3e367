//! Connections to a server, whatever they are made of.
//!
//! A driver sees one [`Transport`]: it is polled for what arrives, takes bytes to send, and keeps what the socket did
//! not take until it is flushed.

mod connect;
mod error;
mod io;
mod pin;
mod race;
mod stream;
mod tls;
mod ws;

#[cfg(test)]
mod tests;

use std::task::{Context, Poll};
use std::time::Duration;

use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};

pub(crate) use connect::connect;
pub use error::{TlsFailure, TransportError, Unreachable};
pub use pin::{Pin, PinError};
pub(crate) use tls::TlsClient;
pub use tls::{Tls, TlsError};

/// How to connect, the same for every attempt of a client.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// For all endpoints: name, TCP, TLS and HTTP upgrade.
    pub(crate) connect_timeout: Duration,
    /// Head start of an endpoint over the next one.
    pub(crate) race: Duration,
    /// Largest packet body accepted, in bytes.
    pub(crate) max_packet: usize,
    /// Added to the WebSocket upgrade.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) tls: TlsClient,
}

/// What came in.
#[derive(Debug)]
pub(crate) enum Received<'a> {
    /// Any part of the byte stream.
    Bytes(&'a [u8]),
    /// One whole WebSocket message.
    Frame(&'a [u8]),
    /// A WebSocket close frame; the end follows.
    Close {
        /// 1000 and up, RFC 6455 section 7.4.
        code: u16,
        /// Its text, often empty.
        reason: &'a str,
    },
    /// The peer ended the connection in good order.
    Eof,
}

/// A connected transport.
#[derive(Debug)]
pub(crate) enum Transport {
    /// TCP or TLS.
    Stream(stream::Stream),
    /// WebSocket, with or without TLS.
    Ws(Box<ws::Ws>),
}

impl Transport {
    /// Receives once and hands that to `take`, which may not be called when nothing of interest came.
    pub(crate) fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
        take: &mut dyn FnMut(Received<'_>),
    ) -> Poll<std::io::Result<()>> {
        match self {
            Self::Stream(stream) => stream.poll_receive(cx, take),
            Self::Ws(ws) => ws.poll_receive(cx, take),
        }
    }

    /// Sends whole packets; what the socket does not take at once is kept for [`poll_flush`](Self::poll_flush).
    pub(crate) fn send(&mut self, cx: &mut Context<'_>, packets: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Stream(stream) => stream.send(cx, packets),
            Self::Ws(ws) => ws.send(cx, packets),
        }
    }

    /// Bytes kept because the socket did not take them.
    pub(crate) fn unsent(&self) -> usize {
        match self {
            Self::Stream(stream) => stream.unsent(),
            Self::Ws(ws) => ws.unsent(),
        }
    }

    /// Writes what was kept.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match self {
            Self::Stream(stream) => stream.poll_flush(cx),
            Self::Ws(ws) => ws.poll_flush(cx),
        }
    }

    /// Writes what was kept and then says that nothing more will come; receiving goes on.
    pub(crate) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match self {
            Self::Stream(stream) => stream.poll_close(cx),
            Self::Ws(ws) => ws.poll_close(cx),
        }
    }
}
