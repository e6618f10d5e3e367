use std::{cell::OnceCell, io::Read};

use flate2::read::ZlibDecoder;

use crate::Dialect;

/// Most requests in flight on one connection: ids stay in one byte (wire 6.2), so that every
/// request of an [`Exchange`] has the same length.
pub const MAX_DEPTH: u8 = 127;

const DATA: u8 = 4;
const HEARTBEAT: u8 = 3;
/// Flag bytes of messages with a route in words (wire 6.1).
const REQUEST: u8 = 0x00;
const NOTIFY: u8 = 0x02;
const RESPONSE: u8 = 0x04;
const PUSH: u8 = 0x06;
const DEFLATED: u8 = 0x10;

/// What is sent, and what is due to it: the server returns the body of a request as it came, and
/// pushes it where pushes are asked for.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Sent in front of the request, `repeated` times; a floor returns it.
    repeated: Option<Vec<u8>>,
    times: usize,
    /// What follows the id in a request; nothing where no request is sent.
    request_tail: Option<Vec<u8>>,
    /// What precedes and follows the id in the answer.
    answer_flag: u8,
    answer_tail: Vec<u8>,
    /// The answer's body as the server deflates it, once it was seen and inflated.
    deflated: OnceCell<Vec<u8>>,
    push: Option<Vec<u8>>,
}

/// What came from a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incoming {
    /// The answer to the request with this id.
    Answer(u8),
    /// A push that is due.
    Push,
    /// A heartbeat, which wants one in return.
    Heartbeat,
    /// What a floor returns of messages that get no answer.
    Returned,
}

/// A packet that is not due.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("packet of type {kind} starting with {start:02x?} is not what is due")]
#[non_exhaustive]
pub struct Mismatch {
    /// The packet's type.
    pub kind: u8,
    /// The first bytes of its payload, at most 32.
    pub start: Vec<u8>,
}

/// Route and body, as they follow flag and id.
///
/// # Panics
/// A route of more than 255 bytes has no uncompressed form (wire 6.3).
fn tail(route: &str, body: &[u8]) -> Vec<u8> {
    let length = u8::try_from(route.len()).expect("a route has at most 255 bytes");
    let mut tail = vec![length];
    tail.extend_from_slice(route.as_bytes());
    tail.extend_from_slice(body);
    tail
}

fn message(flag: u8, route: &str, body: &[u8]) -> Vec<u8> {
    let mut message = vec![flag];
    message.extend(tail(route, body));
    message
}

impl Exchange {
    /// A request to `route` that carries `body` and is answered with the same body.
    ///
    /// A floor, which knows nothing of messages, is sent the same bytes and returns all of them.
    ///
    /// # Panics
    /// A route of more than 255 bytes.
    #[must_use]
    pub fn echo(dialect: Dialect, route: &str, body: &[u8]) -> Self {
        let request_tail = tail(route, body);
        let (answer_flag, answer_tail) = match dialect {
            Dialect::Pitaya => (RESPONSE, body.to_vec()),
            Dialect::Echo => (REQUEST, request_tail.clone()),
        };
        Self {
            repeated: None,
            times: 0,
            request_tail: Some(request_tail),
            answer_flag,
            answer_tail,
            deflated: OnceCell::new(),
            push: None,
        }
    }

    /// So many notifies to `route` go before each request: its answer tells that they were handled,
    /// too, by servers that keep the order of a session's messages.
    ///
    /// # Panics
    /// A route of more than 255 bytes.
    #[must_use]
    pub fn after_notifies(mut self, route: &str, body: &[u8], times: usize) -> Self {
        self.repeated = Some(message(NOTIFY, route, body));
        self.times = times;
        self
    }

    /// Pushes of `body` on `route` are due as well.
    ///
    /// # Panics
    /// A route of more than 255 bytes.
    #[must_use]
    pub fn with_pushes(mut self, route: &str, body: &[u8]) -> Self {
        self.push = Some(message(PUSH, route, body));
        self
    }

    /// What a raw write loop gets in place of a request for a broadcast: the pushes themselves,
    /// which it writes to all connections.
    ///
    /// # Panics
    /// A route of more than 255 bytes.
    #[must_use]
    pub fn fan(route: &str, body: &[u8], times: usize) -> Self {
        let push = message(PUSH, route, body);
        Self {
            repeated: Some(push.clone()),
            times,
            request_tail: None,
            answer_flag: RESPONSE,
            answer_tail: Vec::new(),
            deflated: OnceCell::new(),
            push: Some(push),
        }
    }

    /// The payload of the request with this id: flag, id, route and body (wire 6.1).
    #[must_use]
    pub fn request(&self, id: u8) -> Vec<u8> {
        debug_assert!((1..=MAX_DEPTH).contains(&id));
        let mut payload = vec![REQUEST, id];
        payload.extend(self.request_tail.iter().flatten());
        payload
    }

    /// The payloads of all that is sent with this id.
    #[must_use]
    pub fn packets(&self, id: u8) -> Vec<Vec<u8>> {
        let before = self.repeated.iter().cycle().take(self.times).cloned();
        let request = self.is_answered().then(|| self.request(id));
        before.chain(request).collect()
    }

    /// Whether there is a request in it.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.request_tail.is_some()
    }

    /// How many messages an answer stands for: where pushes are due, they alone are counted.
    #[must_use]
    pub fn weight(&self) -> u64 {
        match self.push {
            Some(_) => 0,
            None => 1 + self.times as u64,
        }
    }

    /// Reads a packet.
    ///
    /// # Errors
    /// What is not due, an answer with another body included.
    pub fn read(&self, kind: u8, payload: &[u8]) -> Result<Incoming, Mismatch> {
        match (kind, payload) {
            (DATA, [flag, id, tail @ ..])
                if *flag == self.answer_flag && tail == self.answer_tail =>
            {
                Ok(Incoming::Answer(*id))
            }
            (DATA, payload) if self.push.as_deref() == Some(payload) => Ok(Incoming::Push),
            (DATA, [flag, id, tail @ ..])
                if *flag == self.answer_flag | DEFLATED && self.inflates(tail) =>
            {
                Ok(Incoming::Answer(*id))
            }
            (DATA, payload) if self.repeated.as_deref() == Some(payload) => Ok(Incoming::Returned),
            (HEARTBEAT, _) => Ok(Incoming::Heartbeat),
            _ => Err(Mismatch {
                kind,
                start: payload.iter().copied().take(32).collect(),
            }),
        }
    }

    /// Whether these bytes are the answer's body deflated. A server deflates one body to the same
    /// bytes each time, so that inflating the first is enough.
    fn inflates(&self, tail: &[u8]) -> bool {
        if let Some(seen) = self.deflated.get() {
            return seen == tail;
        }
        let mut body = Vec::new();
        // One byte more than is due tells a longer body, and no more of it is held.
        let limit = self.answer_tail.len() as u64 + 1;
        let read = ZlibDecoder::new(tail).take(limit).read_to_end(&mut body);
        let good = read.is_ok() && body == self.answer_tail;
        if good {
            self.deflated.get_or_init(|| tail.to_vec());
        }
        good
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::ZlibEncoder};

    use super::*;

    fn echo() -> Exchange {
        Exchange::echo(Dialect::Pitaya, "a.b", b"xyz")
    }

    #[test]
    fn request_is_flag_id_route_and_body() {
        assert_eq!(echo().request(5), b"\x00\x05\x03a.bxyz");
    }

    #[test]
    fn answer_is_verified_byte_for_byte() {
        let exchange = echo();
        assert_eq!(exchange.read(4, b"\x04\x05xyz"), Ok(Incoming::Answer(5)));
        for wrong in [&b"\x04\x05xyZ"[..], b"\x24\x05xyz", b"\x04\x05", b"\x04"] {
            assert!(exchange.read(4, wrong).is_err(), "{wrong:02x?}");
        }
        assert!(exchange.read(5, b"").is_err(), "kick");
    }

    #[test]
    fn deflated_answer_is_inflated_once_and_compared_from_then_on() {
        let exchange = echo();
        let deflate = |body: &[u8]| {
            let mut encoder = ZlibEncoder::new(b"\x14\x05".to_vec(), Compression::best());
            encoder.write_all(body).expect("memory");
            encoder.finish().expect("memory")
        };
        assert!(exchange.read(4, &deflate(b"xyzz")).is_err());
        assert!(exchange.read(4, b"\x14\x05xyz").is_err(), "not zlib");
        let good = deflate(b"xyz");
        assert_eq!(exchange.read(4, &good), Ok(Incoming::Answer(5)));
        assert_eq!(exchange.read(4, &good), Ok(Incoming::Answer(5)));
        assert!(exchange.read(4, &deflate(b"xyZ")).is_err());
    }

    #[test]
    fn floor_returns_the_request_itself() {
        let exchange = Exchange::echo(Dialect::Echo, "a.b", b"xyz");
        assert_eq!(
            exchange.read(4, &exchange.request(9)),
            Ok(Incoming::Answer(9))
        );
        assert!(exchange.read(4, b"\x04\x09xyz").is_err());
    }

    #[test]
    fn heartbeats_between_answers_are_no_fault() {
        assert_eq!(echo().read(3, b""), Ok(Incoming::Heartbeat));
    }

    #[test]
    fn notifies_go_before_the_request_and_count_with_its_answer() {
        let exchange = echo().after_notifies("a.n", b"xyz", 2);
        let notify = b"\x02\x03a.nxyz".to_vec();
        assert_eq!(
            exchange.packets(1),
            [notify.clone(), notify.clone(), exchange.request(1)]
        );
        assert_eq!(exchange.weight(), 3);
        assert_eq!(exchange.read(4, &notify), Ok(Incoming::Returned));
    }

    #[test]
    fn pushes_are_due_where_they_were_asked_for() {
        let push = b"\x06\x03onBxyz";
        assert!(echo().read(4, push).is_err());
        let exchange = echo().with_pushes("onB", b"xyz");
        assert_eq!(exchange.read(4, push), Ok(Incoming::Push));
        assert_eq!(exchange.weight(), 0);
        let fan = Exchange::fan("onB", b"xyz", 8);
        assert_eq!(fan.packets(1), vec![push.to_vec(); 8]);
        assert_eq!(fan.read(4, push), Ok(Incoming::Push));
    }
}
