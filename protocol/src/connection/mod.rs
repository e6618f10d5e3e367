//! The sans-IO connection: handshake, heartbeat, data and close, for both sides.
//!
//! # Driving it
//!
//! Hand in what happens with [`Connection::handle_input`], then call [`Connection::poll_output`] until it says
//! [`Output::Wait`], then wait for bytes, a command or that time. A peer's fault is never an `Err`: everything accepted before it comes out first, then
//! the close that is sent, then [`Event::Closed`]. After that there is only `Wait(None)`.

mod client;
mod config;
mod heartbeat;
mod input;
mod output;
mod server;

use crate::capabilities::Capabilities;
use crate::close::{Close, CloseCode, Closed, Fault, Origin};
use crate::framer::{self, Framer};
use crate::handshake::Agreement;
use crate::message::{self, Message, MessageError, MessageKind, RouteRef};
use crate::packet::{self, PacketError, PacketType};
use crate::time::{Span, Timestamp};

#[cfg(feature = "server")]
pub use self::config::ServerConfig;
use self::heartbeat::Heartbeat;
use self::output::{Found, FoundMessage, FoundRoute};
pub use self::{
    config::ClientConfig,
    input::{Input, Misuse},
    output::{Event, Incoming, Lane, Output, Transmit},
};

/// Which side of the wire a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Client,
    #[cfg(feature = "server")]
    Server,
}

impl Side {
    /// Whether it is the accepting side. Without the feature `server` none is, and what only that side does is left out of the program.
    const fn is_server(self) -> bool {
        !matches!(self, Self::Client)
    }
}

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The peer's handshake packet has not come.
    Handshake,
    /// It has, and the driver has not answered the event yet.
    Answering,
    /// Server only: the response is sent, the ack has not come.
    Ack,
    /// Data may go both ways.
    Open,
    /// Client only: a kick with a body came, the driver has not read it yet.
    Kicked,
    /// The end; `Event::Closed` was given out or is the next event.
    Closed,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::Answering => "answering",
            Self::Ack => "ack",
            Self::Open => "open",
            Self::Kicked => "kicked",
            Self::Closed => "closed",
        }
    }
}

/// One connection, seen from one side. See the [module docs](self) for how it is driven.
#[derive(Debug)]
pub struct Connection {
    side: Side,
    state: State,
    /// Whether the driver lets packets through; see [`Input::Reading`].
    reading: bool,
    /// Whether `out` was handed to the driver and is to be forgotten.
    transmitted: bool,
    /// Whether [`Event::Open`] is due.
    opened: bool,
    framer: Framer,
    out: Vec<u8>,
    now: Timestamp,
    packets: u64,
    handshake_deadline: Timestamp,
    heartbeat: Option<Heartbeat>,
    /// Client: the number in the last heartbeat under `heartbeat-echo`, and when it went out, until it is back.
    echo: (u8, Timestamp),
    max_packet: usize,
    agreement: Agreement,
    /// What ends the connection once the packets that came before it are out.
    ending: Option<Closed>,
    /// The event that is due when everything else is out.
    closed: Option<Closed>,
}

impl Connection {
    fn new(side: Side, now: Timestamp, first_packet: usize, max_packet: usize) -> Self {
        Self {
            side,
            state: State::Handshake,
            reading: true,
            transmitted: false,
            opened: false,
            framer: Framer::new(first_packet),
            out: Vec::new(),
            now,
            packets: 0,
            handshake_deadline: Timestamp::NEVER,
            heartbeat: None,
            echo: (0, Timestamp::NEVER),
            max_packet,
            agreement: Agreement::default(),
            ending: None,
            closed: None,
        }
    }

    /// What the handshake has settled; the family's defaults before it.
    #[must_use]
    pub const fn agreement(&self) -> &Agreement {
        &self.agreement
    }

    /// How many packets of the peer have come out so far, those included that make no event: what a driver with a limit counts.
    #[must_use]
    pub const fn packets(&self) -> u64 {
        self.packets
    }

    /// Whether data may be sent.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// Whether the connection has ended.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// Whether the driver should read from the transport now. While this is false received bytes would only pile up: the driver has
    /// paused reading, owes an answer, or the connection is closed.
    #[must_use]
    pub fn wants_bytes(&self) -> bool {
        self.reading && self.ending.is_none() && self.takes_packets()
    }

    /// Takes in what happened. `now` never runs backwards.
    ///
    /// # Errors
    ///
    /// [`Misuse`] when the driver asks for what the state does not allow; nothing has changed then.
    // Where the input is known, nothing is left of the match, nor of what the driver never says: it is much of a browser's client.
    #[inline(always)]
    pub fn handle_input(&mut self, now: Timestamp, input: Input<'_>) -> Result<(), Misuse> {
        self.advance(now);
        match input {
            Input::Timer => {}
            Input::Bytes(bytes) => self.receive(bytes),
            Input::Frame(frame) => self.receive_frame(frame),
            Input::Eof => {
                self.end_later(Closed::of(CloseCode::EOF, Origin::Peer));
            }
            Input::Ended(closed) => self.end_later(closed),
            Input::Accept {
                agreement,
                response,
            } => self.accept(agreement, response)?,
            Input::Refuse { close, response } => self.refuse(close, response)?,
            Input::Kicked(close) => self.refuse(close, &[])?,
            Input::Fault(close) => self.close_here(close, Origin::Fault),
            Input::Send(message) => self.send(message)?,
            Input::Beat if self.state == State::Open => self.beat(),
            Input::Beat => return Err(Misuse::NotOpen),
            Input::Reading(reading) => self.set_reading(reading),
            Input::Close(close) => self.close_here(close, Origin::Local),
        }
        Ok(())
    }

    /// The next thing to do. Call it until it says [`Output::Wait`].
    pub fn poll_output(&mut self) -> Output<'_> {
        self.release();
        while self.reading && self.takes_packets() && !self.opened {
            match self.framer.next_range() {
                Ok(Some((kind, range))) => {
                    if let Some(found) = self.packet(kind, range) {
                        return Output::Event(self.event(found));
                    }
                }
                Ok(None) => {
                    let Some(ending) = self.ending.take() else {
                        break;
                    };
                    // A client's server was cut off, which is no fault of its making.
                    let ending = if self.side.is_server()
                        && ending.close.code == CloseCode::EOF
                        && self.framer.pending() > 0
                    {
                        fault(&PacketError::Truncated.into())
                    } else {
                        ending
                    };
                    self.close(ending);
                }
                Err(error) => self.close(fault(&error.into())),
            }
        }
        if std::mem::take(&mut self.opened) {
            return Output::Event(Event::Open);
        }
        // After everything that has arrived: it is a sign of life, and on time.
        self.run_timers();
        if !self.out.is_empty() {
            self.transmitted = true;
            return Output::Transmit(Transmit {
                lane: Lane::Reliable,
                bytes: &self.out,
            });
        }
        match self.closed.take() {
            Some(closed) => Output::Event(Event::Closed(closed)),
            None => Output::Wait(self.deadline()),
        }
    }

    /// The time goes on, and what was handed out is done with.
    fn advance(&mut self, now: Timestamp) {
        self.release();
        self.now = self.now.max(now);
    }

    /// Whether packets are decoded in this state.
    const fn takes_packets(&self) -> bool {
        matches!(self.state, State::Handshake | State::Ack | State::Open)
    }

    /// Forgets the transmitted buffer, so that an idle connection keeps none.
    fn release(&mut self) {
        if std::mem::take(&mut self.transmitted) {
            self.out = Vec::new();
        }
    }

    fn receive(&mut self, bytes: &[u8]) {
        if self.state != State::Closed && self.ending.is_none() {
            self.framer.push(bytes);
            self.heard();
        }
    }

    fn receive_frame(&mut self, frame: &[u8]) {
        if self.state != State::Closed {
            let checked = framer::check_frame(frame, packet::MAX_BODY);
            self.receive(frame);
            if let Err(error) = checked {
                self.end_later(fault(&error.into()));
            }
        }
    }

    fn set_reading(&mut self, reading: bool) {
        // What we did not read must not count against the peer (liveness is about its silence, not ours).
        if reading && !self.reading {
            self.heard();
        }
        self.reading = reading;
    }

    fn heard(&mut self) {
        if let Some(heartbeat) = &mut self.heartbeat {
            heartbeat.heard(self.now);
        }
    }

    /// Handles one packet; what the driver has to hear of it is returned.
    fn packet(&mut self, kind: PacketType, range: std::ops::Range<usize>) -> Option<Found> {
        self.packets += 1;
        match (kind, self.state) {
            (PacketType::Handshake, State::Handshake) => {
                self.state = State::Answering;
                Some(Found::Handshake(range))
            }
            (PacketType::Data, State::Open) => self.data(range),
            (PacketType::HandshakeAck, State::Ack) => {
                self.open();
                None
            }
            // Accepted in any state (wire 3), and no reason to answer before the ack (wire 4).
            (PacketType::Heartbeat, _) => self.heartbeat_packet(range),
            (PacketType::Kick, _) if !self.side.is_server() => self.kick(range),
            // A client's kick means nothing (wire 3).
            (PacketType::Kick, _) => None,
            _ => {
                let packet = match kind {
                    PacketType::Handshake => "handshake",
                    PacketType::HandshakeAck => "ack",
                    _ => "data",
                };
                self.close(fault(&Fault::OutOfOrder {
                    packet,
                    state: self.state.name(),
                }));
                None
            }
        }
    }

    fn data(&mut self, range: std::ops::Range<usize>) -> Option<Found> {
        let split = Message::split(&self.framer.bytes()[range.clone()]);
        let checked = split.and_then(|(message, name)| {
            let of_client = matches!(message.kind, MessageKind::Request | MessageKind::Notify);
            let expected = of_client == self.side.is_server();
            match message.route {
                // Before anything else, as where a message is decoded in one go.
                _ if message::text(name).is_none() => Err(MessageError::RouteNotUtf8),
                _ if !expected => Err(MessageError::WrongDirection(message.kind)),
                RouteRef::Code(code) if self.agreement.dictionary.route(code).is_none() => {
                    Err(MessageError::UnknownCode(code))
                }
                _ => Ok(FoundMessage::new(&message, name, range.end)),
            }
        });
        match checked {
            Ok(found) => Some(Found::Message(found)),
            Err(error) => {
                self.close(fault(&error.into()));
                None
            }
        }
    }

    /// The event for what was found; it borrows from the machine.
    fn event(&self, found: Found) -> Event<'_> {
        let bytes = self.framer.bytes();
        match found {
            Found::Handshake(range) => Event::Handshake(&bytes[range]),
            Found::Kick(range) => Event::Kick(&bytes[range]),
            Found::RoundTrip(time) => Event::RoundTrip(time),
            Found::Message(found) => Event::Message(Incoming {
                kind: found.kind,
                id: found.id,
                route: match found.route {
                    FoundRoute::Name(range) => {
                        message::text(&bytes[range]).expect("the route was checked")
                    }
                    FoundRoute::Code(code) => self
                        .agreement
                        .dictionary
                        .route(code)
                        .expect("the code was checked"),
                },
                error: found.error,
                deflated: found.deflated,
                body: &bytes[found.body],
            }),
        }
    }

    fn send(&mut self, message: Message<'_>) -> Result<(), Misuse> {
        if self.state != State::Open {
            return Err(Misuse::NotOpen);
        }
        let route = match message.route {
            RouteRef::Name(name) => self.agreement.route_ref(message.kind, name),
            code @ RouteRef::Code(_) => code,
        };
        Ok(Message { route, ..message }.encode_packet(&mut self.out)?)
    }

    fn open(&mut self) {
        self.state = State::Open;
        self.opened = true;
        self.handshake_deadline = Timestamp::NEVER;
        self.framer.set_limit(self.max_packet);
        let side = self.side;
        if let Some(interval) = self.agreement.heartbeat
            && interval > Span::ZERO
        {
            self.heartbeat = Some(Heartbeat::new(side, interval, self.now));
        }
    }

    fn accept(&mut self, agreement: Agreement, response: &[u8]) -> Result<(), Misuse> {
        if self.state != State::Answering {
            return Err(Misuse::NothingToAnswer);
        }
        if self.side.is_server() {
            packet::encode(PacketType::Handshake, response, &mut self.out)?;
            self.agreement = agreement;
            self.state = State::Ack;
        } else {
            packet::encode(PacketType::HandshakeAck, &[], &mut self.out)?;
            self.agreement = agreement;
            self.open();
        }
        Ok(())
    }

    /// The driver has answered that there will be no connection, or read why there is none any more.
    fn refuse(&mut self, close: Close, response: &[u8]) -> Result<(), Misuse> {
        if !matches!(self.state, State::Answering | State::Kicked) {
            return Err(Misuse::NothingToAnswer);
        }
        let mut origin = Origin::Peer;
        if self.side.is_server() {
            packet::encode(PacketType::Handshake, response, &mut self.out)?;
            origin = Origin::Local;
        }
        self.finish(Closed::new(close, origin));
        Ok(())
    }

    fn close_here(&mut self, close: Close, origin: Origin) {
        if self.state != State::Closed {
            self.close(Closed::new(close, origin));
        }
    }

    /// Ends the connection when the packets that came before are out.
    fn end_later(&mut self, closed: Closed) {
        match self.state {
            State::Closed => {}
            // Nobody is there to be answered.
            State::Answering if self.side.is_server() => self.finish(closed),
            // A client's driver may still be reading a refusal or a kick; those must not look like a lost connection.
            _ if self.ending.is_none() => self.ending = Some(closed),
            _ => {}
        }
    }

    /// Ends the connection now: says why, as far as the peer can hear it.
    fn close(&mut self, closed: Closed) {
        let heard = matches!(closed.origin, Origin::Local | Origin::Fault);
        if self.side.is_server() && heard && matches!(self.state, State::Ack | State::Open) {
            self.write_kick(&closed.close);
        }
        self.finish(closed);
    }

    fn finish(&mut self, closed: Closed) {
        self.state = State::Closed;
        self.opened = false;
        self.framer.clear();
        self.ending = None;
        self.heartbeat = None;
        self.handshake_deadline = Timestamp::NEVER;
        self.closed = Some(closed);
    }

    fn run_timers(&mut self) {
        if self.now >= self.handshake_deadline {
            self.close(Closed::of(CloseCode::HANDSHAKE_TIMEOUT, Origin::Fault));
        }
        self.run_heartbeat();
    }

    fn deadline(&self) -> Option<Timestamp> {
        let deadline = match &self.heartbeat {
            Some(heartbeat) => heartbeat.deadline(self.reading),
            None => self.handshake_deadline,
        };
        deadline.deadline()
    }

    fn granted(&self, capability: Capabilities) -> bool {
        self.agreement.capabilities.contains(capability)
    }
}

/// The close that a peer's fault causes.
#[inline(always)]
fn fault(fault: &Fault) -> Closed {
    Closed::new(fault.close(), Origin::Fault)
}
