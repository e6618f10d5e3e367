//! Why connections end: one numbered enumeration, and what travels with it.

use std::borrow::Cow;
use std::time::Duration;

use crate::message::MessageError;
use crate::packet::PacketError;

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
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum CloseCode {
            $($(#[$doc])* $name,)+
            /// A number that this version has no name for, or one of the application's (900-999).
            Other(u16),
        }

        impl CloseCode {
            /// Every code that has a name.
            pub const NAMED: &'static [Self] = &[$(Self::$name),+];

            /// The number.
            #[must_use]
            pub const fn number(self) -> u16 {
                match self {
                    $(Self::$name => $number,)+
                    Self::Other(number) => number,
                }
            }

            /// The code with this number.
            #[must_use]
            pub const fn from_number(number: u16) -> Self {
                // A search, as a second table would weigh more in a browser than the first.
                let mut index = 0;
                while index < Self::NAMED.len() {
                    if Self::NAMED[index].number() == number {
                        return Self::NAMED[index];
                    }
                    index += 1;
                }
                Self::Other(number)
            }

            /// A short text for people, used where the closing side gives none.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                    Self::Other(_) => "closed",
                }
            }
        }
    };
}

close_codes! {
    /// The side that closed was done.
    Normal = 0, "closed";
    /// The peer's stream ended without a word, as servers and clients of the family end theirs.
    Eof = 100, "the peer ended the stream";
    /// The transport failed: reset, unreachable, TLS alert.
    Transport = 101, "the transport failed";
    /// Nothing came from the peer for too long.
    HeartbeatTimeout = 102, "nothing was heard from the peer for too long";
    /// The peer did not finish the handshake in time.
    HandshakeTimeout = 103, "the handshake took too long";
    /// The server is being shut down or replaced.
    Draining = 110, "the server is shutting down";
    /// The server takes no more connections now.
    Overloaded = 111, "the server is full";
    /// The client did not read what was sent to it.
    SlowConsumer = 112, "the client reads too slowly";
    /// The client sent more than it may.
    RateLimited = 113, "too many packets";
    /// A fault inside the server.
    Internal = 114, "internal fault of the server";
    /// A packet that none is: unknown type, cut off, or a frame that holds no whole packets.
    BadPacket = 400, "malformed packet";
    /// A packet over the limit.
    PacketTooLarge = 401, "packet too large";
    /// A message that none is, or of a kind that this side never receives.
    BadMessage = 402, "malformed message";
    /// A packet that has no place in the connection's state, such as data before the ack.
    OutOfOrder = 403, "packet out of order";
    /// A handshake body that does not parse.
    BadHandshake = 404, "malformed handshake";
    /// A compressed body that is corrupt or over the limit.
    BadCompression = 405, "malformed or oversized compressed body";
    /// Kicked by the application.
    Kicked = 500, "kicked by the server";
    /// The same user signed in elsewhere.
    Replaced = 501, "signed in elsewhere";
    /// The handshake was refused.
    Refused = 502, "refused by the server";
    /// The client's version is too old.
    ClientTooOld = 503, "the client is too old";
}

impl CloseCode {
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

/// A close as it is ordered, and as it travels to peers with the capability `close-reason`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Close {
    /// Why.
    pub code: CloseCode,
    /// The same for people; never parsed.
    pub reason: Cow<'static, str>,
    /// The earliest time to come back, counted from the close; `None` leaves it to the client.
    pub retry_after: Option<Duration>,
    /// Where to come back to; `None` means the same endpoint.
    pub endpoint: Option<String>,
}

impl Close {
    /// A close with the code's own text and no advice.
    #[must_use]
    #[inline(never)]
    pub const fn new(code: CloseCode) -> Self {
        Self {
            code,
            reason: Cow::Borrowed(code.text()),
            retry_after: None,
            endpoint: None,
        }
    }

    /// With this text for people.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<Cow<'static, str>>) -> Self {
        self.reason = reason.into();
        self
    }

    /// With the advice to stay away for this long.
    #[must_use]
    pub const fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    /// With the advice to come back there.
    #[must_use]
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// Appends the JSON object that a kick's body carries under `close-reason`:
    /// `{"code":110,"reason":"..","retry_after_ms":500,"endpoint":".."}`, the last two only when set.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"code\":");
        out.extend_from_slice(self.code.number().to_string().as_bytes());
        out.extend_from_slice(b",\"reason\":");
        write_json_text(&self.reason, out);
        if let Some(delay) = self.retry_after {
            out.extend_from_slice(b",\"retry_after_ms\":");
            out.extend_from_slice(delay.as_millis().to_string().as_bytes());
        }
        if let Some(endpoint) = &self.endpoint {
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
        let code = body.code.map_or(CloseCode::Kicked, CloseCode::from_number);
        let mut close = Self::new(code);
        if let Some(reason) = body.reason {
            close.reason = reason.into();
        }
        close.retry_after = body.retry_after_ms.map(Duration::from_millis);
        close.endpoint = body.endpoint;
        close
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

    /// A close with the code's own text.
    #[must_use]
    #[inline(never)]
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
            Self::Packet(PacketError::TooLarge { .. }) => CloseCode::PacketTooLarge,
            Self::Packet(_) => CloseCode::BadPacket,
            Self::Message(_) => CloseCode::BadMessage,
            Self::OutOfOrder { .. } => CloseCode::OutOfOrder,
        };
        let close = Close::new(code);
        #[cfg(feature = "fault-text")]
        let close = close.reason(self.to_string());
        close
    }
}
