//! Why connections end: one numbered enumeration, and what travels with it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::message::MessageError;
use crate::packet::PacketError;
use crate::time::Span;

macro_rules! close_codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $text:literal;)+) => {
        /// Why a connection ended. The hundreds decide what a client does next:
        ///
        /// | range | meaning | client |
        /// | --- | --- | --- |
        /// | 0-99 | ended on purpose by one side, nothing went wrong | stays away |
        /// | 100-399 | ended by circumstances | comes back, as the close's advice says |
        /// | 400-499 | a peer broke the protocol | stays away: the same bytes would fail again |
        /// | 500-899 | the server does not want this client | stays away |
        /// | 900-999 | the application's own | stays away |
        ///
        /// On WebSocket the close frame's code is 4000 plus the number.
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct CloseCode(u16);

        impl CloseCode {
            $($(#[$doc])* pub const $name: Self = Self($number);)+

            /// Every code that has a name here. Others are those of later versions, and the application's own.
            pub const NAMED: &'static [Self] = &[$(Self::$name),+];

            /// A short text for people, used where the closing side gives none.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                    _ => "closed",
                }
            }
        }

        impl fmt::Debug for CloseCode {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self {
                    $(Self::$name => f.write_str(stringify!($name)),)+
                    Self(number) => write!(f, "CloseCode({number})"),
                }
            }
        }
    };
}

close_codes! {
    /// The side that closed was done.
    NORMAL = 0, "closed";
    /// The peer's stream ended without a word, as servers and clients of the family end theirs.
    EOF = 100, "the peer ended the stream";
    /// The transport failed: reset, unreachable, TLS alert.
    TRANSPORT = 101, "the transport failed";
    /// Nothing came from the peer for too long.
    HEARTBEAT_TIMEOUT = 102, "nothing was heard from the peer for too long";
    /// The peer did not finish the handshake in time.
    HANDSHAKE_TIMEOUT = 103, "the handshake took too long";
    /// The server is being shut down or replaced.
    DRAINING = 110, "the server is shutting down";
    /// The server takes no more connections now.
    OVERLOADED = 111, "the server is full";
    /// The client did not read what was sent to it.
    SLOW_CONSUMER = 112, "the client reads too slowly";
    /// The client sent more than it may.
    RATE_LIMITED = 113, "too many packets";
    /// A fault inside the server.
    INTERNAL = 114, "internal fault of the server";
    /// A packet that none is: unknown type, cut off, or a frame that holds no whole packets.
    BAD_PACKET = 400, "malformed packet";
    /// A packet over the limit.
    PACKET_TOO_LARGE = 401, "packet too large";
    /// A message that none is, or of a kind that this side never receives.
    BAD_MESSAGE = 402, "malformed message";
    /// A packet that has no place in the connection's state, such as data before the ack.
    OUT_OF_ORDER = 403, "packet out of order";
    /// A handshake body that does not parse.
    BAD_HANDSHAKE = 404, "malformed handshake";
    /// A compressed body that is corrupt or over the limit.
    BAD_COMPRESSION = 405, "malformed or oversized compressed body";
    /// Kicked by the application.
    KICKED = 500, "kicked by the server";
    /// The same user signed in elsewhere.
    REPLACED = 501, "signed in elsewhere";
    /// The handshake was refused.
    REFUSED = 502, "refused by the server";
    /// The client's version is too old.
    CLIENT_TOO_OLD = 503, "the client is too old";
}

impl CloseCode {
    /// The code with this number.
    #[must_use]
    pub const fn from_number(number: u16) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// Whether a client comes back by itself after this code.
    #[must_use]
    pub const fn reconnect(self) -> bool {
        matches!(self.number(), 100..=399)
    }

    /// Whether the family's wire has a packet for this close: a kick, after which its clients stay away (wire 5).
    #[must_use]
    pub const fn is_kick(self) -> bool {
        matches!(self.number(), 500..=999)
    }
}

/// A close as it is ordered, and as it travels to peers with the capability `close-reason`. A clone shares what was said.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Close {
    /// Why.
    pub code: CloseCode,
    // Most closes have nothing but a code, and are handed on many times.
    said: Option<Arc<Said>>,
}

#[derive(Clone, Debug, Default)]
struct Said {
    reason: Option<Box<str>>,
    retry_after: Option<Span>,
    endpoint: Option<Box<str>>,
}

impl Close {
    /// A close with the code's own text and no advice.
    #[must_use]
    pub const fn new(code: CloseCode) -> Self {
        Self { code, said: None }
    }

    /// A close that says this, where it says anything.
    #[must_use]
    pub fn from_parts(
        code: CloseCode,
        reason: Option<Box<str>>,
        retry_after: Option<Span>,
        endpoint: Option<Box<str>>,
    ) -> Self {
        let said = Said {
            reason,
            retry_after,
            endpoint,
        };
        let said = Some(Arc::new(said));
        Self { code, said }
    }

    /// A close with this text for people.
    #[must_use]
    pub fn because(code: CloseCode, reason: &str) -> Self {
        Self::from_parts(code, Some(reason.into()), None, None)
    }

    fn say(&mut self) -> &mut Said {
        Arc::make_mut(self.said.get_or_insert_default())
    }

    /// With this text for people.
    #[must_use]
    pub fn with_reason(mut self, reason: impl Into<Box<str>>) -> Self {
        self.say().reason = Some(reason.into());
        self
    }

    /// With the advice to stay away for this long.
    #[must_use]
    pub fn with_retry_after(mut self, delay: Duration) -> Self {
        self.say().retry_after = Some(delay.into());
        self
    }

    /// With the advice to come back there.
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: impl Into<Box<str>>) -> Self {
        self.say().endpoint = Some(endpoint.into());
        self
    }

    /// Why, for people; never parsed. It is the code's own text where nothing else was said.
    #[must_use]
    pub fn reason(&self) -> &str {
        self.said_reason().unwrap_or_else(|| self.code.text())
    }

    /// The reason that was said, if one was.
    #[must_use]
    pub fn said_reason(&self) -> Option<&str> {
        self.said.as_ref()?.reason.as_deref()
    }

    /// The earliest time to come back, counted from the close; `None` leaves it to the client.
    #[must_use]
    pub fn retry_after(&self) -> Option<Span> {
        self.said.as_ref()?.retry_after
    }

    /// Where to come back to; `None` means the same endpoint.
    #[must_use]
    pub fn endpoint(&self) -> Option<&str> {
        self.said.as_ref()?.endpoint.as_deref()
    }

    /// Appends the JSON object that a kick's body carries under `close-reason`:
    /// `{"code":110,"reason":"..","retry_after_ms":500,"endpoint":".."}`, the last two only when set.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"code\":");
        out.extend_from_slice(self.code.number().to_string().as_bytes());
        out.extend_from_slice(b",\"reason\":");
        write_json_text(self.reason(), out);
        if let Some(delay) = self.retry_after() {
            out.extend_from_slice(b",\"retry_after_ms\":");
            out.extend_from_slice((delay.as_millis() as u64).to_string().as_bytes());
        }
        if let Some(endpoint) = self.endpoint() {
            out.extend_from_slice(b",\"endpoint\":");
            write_json_text(endpoint, out);
        }
        out.push(b'}');
    }

    /// Reads a kick's body: ours, pomelo's `{"reason":".."}`, or none. What cannot be read is a plain kick, whose
    /// meaning is certain without its body (wire 5).
    #[cfg(feature = "json")]
    #[must_use]
    pub fn parse_kick(body: &[u8]) -> Self {
        #[derive(Default, serde::Deserialize)]
        #[serde(default)]
        struct Body {
            code: Option<u16>,
            reason: Option<String>,
            retry_after_ms: Option<u64>,
            endpoint: Option<String>,
        }
        // A derived reader takes a list for an object as well.
        let is_object = body.trim_ascii_start().starts_with(b"{");
        let body: Body = if is_object {
            serde_json::from_slice(body).unwrap_or_default()
        } else {
            Body::default()
        };
        let code = body.code.map_or(CloseCode::KICKED, CloseCode::from_number);
        Self::from_parts(
            code,
            body.reason.map(String::into_boxed_str),
            body.retry_after_ms
                .map(|millis| Span::from_millis(millis as f64)),
            body.endpoint.map(String::into_boxed_str),
        )
    }
}

impl Eq for Close {}

impl PartialEq for Close {
    /// To give no reason is the same as to give the code's own text.
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
            && self.reason() == other.reason()
            && self.retry_after() == other.retry_after()
            && self.endpoint() == other.endpoint()
    }
}

impl From<CloseCode> for Close {
    fn from(code: CloseCode) -> Self {
        Self::new(code)
    }
}

/// Appends a JSON string (RFC 8259 section 7).
fn write_json_text(text: &str, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    for &byte in text.as_bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0..0x20 => {
                out.extend_from_slice(b"\\u00");
                out.push(HEX[usize::from(byte >> 4)]);
                out.push(HEX[usize::from(byte & 15)]);
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// Which side ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// This program ordered it.
    Local,
    /// The peer ended it, with a kick, a refusal or the end of its stream.
    Peer,
    /// The peer broke the protocol or a limit, and this side ended it.
    Fault,
    /// The transport failed.
    Transport,
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Closed {
    /// Why, and what to do next.
    pub close: Close,
    /// Who ended it.
    pub origin: Origin,
}

impl Closed {
    /// A close and who ordered it.
    #[must_use]
    pub const fn new(close: Close, origin: Origin) -> Self {
        Self { close, origin }
    }

    /// The transport failed; the text says how.
    #[must_use]
    pub fn transport(reason: &str) -> Self {
        Self::new(
            Close::because(CloseCode::TRANSPORT, reason),
            Origin::Transport,
        )
    }

    /// A close with the code's own text.
    #[must_use]
    pub const fn of(code: CloseCode, origin: Origin) -> Self {
        Self::new(Close::new(code), origin)
    }
}

/// What a peer did wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// See [`PacketError`].
    #[error(transparent)]
    Packet(#[from] PacketError),
    /// See [`MessageError`].
    #[error(transparent)]
    Message(#[from] MessageError),
    /// A packet that has no place in the connection's state.
    #[error("a {packet} packet in state {state}")]
    OutOfOrder {
        /// The packet's type.
        packet: &'static str,
        /// The state of the connection.
        state: &'static str,
    },
}

impl Fault {
    /// The close that answers this fault. Its reason is this fault's text; without the feature `fault-text` it is the code's own.
    // Where it is called one knows the fault's kind: put there, nothing is left of the rest.
    #[must_use]
    #[inline(always)]
    pub fn close(&self) -> Close {
        let code = match self {
            Self::Packet(PacketError::TooLarge { .. }) => CloseCode::PACKET_TOO_LARGE,
            Self::Packet(_) => CloseCode::BAD_PACKET,
            Self::Message(_) => CloseCode::BAD_MESSAGE,
            Self::OutOfOrder { .. } => CloseCode::OUT_OF_ORDER,
        };
        let close = Close::new(code);
        #[cfg(feature = "fault-text")]
        let close = close.with_reason(self.to_string());
        close
    }
}
