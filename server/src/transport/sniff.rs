//! What a connection speaks, from its first byte.

use std::io;

use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    net::TcpStream,
};

/// What the first byte announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speech {
    /// A TLS record of type handshake (RFC 8446, 5.1).
    Tls,
    /// An HTTP request: methods are upper-case letters.
    Http,
    /// A packet; whether its type is right is up to the connection (wire 1.1).
    Packets,
}

impl Speech {
    pub(super) const fn of(first: u8) -> Self {
        match first {
            0x16 => Self::Tls,
            b'A'..=b'Z' => Self::Http,
            _ => Self::Packets,
        }
    }
}

/// Looks at the first byte of a socket and leaves it there. Nothing if the peer ends without one.
pub(super) async fn peek(tcp: &TcpStream) -> io::Result<Option<Speech>> {
    let mut first = [0];
    let count = tcp.peek(&mut first).await?;
    Ok((count > 0).then(|| Speech::of(first[0])))
}

/// Reads the start of a stream that cannot be peeked at (TLS), and hands it over with what it announces.
pub(super) async fn read(
    io: &mut (impl AsyncRead + Unpin),
) -> io::Result<Option<(Speech, Vec<u8>)>> {
    let mut start = Vec::with_capacity(1024);
    io.read_buf(&mut start).await?;
    Ok(start
        .first()
        .map(|first| Speech::of(*first))
        .map(|speech| (speech, start)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell() {
        assert_eq!(Speech::of(0x16), Speech::Tls);
        assert_eq!(Speech::of(b'G'), Speech::Http);
        assert_eq!(Speech::of(b'P'), Speech::Http);
        for packet in 1..=5 {
            assert_eq!(Speech::of(packet), Speech::Packets);
        }
        assert_eq!(Speech::of(0xff), Speech::Packets);
    }
}
