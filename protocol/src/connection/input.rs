//! What a driver tells a connection.

use crate::close::{Close, Closed};
use crate::handshake::Agreement;
use crate::message::{EncodeError, Message};
use crate::packet::PacketTooLarge;

/// Something that happened to a connection.
#[derive(Debug)]
#[non_exhaustive]
pub enum Input<'a> {
    /// Bytes of a stream came, split anywhere.
    Bytes(&'a [u8]),
    /// A WebSocket message came: one packet, or several (wire 1.3). Its opcode does not matter.
    Frame(&'a [u8]),
    /// The peer ended its stream in order.
    Eof,
    /// The transport is gone: it failed, or the peer closed it and said why.
    Ended(Closed),
    /// The time of the last [`Output::Wait`](super::Output::Wait) has come.
    Timer,
    /// Answers [`Event::Handshake`](super::Event::Handshake): these are the terms. A server gives the body of its response; a client
    /// leaves it empty.
    Accept {
        /// What the two sides have settled.
        agreement: Agreement,
        /// Server: the response's body, compressed or not (wire 2.4).
        response: &'a [u8],
    },
    /// Answers [`Event::Handshake`](super::Event::Handshake): there will be no connection. A server gives the body of its response; a
    /// client leaves it empty and gives what the server's response means.
    Refuse {
        /// Why.
        close: Close,
        /// Server: the response's body.
        response: &'a [u8],
    },
    /// Answers [`Event::Kick`](super::Event::Kick): the body, read.
    Kicked(Close),
    /// Ends the connection: in a body that only the driver can read, the peer broke the protocol.
    Fault(Close),
    /// Sends a message. The route may be a name: the connection writes its code where that is agreed.
    Send(Message<'a>),
    /// Sends a heartbeat now and not only when the interval is over: asks for a sign of life.
    Beat,
    /// Whether packets may come out. While they may not, the peer's silence does not count: heartbeats that we did not read must not
    /// end the connection.
    Reading(bool),
    /// Ends the connection. Packets that have not come out are dropped.
    Close(Close),
}

/// A driver that asked for what the state does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Misuse {
    /// A message can only be sent between [`Event::Open`](super::Event::Open) and the close.
    #[error("the connection is not open")]
    NotOpen,
    /// There is no handshake or kick that waits for an answer.
    #[error("nothing waits for this answer")]
    NothingToAnswer,
    /// The message cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl From<PacketTooLarge> for Misuse {
    fn from(error: PacketTooLarge) -> Self {
        Self::Encode(error.into())
    }
}
