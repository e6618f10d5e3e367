//! Packets: one type byte, a 24-bit big-endian length, a body (wire 1.1).

/// Bytes before a packet's body: the type and the length (wire 1.1).
pub const HEADER_LEN: usize = 4;

/// The largest body that a 24-bit length can announce, in bytes (wire 1.1).
pub const MAX_BODY: usize = 0xFF_FFFF;

/// What a packet is for (wire 1.1). The set is closed: any other number is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the wire has five packet types and no room for others"
)]
pub enum PacketType {
    /// The client's request and the server's response that open a connection.
    Handshake = 1,
    /// The client has read the response; data may follow.
    HandshakeAck = 2,
    /// The sender is alive.
    Heartbeat = 3,
    /// One message.
    Data = 4,
    /// The server ends the connection for good.
    Kick = 5,
}

impl PacketType {
    /// The type with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Handshake,
            2 => Self::HandshakeAck,
            3 => Self::Heartbeat,
            4 => Self::Data,
            5 => Self::Kick,
            _ => return None,
        })
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// One packet, its body borrowed from the bytes it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "the wire has exactly these two parts"
)]
pub struct Packet<'a> {
    /// What the packet is for.
    pub kind: PacketType,
    /// What it carries; empty for most types.
    pub body: &'a [u8],
}

/// Why four bytes are not the header of a packet that we take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PacketError {
    /// The type is none of 1 to 5.
    #[error("unknown packet type {0}")]
    UnknownType(u8),
    /// The body is announced longer than the limit; nothing of it was kept.
    #[error("packet body of {len} bytes, the limit is {limit}")]
    TooLarge {
        /// Announced length in bytes.
        len: usize,
        /// The limit in force in bytes.
        limit: usize,
    },
    /// A WebSocket message that is not made of whole packets (wire 1.3).
    #[error("a frame of {len} bytes does not hold whole packets")]
    BadFrame {
        /// Length of the WebSocket message in bytes.
        len: usize,
    },
    /// The stream ended inside a packet (wire 1.2).
    #[error("the stream ended inside a packet")]
    Truncated,
}

/// A body that no packet can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a packet body of {len} bytes is over the limit of {MAX_BODY}")]
pub struct PacketTooLarge {
    /// Length of the refused body in bytes.
    pub len: usize,
}

/// Appends a whole packet to `out`.
///
/// # Errors
///
/// A body over [`MAX_BODY`] is refused and `out` stays as it was. (Go Pitaya accepts one byte more and writes length 0,
/// which desynchronises the stream, wire 1.1.)
pub fn encode(kind: PacketType, body: &[u8], out: &mut Vec<u8>) -> Result<(), PacketTooLarge> {
    if body.len() > MAX_BODY {
        return Err(PacketTooLarge { len: body.len() });
    }
    out.extend_from_slice(&header(kind, body.len()));
    out.extend_from_slice(body);
    Ok(())
}

/// Appends a packet whose body `write` appends in place.
///
/// # Errors
///
/// What `write` fails with, or [`PacketTooLarge`] when it appended more than [`MAX_BODY`] bytes; `out` is then as it was before.
pub fn encode_with<E: From<PacketTooLarge>>(
    kind: PacketType,
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let start = out.len();
    out.extend_from_slice(&header(kind, 0));
    let written = write(out).and_then(|()| {
        let len = out.len() - start - HEADER_LEN;
        if len > MAX_BODY {
            return Err(PacketTooLarge { len }.into());
        }
        out[start..start + HEADER_LEN].copy_from_slice(&header(kind, len));
        Ok(())
    });
    if written.is_err() {
        out.truncate(start);
    }
    written
}

const fn header(kind: PacketType, len: usize) -> [u8; HEADER_LEN] {
    [
        kind.number(),
        (len >> 16) as u8,
        (len >> 8) as u8,
        len as u8,
    ]
}

/// Reads a header: the type and the length of the body.
/// The length that a header says.
pub(crate) fn body_len(header: &[u8; HEADER_LEN]) -> usize {
    usize::from(header[1]) << 16 | usize::from(header[2]) << 8 | usize::from(header[3])
}

pub(crate) fn decode_header(
    header: [u8; HEADER_LEN],
    limit: usize,
) -> Result<(PacketType, usize), PacketError> {
    let kind = PacketType::from_number(header[0]).ok_or(PacketError::UnknownType(header[0]))?;
    let len = body_len(&header);
    if len > limit {
        return Err(PacketError::TooLarge { len, limit });
    }
    Ok((kind, len))
}
