//! Messages: what a Data packet carries (wire 6).

use crate::packet::{self, PacketTooLarge, PacketType};
use crate::route::MAX_ROUTE;

/// The route is a dictionary code (wire 6.1).
const FLAG_CODE: u8 = 0x01;
/// The body is a zlib stream (wire 6.1).
const FLAG_DEFLATED: u8 = 0x10;
/// The body is an error payload (wire 6.1).
const FLAG_ERROR: u8 = 0x20;
/// The longest id in bytes: 64 bits in groups of seven (wire 6.2).
const MAX_ID_LEN: usize = 10;

/// What a message is (wire 6.1). The set is closed: 4 to 7 are errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the wire has four message types and no room for others"
)]
pub enum MessageKind {
    /// Client to server, answered.
    Request = 0,
    /// Client to server, not answered.
    Notify = 1,
    /// The answer to a request.
    Response = 2,
    /// Server to client, not answered.
    Push = 3,
}

impl MessageKind {
    const fn has_id(self) -> bool {
        matches!(self, Self::Request | Self::Response)
    }

    const fn has_route(self) -> bool {
        !matches!(self, Self::Response)
    }
}

/// A route as it stands in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the flag byte has one bit for it")]
pub enum RouteRef<'a> {
    /// The text, at most 255 bytes; may be empty or not a route at all.
    Name(&'a str),
    /// A code of the dictionary.
    Code(u16),
}

/// One message, its parts borrowed from the packet's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "peers build it to send; an extension is a new type"
)]
pub struct Message<'a> {
    /// What it is.
    pub kind: MessageKind,
    /// Which request it is or answers; 0 for kinds without an id. An id of 0 is never answered (wire 6.2).
    pub id: u64,
    /// Where it goes; empty for a response.
    pub route: RouteRef<'a>,
    /// Whether the body is an error payload (wire 8.3).
    pub error: bool,
    /// Whether the body is a zlib stream (wire 6.4).
    pub deflated: bool,
    /// The payload as it stands on the wire.
    pub body: &'a [u8],
}

/// Why bytes are not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// Shorter than its flags say.
    #[error("the message ends before its {0}")]
    Truncated(&'static str),
    /// The type bits are 4 to 7.
    #[error("unknown message type {0}")]
    UnknownKind(u8),
    /// The id has no end within ten bytes or is over 64 bits.
    #[error("the message id does not end within ten bytes or is over 64 bits")]
    BadId,
    /// The route's bytes are not UTF-8.
    #[error("the message route is not UTF-8")]
    RouteNotUtf8,
    /// The route is a code that the dictionary does not have (wire 6.3).
    #[error("the dictionary has no route with code {0}")]
    UnknownCode(u16),
    /// A kind that this side never receives: a response or push from a client, a request or notify from a server (wire 6.5).
    #[error("a {0:?} message from this peer")]
    WrongDirection(MessageKind),
}

/// Why a message cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The route is longer than one length byte can say (wire 6.3).
    #[error("a route of {0} bytes is over the limit of {MAX_ROUTE}")]
    RouteTooLong(usize),
    /// The whole message is longer than a packet can be.
    #[error(transparent)]
    TooLarge(#[from] PacketTooLarge),
}

/// The text of a route, if it is one.
pub(crate) fn text(bytes: &[u8]) -> Option<&str> {
    // A page, which has no accepting side, gets the reader with less code; the other one looks at many bytes at once.
    if cfg!(feature = "server") {
        return str::from_utf8(bytes).ok();
    }
    match bytes.utf8_chunks().next() {
        None => Some(""),
        Some(chunk) => chunk.invalid().is_empty().then(|| chunk.valid()),
    }
}

impl<'a> Message<'a> {
    /// A request.
    #[must_use]
    pub const fn request(id: u64, route: RouteRef<'a>, body: &'a [u8]) -> Self {
        Self {
            kind: MessageKind::Request,
            id,
            route,
            error: false,
            deflated: false,
            body,
        }
    }

    /// A notify.
    #[must_use]
    pub const fn notify(route: RouteRef<'a>, body: &'a [u8]) -> Self {
        Self {
            kind: MessageKind::Notify,
            id: 0,
            route,
            error: false,
            deflated: false,
            body,
        }
    }

    /// The answer to request `id`.
    #[must_use]
    pub const fn response(id: u64, body: &'a [u8]) -> Self {
        let route = RouteRef::Name("");
        Self {
            kind: MessageKind::Response,
            id,
            route,
            error: false,
            deflated: false,
            body,
        }
    }

    /// A push.
    #[must_use]
    pub const fn push(route: RouteRef<'a>, body: &'a [u8]) -> Self {
        Self {
            kind: MessageKind::Push,
            id: 0,
            route,
            error: false,
            deflated: false,
            body,
        }
    }

    /// Reads a message. Bits 6 and 7 of the flags are ignored, and bit 0 of a response (wire 6.1).
    ///
    /// # Errors
    ///
    /// [`MessageError`], except its variants that need a dictionary or a side.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, MessageError> {
        let (message, name) = Self::split(bytes)?;
        Ok(match message.route {
            RouteRef::Name(_) => Self {
                route: RouteRef::Name(text(name).ok_or(MessageError::RouteNotUtf8)?),
                ..message
            },
            RouteRef::Code(_) => message,
        })
    }

    /// As [`decode`](Self::decode), with the text of the route beside the message, not looked at: its check costs as much as all the rest, and
    /// who needs it as text later checks it then.
    pub(crate) fn split(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), MessageError> {
        let mut reader = Reader(bytes);
        let mut name: &[u8] = &[];
        let flags = reader.byte("flags")?;
        let kind = match (flags >> 1) & 7 {
            0 => MessageKind::Request,
            1 => MessageKind::Notify,
            2 => MessageKind::Response,
            3 => MessageKind::Push,
            other => return Err(MessageError::UnknownKind(other)),
        };
        let id = if kind.has_id() { reader.id()? } else { 0 };
        let route = if !kind.has_route() {
            RouteRef::Name("")
        } else if flags & FLAG_CODE != 0 {
            RouteRef::Code(u16::from_be_bytes([
                reader.byte("route code")?,
                reader.byte("route code")?,
            ]))
        } else {
            let len = reader.byte("route")?;
            name = reader.take(usize::from(len), "route")?;
            RouteRef::Name("")
        };
        let message = Self {
            kind,
            id,
            route,
            error: flags & FLAG_ERROR != 0,
            deflated: flags & FLAG_DEFLATED != 0,
            body: reader.0,
        };
        Ok((message, name))
    }

    /// Appends the message without a packet header.
    ///
    /// # Errors
    ///
    /// [`EncodeError::RouteTooLong`]; `out` is then as it was before.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encode_head(out)?;
        out.extend_from_slice(self.body);
        Ok(())
    }

    /// Appends the message as a whole Data packet.
    ///
    /// # Errors
    ///
    /// [`EncodeError`]; `out` is then as it was before.
    pub fn encode_packet(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        packet::encode_with(PacketType::Data, out, |out| self.encode(out))
    }

    fn encode_head(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let mut flags = (self.kind as u8) << 1;
        if self.error {
            flags |= FLAG_ERROR;
        }
        if self.deflated {
            flags |= FLAG_DEFLATED;
        }
        let route = self.kind.has_route().then_some(self.route);
        match route {
            Some(RouteRef::Code(_)) => flags |= FLAG_CODE,
            Some(RouteRef::Name(name)) if name.len() > MAX_ROUTE => {
                return Err(EncodeError::RouteTooLong(name.len()));
            }
            _ => {}
        }
        // Flags and id at once: growing a buffer byte by byte costs more than all else here.
        let mut head = [0; 1 + MAX_ID_LEN];
        head[0] = flags;
        let len = if self.kind.has_id() {
            1 + encode_id(self.id, &mut head[1..])
        } else {
            1
        };
        out.extend_from_slice(&head[..len]);
        match route {
            Some(RouteRef::Code(code)) => out.extend_from_slice(&code.to_be_bytes()),
            Some(RouteRef::Name(name)) => {
                out.push(name.len() as u8);
                out.extend_from_slice(name.as_bytes());
            }
            None => {}
        }
        Ok(())
    }
}

/// Writes `id` in groups of seven bits, the least significant first (wire 6.2), and returns how many there are.
fn encode_id(mut id: u64, out: &mut [u8]) -> usize {
    let mut len = 0;
    while id >= 0x80 {
        out[len] = id as u8 | 0x80;
        id >>= 7;
        len += 1;
    }
    out[len] = id as u8;
    len + 1
}

/// What is left of a message; it cannot be read past its end.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self, what: &'static str) -> Result<u8, MessageError> {
        let (&byte, rest) = self.0.split_first().ok_or(MessageError::Truncated(what))?;
        self.0 = rest;
        Ok(byte)
    }

    fn take(&mut self, len: usize, what: &'static str) -> Result<&'a [u8], MessageError> {
        let (taken, rest) = self
            .0
            .split_at_checked(len)
            .ok_or(MessageError::Truncated(what))?;
        self.0 = rest;
        Ok(taken)
    }

    fn id(&mut self) -> Result<u64, MessageError> {
        let mut id = 0_u64;
        for index in 0..MAX_ID_LEN {
            let byte = self.byte("id")?;
            let bits = u64::from(byte & 0x7F);
            // The tenth byte has room for the 64th bit only.
            if index == MAX_ID_LEN - 1 && bits > 1 {
                return Err(MessageError::BadId);
            }
            id |= bits << (7 * index);
            if byte & 0x80 == 0 {
                return Ok(id);
            }
        }
        Err(MessageError::BadId)
    }
}
