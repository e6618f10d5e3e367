//! One accepted connection, TCP or WebSocket, seen as packets.

use std::{
    io::{self, ErrorKind},
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
};
use tokio_tungstenite::{WebSocketStream, accept_async, tungstenite::Message};

use super::wire;

/// A packet of a client.
#[derive(Debug)]
pub(super) struct Packet {
    pub(super) kind: u8,
    pub(super) body: Vec<u8>,
}

/// A connection on which packets are read and bytes are written.
pub(super) struct Connection {
    transport: Transport,
    /// Bytes that were received and are not yet a whole packet.
    received: Vec<u8>,
    /// The code of the client's WebSocket close.
    close_code: Option<u16>,
}

enum Transport {
    Stream(Segments),
    WebSocket(Box<WebSocketStream<Segments>>),
}

impl Connection {
    /// Tells TCP from WebSocket by the first byte; `one_byte` puts every byte written from now on into its own segment.
    pub(super) async fn accept(stream: TcpStream, one_byte: bool) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let mut first = [0];
        if stream.peek(&mut first).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let stream = Segments { stream, one_byte };
        let transport = if first[0] == b'G' {
            Transport::WebSocket(Box::new(
                accept_async(stream).await.map_err(io::Error::other)?,
            ))
        } else {
            Transport::Stream(stream)
        };
        Ok(Self {
            transport,
            received: Vec::new(),
            close_code: None,
        })
    }

    /// The next packet of the client, `None` at its end. May be dropped and called again.
    pub(super) async fn receive(&mut self) -> io::Result<Option<Packet>> {
        loop {
            if let Some(packet) = self.take_packet()? {
                return Ok(Some(packet));
            }
            match &mut self.transport {
                Transport::Stream(stream) => {
                    if stream.read_buf(&mut self.received).await? == 0 {
                        return Ok(None);
                    }
                }
                Transport::WebSocket(socket) => match socket.next().await {
                    Some(Ok(Message::Binary(bytes))) => self.received.extend_from_slice(&bytes),
                    Some(Ok(Message::Text(text))) => {
                        self.received.extend_from_slice(text.as_bytes())
                    }
                    Some(Ok(Message::Close(frame))) => {
                        self.close_code = frame.map(|frame| frame.code.into());
                        return Ok(None);
                    }
                    None => return Ok(None),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(io::Error::other(error)),
                },
            }
        }
    }

    fn take_packet(&mut self) -> io::Result<Option<Packet>> {
        let Some((&[kind, a, b, c], rest)) = self.received.split_first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        if !(wire::HANDSHAKE..=wire::KICK).contains(&kind) || length > wire::MAX_BODY {
            return Err(ErrorKind::InvalidData.into());
        }
        let Some(body) = rest.get(..length) else {
            return Ok(None);
        };
        let packet = Packet {
            kind,
            body: body.to_vec(),
        };
        self.received.drain(..4 + length);
        Ok(Some(packet))
    }

    /// Writes `bytes` as they are: at once on TCP, as one binary message on WebSocket.
    pub(super) async fn send(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        match &mut self.transport {
            Transport::Stream(stream) => stream.write_all(&bytes).await,
            Transport::WebSocket(socket) => socket
                .send(Message::binary(bytes))
                .await
                .map_err(io::Error::other),
        }
    }

    /// Writes `bytes`, which are text: as they are on TCP, as one text message on WebSocket.
    pub(super) async fn send_text(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        let Transport::WebSocket(socket) = &mut self.transport else {
            return self.send(bytes).await;
        };
        let text = String::from_utf8(bytes).map_err(io::Error::other)?;
        socket
            .send(Message::text(text))
            .await
            .map_err(io::Error::other)
    }

    /// The code with which the client closed its WebSocket, once [`receive`](Self::receive) has met the end.
    pub(super) const fn close_code(&self) -> Option<u16> {
        self.close_code
    }

    /// Ends the connection in order and waits until the client has ended it too.
    ///
    /// Closing while bytes of the client are unread would reset the connection and could take what was sent with it.
    pub(super) async fn close(mut self) -> io::Result<()> {
        match &mut self.transport {
            Transport::Stream(stream) => stream.shutdown().await?,
            Transport::WebSocket(socket) => {
                socket
                    .send(Message::Close(None))
                    .await
                    .map_err(io::Error::other)?;
            }
        }
        while let Ok(Some(_)) = self.receive().await {}
        Ok(())
    }

    /// Ends the connection with a TCP reset.
    pub(super) fn reset(self) -> io::Result<()> {
        let stream = match self.transport {
            Transport::Stream(stream) => stream.stream,
            Transport::WebSocket(socket) => socket.into_inner().stream,
        };
        socket2::SockRef::from(&stream).set_linger(Some(std::time::Duration::ZERO))
    }
}

/// A TCP stream that can send each byte by itself.
struct Segments {
    stream: TcpStream,
    one_byte: bool,
}

impl AsyncRead for Segments {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Segments {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        // Nagle's algorithm is off: each write is a segment.
        let bytes = if self.one_byte {
            &bytes[..bytes.len().min(1)]
        } else {
            bytes
        };
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
