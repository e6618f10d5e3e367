//! What the client tells its driver.

use pitaya_protocol::Closed;
use pitaya_protocol::connection::Transmit;

use crate::Timestamp;
use crate::call::{CallError, CallId};
use crate::rtt::RoundTrip;
use crate::state::State;

/// The next thing for the driver to do.
#[derive(Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a driver handles all three, a fourth would be a new contract"
)]
pub enum Output<'a> {
    /// Send this to the server. After the transport has failed it leads nowhere and does not count as sent.
    Transmit(Transmit<'a>),
    /// This happened, or is to be done.
    Event(Event<'a>),
    /// Nothing to do until input comes, or until this time.
    Wait(Option<Timestamp>),
}

/// Something that the driver has to do or the application has to know.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The client is in another state.
    State(State),
    /// Open a transport. Answer with [`Input::Connected`](crate::Input::Connected) or
    /// [`Input::ConnectFailed`](crate::Input::ConnectFailed), unless [`Disconnect`](Self::Disconnect) comes first.
    Connect {
        /// 0 for the first, otherwise how many attempts to come back this makes.
        attempt: u32,
        /// Where the server that closed said to come back to; `None` means the application's own endpoints. It is the server's word: a
        /// driver takes it only within the trust that the application has configured.
        endpoint: Option<Box<str>>,
    },
    /// Write what was transmitted, then drop the transport, or the attempt to open one.
    Disconnect(Closed),
    /// The server's handshake body, raw. Answer it with [`Input::Accept`](crate::Input::Accept) or
    /// [`Input::Refuse`](crate::Input::Refuse); until then no packet is read.
    Handshake(&'a [u8]),
    /// The body of a kick, raw. Answer it with [`Input::Kicked`](crate::Input::Kicked).
    Kick(&'a [u8]),
    /// A request was answered.
    Response {
        /// The request.
        call: CallId,
        /// Whether the body is an error payload.
        error: bool,
        /// Whether the body is a zlib stream, which the driver inflates with a cap, keeping order.
        deflated: bool,
        /// The payload as it stands on the wire.
        body: &'a [u8],
    },
    /// A notify was handed to the transport.
    Sent(CallId),
    /// A call ended without an answer.
    Failed {
        /// The call.
        call: CallId,
        /// Why.
        error: CallError,
    },
    /// A push came.
    Push {
        /// Its route, a name even where it came as a code.
        route: &'a str,
        /// Whether the body is a zlib stream, which the driver inflates with a cap, keeping order.
        deflated: bool,
        /// The payload as it stands on the wire.
        body: &'a [u8],
    },
    /// A response was dropped: no request waits for it.
    Unmatched {
        /// The id on the wire.
        id: u64,
        /// Whether its request had timed out or been cancelled; otherwise the server made the id up.
        late: bool,
    },
    /// The round trip was measured anew.
    RoundTrip(RoundTrip),
}
