//! What a connection tells its driver.

use std::ops::Range;

use crate::close::Closed;
use crate::message::{Message, MessageKind, RouteRef};
use crate::packet::{self, HEADER_LEN};
use crate::time::{Span, Timestamp};

/// The next thing for the driver to do.
#[derive(Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a driver handles all three, a fourth would be a new contract"
)]
pub enum Output<'a> {
    /// Send this to the peer.
    Transmit(Transmit<'a>),
    /// This happened.
    Event(Event<'a>),
    /// Nothing to do until input comes, or until this time.
    Wait(Option<Timestamp>),
}

/// Bytes for the peer: one or more whole packets.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Transmit<'a> {
    /// How they travel.
    pub lane: Lane,
    /// The packets, one behind the other, for one write on a stream.
    pub bytes: &'a [u8],
}

impl<'a> Transmit<'a> {
    /// The packets one by one: on WebSocket each is a message of its own (wire 1.3).
    pub fn packets(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut rest = self.bytes;
        std::iter::from_fn(move || {
            let header = rest.first_chunk::<HEADER_LEN>()?;
            let len = packet::body_len(header);
            let (packet, after) = rest.split_at_checked(HEADER_LEN + len)?;
            rest = after;
            Some(packet)
        })
    }
}

/// How packets travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lane {
    /// In order and without loss: the stream or the WebSocket.
    Reliable,
}

/// Something that the driver has to know.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The peer's handshake body, raw. Answer it with [`Input::Accept`](super::Input::Accept) or
    /// [`Input::Refuse`](super::Input::Refuse), at once or later; until then no packet is read.
    Handshake(&'a [u8]),
    /// Data may go both ways.
    Open,
    /// A message.
    Message(Incoming<'a>),
    /// Client: the body of a kick, raw. Answer it with [`Input::Kicked`](super::Input::Kicked). A kick without a body closes without this event.
    Kick(&'a [u8]),
    /// Client: the server has returned a heartbeat after this time (capability `heartbeat-echo`).
    RoundTrip(Span),
    /// The end. The driver sends what is left and closes the transport.
    Closed(Closed),
}

/// A message as it arrives: its route is a name, looked up where it came as a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Incoming<'a> {
    /// What it is; only kinds that this side can receive.
    pub kind: MessageKind,
    /// Which request it is or answers; 0 for kinds without an id.
    pub id: u64,
    /// Where it goes, not parsed; empty for a response.
    pub route: &'a str,
    /// Whether the body is an error payload.
    pub error: bool,
    /// Whether the body is a zlib stream, which the driver inflates with a cap.
    pub deflated: bool,
    /// The payload as it stands on the wire.
    pub body: &'a [u8],
}

/// An event before it borrows: places in the framer's buffer.
#[derive(Debug)]
pub(super) enum Found {
    Handshake(Range<usize>),
    Message(FoundMessage),
    Kick(Range<usize>),
    RoundTrip(Span),
}

/// A message, decoded once.
#[derive(Debug)]
pub(super) struct FoundMessage {
    pub(super) kind: MessageKind,
    pub(super) id: u64,
    pub(super) route: FoundRoute,
    pub(super) error: bool,
    pub(super) deflated: bool,
    pub(super) body: Range<usize>,
}

#[derive(Debug)]
pub(super) enum FoundRoute {
    Name(Range<usize>),
    Code(u16),
}

impl FoundMessage {
    /// Where the parts of `message`, which ends at `end`, are: the body is last, a route's text, `name`, is right before it (wire 6).
    pub(super) const fn new(message: &Message<'_>, name: &[u8], end: usize) -> Self {
        let body = end - message.body.len()..end;
        let route = match message.route {
            RouteRef::Name(_) => FoundRoute::Name(body.start - name.len()..body.start),
            RouteRef::Code(code) => FoundRoute::Code(code),
        };
        Self {
            kind: message.kind,
            id: message.id,
            route,
            error: message.error,
            deflated: message.deflated,
            body,
        }
    }
}
