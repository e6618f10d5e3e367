//! What the machine wants sent and the host has not taken yet.

use std::collections::VecDeque;
use std::mem::MaybeUninit;

use pitaya_client_core::Transmit;

/// Bytes that the host did not take, above which calls wait or fail instead of growing them.
const HIGH_WATER: usize = 64 * 1024;

/// See the [module docs](self).
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    bytes: VecDeque<u8>,
    /// The lengths of messages; nothing for a stream.
    messages: Option<VecDeque<usize>>,
    many_per_message: bool,
}

impl Outgoing {
    /// For a new transport.
    pub(crate) fn new(messages: bool) -> Self {
        Self {
            bytes: VecDeque::new(),
            messages: messages.then(VecDeque::new),
            many_per_message: false,
        }
    }

    pub(crate) const fn is_messages(&self) -> bool {
        self.messages.is_some()
    }

    /// From now on one message may hold several packets (wire 1.3).
    pub(crate) const fn many_per_message(&mut self) {
        self.many_per_message = true;
    }

    pub(crate) fn has_room(&self) -> bool {
        self.bytes.len() < HIGH_WATER
    }

    pub(crate) fn add(&mut self, transmit: Transmit<'_>) {
        self.bytes.extend(transmit.bytes);
        let Some(messages) = &mut self.messages else {
            return;
        };
        if self.many_per_message {
            messages.push_back(transmit.bytes.len());
        } else {
            messages.extend(transmit.packets().map(<[u8]>::len));
        }
    }

    /// Moves what is next to the host and says how much it was: of a stream as much as there is room for, of messages exactly one.
    ///
    /// # Errors
    /// The length of the next message, which there is no room for.
    pub(crate) fn take(&mut self, room: &mut [MaybeUninit<u8>]) -> Result<usize, usize> {
        let len = match &mut self.messages {
            None => self.bytes.len().min(room.len()),
            Some(messages) => match messages.front() {
                Some(len) if *len > room.len() => return Err(*len),
                _ => messages.pop_front().unwrap_or(0),
            },
        };
        for (room, byte) in room.iter_mut().zip(self.bytes.drain(..len)) {
            room.write(byte);
        }
        Ok(len)
    }
}
