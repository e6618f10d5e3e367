//! zlib bodies: telling them apart, and writing and reading them with a cap (wire 2.4 and 6.4).

#[cfg(feature = "compression")]
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use crate::close::{Close, CloseCode};

/// Whether a handshake body is compressed; nothing else on the wire says so (wire 2.4). JSON starts with none of these bytes.
#[must_use]
pub const fn is_compressed(body: &[u8]) -> bool {
    matches!(
        body,
        [0x78, 0x9C | 0x01 | 0xDA | 0x5E, _, ..] | [0x1F, 0x8B, _, ..]
    )
}

/// Why a compressed body was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InflateError {
    /// It is longer than the limit when inflated; inflating stopped there.
    #[error("the body inflates to more than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// It is not a whole zlib stream.
    #[error("the body is not a whole zlib stream")]
    Corrupt,
}

impl From<InflateError> for Close {
    /// The close that ends a connection over such a body, as the family's peers do (wire 6.4).
    fn from(error: InflateError) -> Self {
        Self::new(CloseCode::BAD_COMPRESSION).with_reason(error.to_string())
    }
}

/// A deflater that is kept, because making one costs far more than a small body.
#[cfg(feature = "compression")]
#[derive(Debug)]
pub struct Deflater(Compress);

#[cfg(feature = "compression")]
impl Default for Deflater {
    fn default() -> Self {
        Self(Compress::new(Compression::default(), true))
    }
}

#[cfg(feature = "compression")]
impl Deflater {
    /// Appends `body` as a zlib stream if that is strictly shorter (wire 6.4), and says whether it did.
    pub fn deflate(&mut self, body: &[u8], out: &mut Vec<u8>) -> bool {
        let start = out.len();
        self.0.reset();
        // One byte less than the body: a stream that does not fit is of no use.
        out.reserve_exact(body.len());
        let room = body.len().saturating_sub(1);
        out.resize(start + room, 0);
        let status = self
            .0
            .compress(body, &mut out[start..], FlushCompress::Finish);
        let shorter = matches!(status, Ok(Status::StreamEnd));
        out.truncate(if shorter {
            start + self.0.total_out() as usize
        } else {
            start
        });
        shorter
    }
}

/// Inflates a zlib body (or a gzip one, which the family's C client may send in a handshake) of at most `limit` bytes.
///
/// # Errors
///
/// [`InflateError`]. Memory never exceeds twice `limit`. (Go Pitaya has no cap, wire 6.4.)
#[cfg(feature = "compression")]
pub fn inflate(body: &[u8], limit: usize) -> Result<Vec<u8>, InflateError> {
    let gzip = matches!(body, [0x1F, 0x8B, ..]);
    let (body, mut inflater) = if gzip {
        (
            gzip_body(body).ok_or(InflateError::Corrupt)?,
            Decompress::new(false),
        )
    } else {
        (body, Decompress::new(true))
    };
    let mut out = Vec::with_capacity(
        body.len()
            .saturating_mul(4)
            .clamp(64, 16 * 1024)
            .min(limit.saturating_add(1)),
    );
    loop {
        let rest = &body[inflater.total_in() as usize..];
        let (read, written) = (inflater.total_in(), out.len());
        let status = inflater
            .decompress_vec(rest, &mut out, FlushDecompress::Finish)
            .map_err(|_| InflateError::Corrupt)?;
        if out.len() > limit {
            return Err(InflateError::TooLarge { limit });
        }
        if status == Status::StreamEnd {
            return Ok(out);
        }
        if out.len() < out.capacity() && read == inflater.total_in() && written == out.len() {
            return Err(InflateError::Corrupt);
        }
        if out.len() == out.capacity() {
            out.reserve_exact(out.len().min(limit.saturating_add(1) - out.len()).max(1));
        }
    }
}

/// The deflate stream of a gzip file (RFC 1952 section 2.3), without its optional header members.
#[cfg(feature = "compression")]
fn gzip_body(body: &[u8]) -> Option<&[u8]> {
    let (header, mut rest) = body.split_at_checked(10)?;
    let flags = header[3];
    if flags & 4 != 0 {
        let (len, after) = rest.split_first_chunk::<2>()?;
        rest = after.get(usize::from(u16::from_le_bytes(*len))..)?;
    }
    for text in [8, 16] {
        if flags & text != 0 {
            let end = rest.iter().position(|&byte| byte == 0)?;
            rest = &rest[end + 1..];
        }
    }
    if flags & 2 != 0 {
        rest.get(2..)
    } else {
        Some(rest)
    }
}
