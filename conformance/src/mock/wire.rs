//! Just enough of the wire to play a script, written down byte by byte from its specification.

use std::io::{Read, Write};

use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};

pub(super) const HANDSHAKE: u8 = 1;
pub(super) const ACK: u8 = 2;
pub(super) const HEARTBEAT: u8 = 3;
pub(super) const DATA: u8 = 4;
pub(super) const KICK: u8 = 5;

const REQUEST: u8 = 0;
/// Bit 4 of the flag byte: the body is deflated (wire 6.1).
const DEFLATED: u8 = 0x10;
/// Bit 5 of the flag byte: the body is an error payload (wire 6.1).
const ERROR: u8 = 0x20;
/// A script needs no large packets; what is longer ends the connection, so that memory stays bounded.
pub(super) const MAX_BODY: usize = 1 << 20;

/// A packet with its header (wire 1.1).
pub(super) fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len())
        .expect("scripts send small packets")
        .to_be_bytes();
    let mut bytes = vec![kind, length[1], length[2], length[3]];
    bytes.extend_from_slice(body);
    bytes
}

/// What a client sent as route.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    Name(String),
    Code(u16),
}

/// A message of a client (wire 6).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// `None` for a notify, which has no answer.
    pub(super) id: Option<u64>,
    pub(super) route: Route,
    pub(super) deflated: bool,
    pub(super) body: Vec<u8>,
}

/// Reads a message; an error is anything a client must not send.
pub(super) fn parse(message: &[u8]) -> Result<Message, Malformed> {
    let (&flag, mut rest) = message.split_first().ok_or(Malformed)?;
    let kind = flag >> 1 & 7;
    if kind > 1 {
        return Err(Malformed);
    }
    let mut id = 0;
    if kind == REQUEST {
        for shift in 0.. {
            let (&byte, tail) = rest.split_first().ok_or(Malformed)?;
            rest = tail;
            if shift == 10 {
                return Err(Malformed);
            }
            id |= u64::from(byte & 0x7f) << (7 * shift);
            if byte & 0x80 == 0 {
                break;
            }
        }
    }
    let route = if flag & 1 == 1 {
        let (code, tail) = rest.split_first_chunk::<2>().ok_or(Malformed)?;
        rest = tail;
        Route::Code(u16::from_be_bytes(*code))
    } else {
        let (&length, tail) = rest.split_first().ok_or(Malformed)?;
        let (name, tail) = tail
            .split_at_checked(usize::from(length))
            .ok_or(Malformed)?;
        rest = tail;
        Route::Name(String::from_utf8(name.to_vec()).map_err(|_| Malformed)?)
    };
    let deflated = flag & DEFLATED != 0;
    let body = if deflated {
        inflate(rest)?
    } else {
        rest.to_vec()
    };
    Ok(Message {
        id: (kind == REQUEST).then_some(id),
        route,
        deflated,
        body,
    })
}

/// Bytes that no correct client sends.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// A response message.
pub(super) fn response(mut id: u64, body: &[u8]) -> Vec<u8> {
    let mut message = vec![0x04];
    loop {
        let low = (id & 0x7f) as u8;
        id >>= 7;
        message.push(if id == 0 { low } else { low | 0x80 });
        if id == 0 {
            break;
        }
    }
    message.extend_from_slice(body);
    message
}

/// A response message with a deflated body.
pub(super) fn deflated_response(id: u64, body: &[u8]) -> Vec<u8> {
    let mut message = response(id, &deflate(body));
    message[0] |= DEFLATED;
    message
}

/// A response message with the error flag.
pub(super) fn error(id: u64, body: &[u8]) -> Vec<u8> {
    let mut message = response(id, body);
    message[0] |= ERROR;
    message
}

/// A response message whose body says to be deflated and is not.
pub(super) fn corrupt_response(id: u64) -> Vec<u8> {
    let mut message = response(id, b"not a zlib stream");
    message[0] |= DEFLATED;
    message
}

/// A push with its route written out.
pub(super) fn push(route: &str, body: &[u8]) -> Vec<u8> {
    let mut message = vec![
        0x06,
        u8::try_from(route.len()).expect("scripts have short routes"),
    ];
    message.extend_from_slice(route.as_bytes());
    message.extend_from_slice(body);
    message
}

/// A push whose body is deflated.
pub(super) fn deflated_push(route: &str, body: &[u8]) -> Vec<u8> {
    inflating_push(route, &deflate(body))
}

/// A push whose body is this zlib stream.
pub(super) fn inflating_push(route: &str, stream: &[u8]) -> Vec<u8> {
    let mut message = push(route, stream);
    message[0] |= DEFLATED;
    message
}

/// A push whose route is a dictionary code.
pub(super) fn push_by_code(code: u16, body: &[u8]) -> Vec<u8> {
    let mut message = vec![0x07];
    message.extend_from_slice(&code.to_be_bytes());
    message.extend_from_slice(body);
    message
}

/// An RFC 1950 stream.
pub(super) fn deflate(plain: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).expect("a Vec takes every write");
    encoder.finish().expect("a Vec takes every write")
}

fn inflate(stream: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut plain = Vec::new();
    let limit = MAX_BODY as u64;
    let read = ZlibDecoder::new(stream)
        .take(limit + 1)
        .read_to_end(&mut plain)
        .map_err(|_| Malformed)?;
    if read > MAX_BODY {
        Err(Malformed)
    } else {
        Ok(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_with_both_kinds_of_route() {
        let named = parse(&[0, 0xac, 2, 3, b'a', b'.', b'b', 9]);
        assert_eq!(
            named,
            Ok(Message {
                id: Some(300),
                route: Route::Name("a.b".to_owned()),
                deflated: false,
                body: vec![9]
            })
        );
        let coded = parse(&[1, 1, 2, 3]);
        assert_eq!(
            coded,
            Ok(Message {
                id: Some(1),
                route: Route::Code(515),
                deflated: false,
                body: vec![]
            })
        );
    }

    #[test]
    fn a_notify_has_no_id_and_other_kinds_are_malformed() {
        assert_eq!(parse(&[2, 1, b'a']).map(|notify| notify.id), Ok(None));
        assert_eq!(parse(&[4, 1]), Err(Malformed));
        assert_eq!(parse(&[0, 1]), Err(Malformed));
        assert_eq!(parse(&[]), Err(Malformed));
    }

    #[test]
    fn ids_are_written_low_group_first() {
        assert_eq!(response(300, b"x"), [4, 0xac, 2, b'x']);
        assert_eq!(response(0, b""), [4, 0]);
    }
}
