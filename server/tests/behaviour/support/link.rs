//! How bytes get from a client to a server: a stream, or WebSocket messages.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::{Sink, Stream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

/// A byte stream of any kind.
pub(crate) trait Io: AsyncRead + AsyncWrite + Unpin + Send {}

impl<IO: AsyncRead + AsyncWrite + Unpin + Send> Io for IO {}

/// A client's end.
pub(crate) enum Link {
    Bytes(Box<dyn Io>),
    Frames(Box<WebSocketStream<Box<dyn Io>>>),
}

/// What one read brought.
pub(super) enum Got {
    Bytes(Vec<u8>),
    Frame(Vec<u8>),
    /// The end, with the number of the WebSocket close frame if one came.
    Eof(Option<u16>),
}

impl Link {
    /// Writes and forgets `out`, which holds whole packets; each is a WebSocket message of its own.
    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        out: &mut Vec<u8>,
    ) -> Poll<io::Result<()>> {
        match self {
            Self::Bytes(io) => {
                while !out.is_empty() {
                    let count = ready!(Pin::new(&mut *io).poll_write(cx, out))?;
                    out.drain(..count);
                }
                Pin::new(io).poll_flush(cx)
            }
            Self::Frames(socket) => {
                let mut socket = Pin::new(&mut **socket);
                while let Some(&[_, a, b, c]) = out.first_chunk() {
                    ready!(socket.as_mut().poll_ready(cx)).map_err(failed)?;
                    let length = 4 + u32::from_be_bytes([0, a, b, c]) as usize;
                    let packet: Vec<u8> = out.drain(..length).collect();
                    let message = Message::Binary(packet.into());
                    socket.as_mut().start_send(message).map_err(failed)?;
                }
                socket.poll_flush(cx).map_err(failed)
            }
        }
    }

    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Got>> {
        match self {
            Self::Bytes(io) => {
                let mut buffer = [0; 4096];
                let mut buffer = ReadBuf::new(&mut buffer);
                match ready!(Pin::new(io).poll_read(cx, &mut buffer)) {
                    Ok(()) if buffer.filled().is_empty() => {}
                    Ok(()) => return Poll::Ready(Ok(Got::Bytes(buffer.filled().to_vec()))),
                    Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
                    Err(error) => return Poll::Ready(Err(error)),
                }
                Poll::Ready(Ok(Got::Eof(None)))
            }
            Self::Frames(socket) => loop {
                return Poll::Ready(match ready!(Pin::new(&mut **socket).poll_next(cx)) {
                    Some(Ok(Message::Binary(body))) => Ok(Got::Frame(body.to_vec())),
                    Some(Ok(Message::Close(frame))) => {
                        Ok(Got::Eof(frame.map(|frame| frame.code.into())))
                    }
                    Some(Ok(_)) => continue,
                    Some(Err(error)) => Err(failed(error)),
                    None => Ok(Got::Eof(None)),
                });
            },
        }
    }

    /// Ends the client's side in order: a close frame, a close_notify, a FIN.
    pub(crate) async fn shut(&mut self) {
        // The server may have been faster.
        let _ = match self {
            Self::Bytes(io) => tokio::io::AsyncWriteExt::shutdown(io).await,
            Self::Frames(socket) => socket.close(None).await.map_err(failed),
        };
    }

    /// Sends bytes as they are; over WebSocket as one message.
    pub(crate) async fn send_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Bytes(io) => {
                tokio::io::AsyncWriteExt::write_all(io, bytes).await?;
                tokio::io::AsyncWriteExt::flush(io).await
            }
            Self::Frames(socket) => {
                let message = Message::Binary(bytes.to_vec().into());
                futures_util::SinkExt::send(&mut **socket, message)
                    .await
                    .map_err(failed)
            }
        }
    }

    /// Reads once.
    pub(crate) async fn read_some(&mut self) -> Vec<u8> {
        match std::future::poll_fn(|cx| self.poll_read(cx)).await {
            Ok(Got::Bytes(bytes) | Got::Frame(bytes)) => bytes,
            Ok(Got::Eof(_)) | Err(_) => panic!("the connection has ended"),
        }
    }

    /// Everything that comes until the server's end.
    pub(crate) async fn read_to_end(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        loop {
            match std::future::poll_fn(|cx| self.poll_read(cx)).await {
                Ok(Got::Bytes(bytes) | Got::Frame(bytes)) => all.extend(bytes),
                Ok(Got::Eof(_)) | Err(_) => return all,
            }
        }
    }
}

fn failed(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        error => io::Error::other(error),
    }
}
