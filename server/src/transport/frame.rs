//! WebSocket frames around packets, the server's side: nothing is masked.

use pitaya_protocol::packet::HEADER_LEN;

/// What is framed at once. A packet larger than this is framed alone.
pub(super) const CHUNK: usize = 64 * 1024;

/// Appends binary frames (wire 1.3) with the packets at the start of `packets`, about [`CHUNK`] bytes of them, and says how
/// many bytes that were.
pub(super) fn append_frames(packets: &[u8], many_per_frame: bool, out: &mut Vec<u8>) -> usize {
    let mut end = 0;
    while end < packets.len() && (end == 0 || end < CHUNK) {
        let packet = first_packet(&packets[end..]);
        if !many_per_frame {
            append_header(packet.len(), out);
            out.extend_from_slice(packet);
        }
        end += packet.len();
    }
    if many_per_frame {
        append_header(end, out);
        out.extend_from_slice(&packets[..end]);
    }
    end
}

/// The packet at the start of `bytes`, found by its header: a type, then a length of 24 bits (wire 1.1).
fn first_packet(bytes: &[u8]) -> &[u8] {
    let &[_, a, b, c, ..] = bytes else {
        return bytes;
    };
    let length = HEADER_LEN + u32::from_be_bytes([0, a, b, c]) as usize;
    debug_assert!(length <= bytes.len(), "only whole packets are sent");
    &bytes[..length.min(bytes.len())]
}

/// Appends the header of a final, unmasked binary frame (RFC 6455, 5.2).
fn append_header(length: usize, out: &mut Vec<u8>) {
    out.push(0x82);
    if length < 126 {
        out.push(length as u8);
    } else if let Ok(length) = u16::try_from(length) {
        out.push(126);
        out.extend_from_slice(&length.to_be_bytes());
    } else {
        out.push(127);
        out.extend_from_slice(&(length as u64).to_be_bytes());
    }
}
