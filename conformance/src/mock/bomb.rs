//! A zlib stream that inflates to far more than its length, made without deflating all of it.

use flate2::{Compress, Compression, FlushCompress};

/// What a bomb inflates to: twice what any packet can hold.
const INFLATED: usize = 1 << 25;

/// The blanks that are deflated once and then repeated.
const CHUNK: usize = 1 << 20;

/// A stream of `head` and then blanks, [`INFLATED`] bytes in all.
pub(super) fn bomb(head: &[u8]) -> Vec<u8> {
    let blanks = vec![b' '; CHUNK];
    let count = INFLATED - head.len();
    // RFC 1950: the header of a stream with the default window, no dictionary.
    let mut stream = vec![0x78, 0x9c];
    stream.extend(blocks(head));
    stream.extend(blocks(&blanks[..count % CHUNK]));
    stream.extend(blocks(&blanks).repeat(count / CHUNK));
    // RFC 1951: an empty block that is the last one.
    stream.extend([0x03, 0x00]);
    stream.extend(checksum(head).to_be_bytes());
    stream
}

/// `plain` as deflated blocks that refer to nothing before them and end at a byte.
fn blocks(plain: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(plain.len() + 64);
    Compress::new(Compression::default(), false)
        .compress_vec(plain, &mut out, FlushCompress::Full)
        .expect("there is room for all of it");
    out
}

/// Adler-32 of `head` and the blanks behind it (RFC 1950): the blanks in one step, as each adds the same.
fn checksum(head: &[u8]) -> u32 {
    const MODULUS: u64 = 65_521;
    let (mut a, mut b) = (1, 0);
    for &byte in head {
        a = (a + u64::from(byte)) % MODULUS;
        b = (b + a) % MODULUS;
    }
    let (count, blank) = ((INFLATED - head.len()) as u64, u64::from(b' '));
    b = (b + count * a + blank * (count * (count + 1) / 2 % MODULUS)) % MODULUS;
    a = (a + count * blank) % MODULUS;
    u32::try_from(b << 16 | a).expect("two halves of 16 bits")
}
