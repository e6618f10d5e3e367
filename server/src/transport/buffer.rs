//! The bytes on their way out.

use super::scratch;

/// Whole packets that wait for the socket, one after another. Empty, it holds no memory.
#[derive(Debug, Default)]
pub(crate) struct SendBuffer {
    bytes: Vec<u8>,
    /// How many of `bytes` the transport has taken over already.
    written: usize,
    /// Whether a transport took bytes over that are not yet with the operating system.
    unflushed: bool,
    taken: u64,
    /// Whether several packets may share one WebSocket message (the capability `many-per-frame`). Off by default: clients
    /// of the family expect one packet per message (wire 1.3).
    pub(crate) many_per_frame: bool,
}

impl SendBuffer {
    /// Adds whole packets.
    pub(crate) fn push(&mut self, packets: &[u8]) {
        self.vec().extend_from_slice(packets);
    }

    /// The buffer itself, for encoders that append to a `Vec`. Only append whole packets.
    pub(crate) fn vec(&mut self) -> &mut Vec<u8> {
        if self.bytes.capacity() == 0 {
            self.bytes = scratch::take();
        }
        &mut self.bytes
    }

    /// Whether everything is with the operating system.
    pub(crate) const fn is_empty(&self) -> bool {
        self.bytes.is_empty() && !self.unflushed
    }

    /// Bytes that no transport has taken over yet.
    pub(crate) const fn len(&self) -> usize {
        self.bytes.len() - self.written
    }

    /// Bytes that the peer's side of the socket took since the connection began. It stands still while the peer is stalled.
    pub(crate) const fn taken(&self) -> u64 {
        self.taken
    }

    /// What no transport has taken over yet.
    pub(super) fn rest(&self) -> &[u8] {
        &self.bytes[self.written..]
    }

    /// The first `count` bytes of the rest are taken over.
    pub(super) fn advance(&mut self, count: usize) {
        self.written += count;
        self.unflushed = true;
        // A peer that is slow but never done would otherwise make the written part grow for ever.
        if self.written >= COMPACT && self.written > self.bytes.len() / 2 {
            self.bytes.drain(..self.written);
            self.written = 0;
        }
    }

    /// The socket took `count` bytes.
    pub(super) fn count(&mut self, count: usize) {
        self.taken += count as u64;
    }

    /// Everything is written: gives the memory back.
    pub(super) fn finish(&mut self) {
        self.written = 0;
        self.unflushed = false;
        scratch::give(std::mem::take(&mut self.bytes));
    }
}

/// Written bytes below this are not worth moving the others for.
const COMPACT: usize = 64 * 1024;

#[cfg(test)]
impl SendBuffer {
    /// The memory held.
    pub(super) const fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}
