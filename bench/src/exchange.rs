use crate::Dialect;

/// Most requests in flight on one connection: ids stay in one byte (wire 6.2), so that every
/// request of an [`Exchange`] has the same length.
pub const MAX_DEPTH: u8 = 127;

const DATA: u8 = 4;
const HEARTBEAT: u8 = 3;
const RESPONSE: u8 = 0x04;

/// A request and the answer that is due to it: the server returns the body as it came.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What follows the id in a request.
    request_tail: Vec<u8>,
    /// What precedes and follows the id in the answer.
    answer_flag: u8,
    answer_tail: Vec<u8>,
}

/// A packet that is not an answer to a request in flight.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("packet of type {kind} starting with {start:02x?} is not the answer that is due")]
#[non_exhaustive]
pub struct Mismatch {
    /// The packet's type.
    pub kind: u8,
    /// The first bytes of its payload, at most 32.
    pub start: Vec<u8>,
}

impl Exchange {
    /// A request to `route` that carries `body` and is answered with the same body.
    ///
    /// A floor, which knows nothing of messages, is sent the same bytes and returns all of them.
    ///
    /// # Panics
    /// A route of more than 255 bytes has no uncompressed form (wire 6.3).
    #[must_use]
    pub fn echo(dialect: Dialect, route: &str, body: &[u8]) -> Self {
        let length = u8::try_from(route.len()).expect("a route has at most 255 bytes");
        let mut request_tail = vec![length];
        request_tail.extend_from_slice(route.as_bytes());
        request_tail.extend_from_slice(body);
        let (answer_flag, answer_tail) = match dialect {
            Dialect::Pitaya => (RESPONSE, body.to_vec()),
            Dialect::Echo => (0, request_tail.clone()),
        };
        Self {
            request_tail,
            answer_flag,
            answer_tail,
        }
    }

    /// The payload of the request with this id: flag, id, route and body (wire 6.1).
    #[must_use]
    pub fn request(&self, id: u8) -> Vec<u8> {
        debug_assert!((1..=MAX_DEPTH).contains(&id));
        let mut payload = vec![0, id];
        payload.extend_from_slice(&self.request_tail);
        payload
    }

    /// Reads a packet: the id that it answers, or `None` for a heartbeat.
    ///
    /// # Errors
    /// Anything else, an answer with another body included.
    pub fn answered(&self, kind: u8, payload: &[u8]) -> Result<Option<u8>, Mismatch> {
        match (kind, payload) {
            (DATA, [flag, id, tail @ ..])
                if *flag == self.answer_flag && tail == self.answer_tail =>
            {
                Ok(Some(*id))
            }
            (HEARTBEAT, _) => Ok(None),
            _ => Err(Mismatch {
                kind,
                start: payload.iter().copied().take(32).collect(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_is_flag_id_route_and_body() {
        let exchange = Exchange::echo(Dialect::Pitaya, "a.b", b"xyz");
        assert_eq!(exchange.request(5), b"\x00\x05\x03a.bxyz");
    }

    #[test]
    fn answer_is_verified_byte_for_byte() {
        let exchange = Exchange::echo(Dialect::Pitaya, "a.b", b"xyz");
        assert_eq!(exchange.answered(4, b"\x04\x05xyz"), Ok(Some(5)));
        for wrong in [&b"\x04\x05xyZ"[..], b"\x24\x05xyz", b"\x04\x05", b"\x04"] {
            assert!(exchange.answered(4, wrong).is_err(), "{wrong:02x?}");
        }
        assert!(exchange.answered(5, b"").is_err(), "kick");
    }

    #[test]
    fn floor_returns_the_request_itself() {
        let exchange = Exchange::echo(Dialect::Echo, "a.b", b"xyz");
        assert_eq!(exchange.answered(4, &exchange.request(9)), Ok(Some(9)));
        assert!(exchange.answered(4, b"\x04\x09xyz").is_err());
    }

    #[test]
    fn heartbeats_between_answers_are_no_fault() {
        let exchange = Exchange::echo(Dialect::Pitaya, "a.b", b"xyz");
        assert_eq!(exchange.answered(3, b""), Ok(None));
    }
}
