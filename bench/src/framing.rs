/// How packets lie in the byte stream after the connection is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Packets one after another (wire 1.2).
    Stream,
    /// One packet per binary WebSocket message (wire 1.3), written and read as raw bytes so that
    /// the driver pays next to nothing for it.
    WebSocket,
}

/// One packet found at the front of received bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found<'a> {
    /// Bytes to take off the front.
    pub consumed: usize,
    /// Packet type (wire 1.1).
    pub kind: u8,
    /// Packet payload.
    pub payload: &'a [u8],
}

/// Why received bytes are not packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FramingError {
    /// A frame that is not a whole unmasked data message; a close frame is the usual one.
    #[error("frame with first bytes {0:02x} {1:02x} is not a data message of a server")]
    Frame(u8, u8),
    /// A message that is not exactly one packet.
    #[error("message of {0} bytes is not one packet")]
    NotOnePacket(usize),
    /// More than the driver is ready to hold.
    #[error("packet of {0} bytes is longer than the driver accepts")]
    TooLong(u64),
}

const HEADER: usize = 4;
/// No answer the driver asks for comes near; a longer one is a server gone wrong. Half of what the
/// driver reads at once, so that an incomplete packet always leaves room to complete it.
const MAX_LENGTH: u64 = 128 * 1024;
/// Not zero, so that the server has to unmask; any fixed key does on loopback (RFC 6455 5.3 asks
/// for an unpredictable one because of proxies in between).
const MASK: [u8; 4] = [0x9d, 0x3c, 0x51, 0xe6];

impl Framing {
    /// Appends one client packet with its header, in a frame of its own for WebSocket.
    ///
    /// # Panics
    /// A payload of 64 KiB or more: the driver builds none.
    pub fn write(self, kind: u8, payload: &[u8], out: &mut Vec<u8>) {
        let length = u16::try_from(payload.len() + HEADER).expect("driver packets are small");
        let [high, low] = (length - HEADER as u16).to_be_bytes();
        let header = [kind, 0, high, low];
        match self {
            Self::Stream => {
                out.extend_from_slice(&header);
                out.extend_from_slice(payload);
            }
            Self::WebSocket => {
                out.push(0x82);
                match u8::try_from(length) {
                    Ok(short @ ..=125) => out.push(0x80 | short),
                    _ => {
                        out.push(0x80 | 126);
                        out.extend_from_slice(&length.to_be_bytes());
                    }
                }
                out.extend_from_slice(&MASK);
                let bytes = header.iter().chain(payload);
                out.extend(bytes.zip(MASK.iter().cycle()).map(|(byte, key)| byte ^ key));
            }
        }
    }

    /// Finds the packet at the front of `bytes`; `None` when it is not complete yet.
    ///
    /// # Errors
    /// See [`FramingError`].
    pub fn find(self, bytes: &[u8]) -> Result<Option<Found<'_>>, FramingError> {
        match self {
            Self::Stream => packet(bytes),
            Self::WebSocket => {
                let Some((start, length)) = frame(bytes)? else {
                    return Ok(None);
                };
                let Some(message) = bytes.get(start..start + length) else {
                    return Ok(None);
                };
                match packet(message)? {
                    Some(found) if found.consumed == length => Ok(Some(Found {
                        consumed: start + length,
                        ..found
                    })),
                    _ => Err(FramingError::NotOnePacket(length)),
                }
            }
        }
    }
}

fn packet(bytes: &[u8]) -> Result<Option<Found<'_>>, FramingError> {
    let Some((&[kind, a, b, c], rest)) = bytes.split_first_chunk::<HEADER>() else {
        return Ok(None);
    };
    let length = bounded(u64::from(u32::from_be_bytes([0, a, b, c])))?;
    Ok(rest.get(..length).map(|payload| Found {
        consumed: HEADER + length,
        kind,
        payload,
    }))
}

/// Where the message of the front frame starts and how long it is.
fn frame(bytes: &[u8]) -> Result<Option<(usize, usize)>, FramingError> {
    let Some((&[first, second], rest)) = bytes.split_first_chunk::<2>() else {
        return Ok(None);
    };
    if !matches!(first, 0x81 | 0x82) || second & 0x80 != 0 {
        return Err(FramingError::Frame(first, second));
    }
    let (start, length) = match second {
        126 => match rest.first_chunk() {
            Some(&length) => (4, u64::from(u16::from_be_bytes(length))),
            None => return Ok(None),
        },
        127 => match rest.first_chunk() {
            Some(&length) => (10, u64::from_be_bytes(length)),
            None => return Ok(None),
        },
        short => (2, u64::from(short)),
    };
    Ok(Some((start, bounded(length)?)))
}

fn bounded(length: u64) -> Result<usize, FramingError> {
    match usize::try_from(length) {
        Ok(short) if length <= MAX_LENGTH => Ok(short),
        _ => Err(FramingError::TooLong(length)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stream_packets_are_found_one_by_one_and_not_before_they_are_whole() {
        let mut bytes = Vec::new();
        Framing::Stream.write(4, b"abc", &mut bytes);
        Framing::Stream.write(3, b"", &mut bytes);
        assert_eq!(bytes, b"\x04\0\0\x03abc\x03\0\0\0");
        for end in 0..7 {
            assert_eq!(Framing::Stream.find(&bytes[..end]), Ok(None), "{end} bytes");
        }
        let found = Framing::Stream.find(&bytes).expect("valid").expect("whole");
        assert_eq!(
            (found.consumed, found.kind, found.payload),
            (7, 4, &b"abc"[..])
        );
        let next = Framing::Stream
            .find(&bytes[7..])
            .expect("valid")
            .expect("whole");
        assert_eq!((next.consumed, next.kind), (4, 3));
    }

    #[test]
    fn client_frames_are_masked_with_the_length_form_that_fits() {
        for length in [0, 121, 122, 300] {
            let payload = vec![0x55; length];
            let mut bytes = Vec::new();
            Framing::WebSocket.write(4, &payload, &mut bytes);
            let start = if length + HEADER <= 125 { 2 } else { 4 };
            assert_eq!(bytes[0], 0x82);
            assert_eq!(bytes[1] & 0x80, 0x80, "masked");
            assert_eq!(bytes.len(), start + 4 + HEADER + length);
            let key = &bytes[start..start + 4];
            let plain: Vec<u8> = bytes[start + 4..]
                .iter()
                .zip(key.iter().cycle())
                .map(|(b, k)| b ^ k)
                .collect();
            let found = packet(&plain).expect("valid").expect("whole");
            assert_eq!(found.payload, payload);
        }
    }

    #[test]
    fn server_frames_of_every_length_form_are_found() {
        for (head, length) in [
            (&b"\x82\x07"[..], 3_usize),
            (b"\x82\x7e\x00\x84", 128),
            (b"\x82\x7f\0\0\0\0\0\x01\x00\x04", 65_536),
        ] {
            let mut bytes = head.to_vec();
            bytes.extend_from_slice(&[4]);
            bytes.extend_from_slice(&u32::try_from(length).expect("small").to_be_bytes()[1..]);
            bytes.resize(bytes.len() + length, 7);
            assert_eq!(Framing::WebSocket.find(&bytes[..bytes.len() - 1]), Ok(None));
            let found = Framing::WebSocket
                .find(&bytes)
                .expect("valid")
                .expect("whole");
            assert_eq!((found.consumed, found.payload.len()), (bytes.len(), length));
        }
    }

    #[test]
    fn close_frame_wrong_packet_and_huge_length_are_errors() {
        let find = |bytes| Framing::WebSocket.find(bytes);
        assert_eq!(find(b"\x88\x02\x03\xe8"), Err(FramingError::Frame(0x88, 2)));
        assert_eq!(
            find(b"\x82\x05\x04\0\0\x09x"),
            Err(FramingError::NotOnePacket(5))
        );
        assert_eq!(
            find(b"\x82\x7f\0\0\0\x01\0\0\0\0"),
            Err(FramingError::TooLong(1 << 32))
        );
        assert_eq!(
            Framing::Stream.find(b"\x04\xff\xff\xff"),
            Err(FramingError::TooLong(0xff_ffff))
        );
    }
}
