//! Packets as WebSocket messages, one each.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream as _;
use futures_util::Sink as _;
use pitaya_protocol::packet::HEADER_LEN;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::{HOST, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, coding::CloseCode};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::error::TransportError;
use super::io::Io;
use super::{Received, Settings};
use crate::endpoint::Endpoint;

/// tungstenite allocates this at once and keeps it; its own default is 128 KiB.
const READ_BUFFER: usize = 2 * 1024;
/// Frames gather up to this size before they are written without being flushed.
const WRITE_BUFFER: usize = 16 * 1024;
/// Room in one message for further packets beside the largest allowed one (wire 1.3: older servers batch).
const BATCH_ROOM: usize = 64 * 1024;
/// RFC 6455 section 7.4.1: the purpose of the connection has been fulfilled.
const NORMAL_CLOSURE: u16 = 1000;

/// A WebSocket with the packets that it did not take yet.
#[derive(Debug)]
pub(crate) struct Ws {
    socket: WebSocketStream<Io>,
    unsent: VecDeque<Bytes>,
    unsent_bytes: usize,
    unflushed: bool,
    closing: bool,
}

impl Ws {
    /// Upgrades a connected stream.
    pub(super) async fn upgrade(
        endpoint: &Endpoint,
        io: Io,
        settings: &Settings,
    ) -> Result<Self, TransportError> {
        let unusable = |reason: &dyn ToString| TransportError::UpgradeFailed {
            reason: reason.to_string(),
        };
        let mut request = endpoint
            .to_string()
            .into_client_request()
            .map_err(|error| unusable(&error))?;
        let host =
            HeaderValue::from_str(&endpoint.authority()).map_err(|error| unusable(&error))?;
        request.headers_mut().insert(HOST, host);
        for (name, value) in &settings.headers {
            request.headers_mut().append(name.clone(), value.clone());
        }
        let largest = settings
            .max_packet
            .saturating_add(HEADER_LEN)
            .saturating_add(BATCH_ROOM);
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(WRITE_BUFFER)
            .max_write_buffer_size(WRITE_BUFFER + largest)
            .max_message_size(Some(largest))
            .max_frame_size(Some(largest));
        match client_async_with_config(request, io, Some(config)).await {
            Ok((socket, _)) => Ok(Self {
                socket,
                unsent: VecDeque::new(),
                unsent_bytes: 0,
                unflushed: false,
                closing: false,
            }),
            Err(Error::Http(response)) => Err(TransportError::UpgradeRefused {
                status: response.status().as_u16(),
            }),
            Err(Error::Io(error)) => Err(TransportError::Io(error.into())),
            Err(error) => Err(unusable(&error)),
        }
    }

    pub(super) fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
        take: &mut dyn FnMut(Received<'_>),
    ) -> Poll<io::Result<()>> {
        let received = match ready!(Pin::new(&mut self.socket).poll_next(cx)) {
            // Which opcode a frame has says nothing (wire 1.3).
            Some(Ok(Message::Binary(bytes))) => return done(take, Received::Frame(&bytes)),
            Some(Ok(Message::Text(text))) => return done(take, Received::Frame(text.as_bytes())),
            Some(Ok(Message::Close(Some(frame)))) => {
                let code = u16::from(frame.code);
                return done(
                    take,
                    Received::Close {
                        code,
                        reason: frame.reason.as_str(),
                    },
                );
            }
            Some(Ok(
                Message::Close(None) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_),
            )) => {
                return Poll::Ready(Ok(()));
            }
            None | Some(Err(Error::ConnectionClosed | Error::AlreadyClosed)) => Received::Eof,
            Some(Err(error)) => return Poll::Ready(Err(into_io(error))),
        };
        done(take, received)
    }

    /// Hands over what the socket takes at once and keeps the rest.
    pub(super) fn send(&mut self, cx: &mut Context<'_>, packets: &[u8]) -> io::Result<()> {
        self.unflushed = true;
        for packet in split(packets) {
            self.unsent_bytes += packet.len();
            self.unsent.push_back(Bytes::copy_from_slice(packet));
        }
        match self.poll_unsent(cx) {
            Poll::Ready(Err(error)) => Err(error),
            Poll::Ready(Ok(())) | Poll::Pending => Ok(()),
        }
    }

    pub(super) fn unsent(&self) -> usize {
        self.unsent_bytes
    }

    fn poll_unsent(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.unsent.is_empty() {
            ready!(Pin::new(&mut self.socket).poll_ready(cx)).map_err(into_io)?;
            if let Some(packet) = self.unsent.pop_front() {
                self.unsent_bytes -= packet.len();
                Pin::new(&mut self.socket)
                    .start_send(Message::Binary(packet))
                    .map_err(into_io)?;
            }
        }
        Poll::Ready(Ok(()))
    }

    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_unsent(cx))?;
        if self.unflushed {
            ready!(Pin::new(&mut self.socket).poll_flush(cx)).map_err(into_io)?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Sends a close frame; the peer's answer arrives as the end of what is received.
    pub(super) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_unsent(cx))?;
        if !self.closing {
            ready!(Pin::new(&mut self.socket).poll_ready(cx)).map_err(into_io)?;
            self.closing = true;
            self.unflushed = true;
            let frame = CloseFrame {
                code: CloseCode::from(NORMAL_CLOSURE),
                reason: "".into(),
            };
            match Pin::new(&mut self.socket).start_send(Message::Close(Some(frame))) {
                // The peer was quicker.
                Ok(())
                | Err(Error::ConnectionClosed | Error::AlreadyClosed | Error::Protocol(_)) => {}
                Err(error) => return Poll::Ready(Err(into_io(error))),
            }
        }
        self.poll_flush(cx)
    }
}

fn done(take: &mut dyn FnMut(Received<'_>), received: Received<'_>) -> Poll<io::Result<()>> {
    take(received);
    Poll::Ready(Ok(()))
}

/// Splits encoded packets, whose headers carry their lengths (wire 1.1).
fn split(mut packets: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let &[_, high, middle, low, ..] = packets else {
            return None;
        };
        let body = u32::from_be_bytes([0, high, middle, low]) as usize;
        let (packet, rest) = packets.split_at((HEADER_LEN + body).min(packets.len()));
        packets = rest;
        Some(packet)
    })
}

fn into_io(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        Error::ConnectionClosed | Error::AlreadyClosed => io::ErrorKind::NotConnected.into(),
        other => io::Error::new(io::ErrorKind::InvalidData, other),
    }
}
