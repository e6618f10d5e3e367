//! What a driver tells the client.

use pitaya_protocol::connection;
use pitaya_protocol::handshake::Agreement;
use pitaya_protocol::{Close, Span};

use crate::call::{CallId, Offline};

/// Something that happened, or that the application wants.
#[derive(Debug)]
#[non_exhaustive]
pub enum Input<'a> {
    /// The application wants a connection. While one is being waited for, it is tried now; otherwise it changes nothing unless the
    /// client is idle or closed.
    Connect,
    /// Answers [`Event::Connect`](crate::Event::Connect): the transport is open.
    Connected {
        /// Body of the handshake request: JSON (wire 2.1), made anew for every attempt, so that its `user` can be.
        handshake: &'a [u8],
    },
    /// Answers [`Event::Connect`](crate::Event::Connect): there will be no transport.
    ConnectFailed {
        /// What went wrong; [`CloseCode::TRANSPORT`](crate::CloseCode::TRANSPORT), unless the driver knows better.
        close: Close,
        /// Whether the same may work later. A certificate that is not trusted will not be trusted in a second.
        retryable: bool,
    },
    /// Bytes of a stream came, split anywhere.
    Bytes(&'a [u8]),
    /// A WebSocket message came.
    Frame(&'a [u8]),
    /// The peer ended its stream in order.
    Eof,
    /// The peer ended its WebSocket with a close frame.
    CloseFrame {
        /// Its code; 4000 and more say what a kick says, where `close-reason` is granted.
        code: u16,
        /// Its text.
        reason: &'a str,
    },
    /// The transport failed; [`CloseCode::TRANSPORT`](crate::CloseCode::TRANSPORT), unless the driver knows better.
    TransportFailed(Close),
    /// The time of the last [`Output::Wait`](crate::Output::Wait) has come.
    Timer,
    /// Answers [`Event::Handshake`](crate::Event::Handshake): these are the terms.
    Accept(Agreement),
    /// Answers [`Event::Handshake`](crate::Event::Handshake): the server refused, or its body cannot be read.
    Refuse(Close),
    /// Answers [`Event::Kick`](crate::Event::Kick): the body, read.
    Kicked(Close),
    /// The driver found that the peer broke the protocol: a body that cannot be inflated, or not within its limit.
    Fault(Close),
    /// Sends a request. It ends with [`Event::Response`](crate::Event::Response) or [`Event::Failed`](crate::Event::Failed).
    Request {
        /// Its name.
        call: CallId,
        /// Where it goes.
        route: &'a str,
        /// Its payload.
        body: &'a [u8],
        /// Time for the answer, waiting for a connection included; `None` is [`Config::request_timeout`](crate::Config::request_timeout)
        /// and [`Span::ENDLESS`] never ends it.
        timeout: Option<Span>,
        /// What becomes of it while there is no connection.
        offline: Offline<'a>,
    },
    /// Sends a notify. It ends with [`Event::Sent`](crate::Event::Sent) or [`Event::Failed`](crate::Event::Failed).
    Notify {
        /// Its name.
        call: CallId,
        /// Where it goes.
        route: &'a str,
        /// Its payload.
        body: &'a [u8],
        /// What becomes of it while there is no connection.
        offline: Offline<'a>,
    },
    /// The application no longer wants this call; one that has ended already stays as it ended. A notify that was written cannot be
    /// taken back.
    Cancel(CallId),
    /// Whether packets may come out; see [`pitaya_protocol::connection::Input::Reading`]. It holds for later connections too.
    Reading(bool),
    /// Whether the transport takes bytes. While it does not, calls wait if they may and fail otherwise.
    Writable(bool),
    /// Lets the calls go that waited for the connection; only under [`Config::hold_queue`](crate::Config::hold_queue).
    Release,
    /// The application goes to the background: the peer's silence does not count and no connection is tried. Heartbeats go on for as long as
    /// the driver still gets to run.
    Pause,
    /// The application is back: the connection is checked, as it may have died unnoticed; a waiting reconnect starts now.
    Resume,
    /// The network came (back) or changed; as [`Resume`](Self::Resume).
    Online,
    /// There is no network: no connection is tried until [`Online`](Self::Online). An open connection lives on for as long as it can.
    Offline,
    /// The application is done. Final until the next [`Connect`](Self::Connect).
    Close(Close),
}

/// A driver that said what cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Misuse {
    /// No transport is being opened.
    #[error("no transport is being opened")]
    NotConnecting,
    /// There is no handshake or kick that waits for an answer.
    #[error("nothing waits for this answer")]
    NothingToAnswer,
}

impl From<connection::Misuse> for Misuse {
    /// Messages are only sent on an open connection, so the rest is about answers.
    fn from(_: connection::Misuse) -> Self {
        Self::NothingToAnswer
    }
}
