//! What the client said, kept.

use pitaya_client_core::{CallError, CallId, Close, Closed, Event, Input, RoundTrip, State};
use pitaya_protocol::handshake::HandshakeResponse;

/// An event of the client, with its own copy of everything, and when it came.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Seen {
    State(State),
    Connect {
        attempt: u32,
        endpoint: Option<String>,
    },
    Disconnect(Closed),
    Kick(Vec<u8>),
    Response {
        call: CallId,
        error: bool,
        deflated: bool,
        body: Vec<u8>,
    },
    Sent(CallId),
    Failed(CallId, CallError),
    Push {
        route: String,
        deflated: bool,
        body: Vec<u8>,
    },
    Unmatched {
        id: u64,
        late: bool,
    },
    RoundTrip(RoundTrip),
}

/// The event's own copy, and the driver's reply where there must be one.
pub(crate) fn seen_of(event: Event<'_>) -> (Option<Seen>, Option<Input<'static>>) {
    let seen = match event {
        Event::Handshake(body) => {
            let response = HandshakeResponse::parse(body).expect("the server speaks JSON");
            let reply = match response.agreement() {
                Ok(agreement) => Input::Accept(agreement),
                Err(close) => Input::Refuse(close),
            };
            return (None, Some(reply));
        }
        Event::Kick(body) => {
            let reply = Input::Kicked(Close::parse_kick(body));
            return (Some(Seen::Kick(body.to_vec())), Some(reply));
        }
        Event::State(state) => Seen::State(state),
        Event::Connect { attempt, endpoint } => Seen::Connect {
            attempt,
            endpoint: endpoint.map(Into::into),
        },
        Event::Disconnect(closed) => Seen::Disconnect(closed),
        Event::Response {
            call,
            error,
            deflated,
            body,
        } => Seen::Response {
            call,
            error,
            deflated,
            body: body.to_vec(),
        },
        Event::Sent(call) => Seen::Sent(call),
        Event::Failed { call, error } => Seen::Failed(call, error),
        Event::Push {
            route,
            deflated,
            body,
        } => Seen::Push {
            route: route.to_owned(),
            deflated,
            body: body.to_vec(),
        },
        Event::Unmatched { id, late } => Seen::Unmatched { id, late },
        Event::RoundTrip(round_trip) => Seen::RoundTrip(round_trip),
        other => panic!("an event the tests do not know: {other:?}"),
    };
    (Some(seen), None)
}

/// The call that this event ends.
pub(crate) fn ended(seen: &Seen) -> Option<CallId> {
    match seen {
        Seen::Response { call, .. } | Seen::Sent(call) | Seen::Failed(call, _) => Some(*call),
        _ => None,
    }
}
