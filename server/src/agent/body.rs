//! The payload of one message, owned: a handler may keep it for as long as it likes.

use bytes::Bytes;

/// Bodies up to this size, which most of a game's are, lie behind their own reference count.
const SMALL: usize = 112;

struct Small {
    bytes: [u8; SMALL],
    len: usize,
}

impl AsRef<[u8]> for Small {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// A copy that pins no buffer of the connection. A small one takes a single allocation even when it is shared, as raw handlers do; that of
/// [`Bytes::copy_from_slice`] needs a second one for its count.
pub(super) fn owned(body: &[u8]) -> Bytes {
    if body.is_empty() || body.len() > SMALL {
        return Bytes::copy_from_slice(body);
    }
    let mut bytes = [0; SMALL];
    bytes[..body.len()].copy_from_slice(body);
    let len = body.len();
    Bytes::from_owner(Small { bytes, len })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_keeps_its_bytes() {
        for len in [0, 1, SMALL - 1, SMALL, SMALL + 1, 5_000] {
            let body: Vec<u8> = (0..len).map(|index| index as u8).collect();
            let owned = owned(&body);
            assert_eq!(owned, body);
            assert_eq!(owned.clone(), body);
        }
    }
}
