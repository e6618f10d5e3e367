//! Turns a stream of bytes, split anywhere, into packets.

use crate::packet::{self, HEADER_LEN, MAX_BODY, Packet, PacketError};

/// Collects received bytes and gives them back as packets.
///
/// It holds what was pushed and not yet taken, never more: a length in a header reserves nothing. An empty framer keeps no buffer.
///
/// ```
/// use pitaya_protocol::{Framer, PacketType};
///
/// let mut framer = Framer::new(1024);
/// framer.push(&[4, 0, 0]);
/// assert!(framer.next_packet()?.is_none());
/// framer.push(&[1, 9]);
/// let packet = framer.next_packet()?.expect("the packet is whole now");
/// assert_eq!((packet.kind, packet.body), (PacketType::Data, &[9][..]));
/// # Ok::<(), pitaya_protocol::PacketError>(())
/// ```
#[derive(Debug)]
pub struct Framer {
    buffer: Vec<u8>,
    taken: usize,
    limit: usize,
}

impl Framer {
    /// A framer that refuses bodies over `limit` bytes (at most [`MAX_BODY`]).
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self {
            buffer: Vec::new(),
            taken: 0,
            limit: if limit > MAX_BODY { MAX_BODY } else { limit },
        }
    }

    /// Changes the limit for packets whose header was not read yet.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit.min(MAX_BODY);
    }

    /// Adds received bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.compact();
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole packet, or `None` until more bytes come.
    ///
    /// # Errors
    ///
    /// A header that no packet has, or one over the limit. Packets before it have been given out already; after it the framer
    /// stays at the bad header, as a stream cannot be picked up again.
    pub fn next_packet(&mut self) -> Result<Option<Packet<'_>>, PacketError> {
        Ok(self.next_range()?.map(|(kind, range)| Packet {
            kind,
            body: &self.buffer[range],
        }))
    }

    /// As [`next_packet`](Self::next_packet), as a place in [`bytes`](Self::bytes): it borrows nothing.
    pub(crate) fn next_range(
        &mut self,
    ) -> Result<Option<(packet::PacketType, std::ops::Range<usize>)>, PacketError> {
        let rest = &self.buffer[self.taken..];
        let Some((header, rest)) = rest.split_first_chunk::<HEADER_LEN>() else {
            self.compact();
            return Ok(None);
        };
        let (kind, len) = packet::decode_header(*header, self.limit)?;
        if rest.len() < len {
            return Ok(None);
        }
        let start = self.taken + HEADER_LEN;
        self.taken = start + len;
        Ok(Some((kind, start..start + len)))
    }

    /// The buffer that ranges point into.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buffer
    }

    /// Bytes that wait: a packet that is not whole yet, and packets that were not taken yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.buffer.len() - self.taken
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.buffer = Vec::new();
        self.taken = 0;
    }

    fn compact(&mut self) {
        if self.taken == self.buffer.len() {
            self.buffer = Vec::new();
            self.taken = 0;
        } else if self.taken > 0 {
            self.buffer.drain(..self.taken);
            self.taken = 0;
        }
    }
}

/// Checks that one WebSocket message is made of whole packets (wire 1.3) and counts them.
///
/// # Errors
///
/// [`PacketError`], as [`Framer::next_packet`], and [`PacketError::BadFrame`] when the last packet is not whole or there is none.
pub fn check_frame(frame: &[u8], limit: usize) -> Result<usize, PacketError> {
    let mut rest = frame;
    let mut packets = 0;
    while let Some((header, after)) = rest.split_first_chunk::<HEADER_LEN>() {
        let (_, len) = packet::decode_header(*header, limit)?;
        rest = after
            .get(len..)
            .ok_or(PacketError::BadFrame { len: frame.len() })?;
        packets += 1;
    }
    if packets == 0 || !rest.is_empty() {
        return Err(PacketError::BadFrame { len: frame.len() });
    }
    Ok(packets)
}
