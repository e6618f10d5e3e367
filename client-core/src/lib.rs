//! What a Pitaya client does: requests and their deadlines, pushes, queues, reconnection. Sans-IO.
//!
//! [`Client`] is one state machine over [`pitaya_protocol::Connection`]. It opens no socket, reads no clock, parses no JSON and inflates
//! nothing: a driver does that and says what happened. One driver serves tokio, another the browser, a third a game loop.
//!
//! # Driving it
//!
//! Hand in what happens with [`Client::handle_input`], then call [`Client::poll_output`] until it says [`Output::Wait`], then wait for
//! bytes, a command or that time. What an event asks for:
//!
//! | event | the driver |
//! | --- | --- |
//! | [`Event::Connect`] | opens a transport, then says [`Input::Connected`] with the handshake body, or [`Input::ConnectFailed`] |
//! | [`Event::Disconnect`] | writes what is left, then drops the transport or the attempt to open one |
//! | [`Event::Handshake`] | inflates and parses the body, then says [`Input::Accept`] or [`Input::Refuse`] |
//! | [`Event::Kick`] | parses the body, then says [`Input::Kicked`] |
//! | [`Event::Response`], [`Event::Failed`], [`Event::Sent`] | ends that call; every call ends exactly once |
//!
//! ```
//! use pitaya_client_core::{CallId, Client, Config, Event, Input, Offline, Output, Timestamp};
//!
//! let mut client = Client::new(Config::new(42));
//! let now = Timestamp::from_millis(0);
//! client.handle_input(now, Input::Connect)?;
//! while let Output::Event(event) = client.poll_output() {
//!     if let Event::Connect { attempt, .. } = event {
//!         assert_eq!(attempt, 0); // open a transport
//!     }
//! }
//! // Not connected yet: this request does not want to wait.
//! let (call, route, body) = (CallId(1), "room.join", b"{}".as_slice());
//! client.handle_input(now, Input::Request { call, route, body, timeout: None, offline: Offline::Fail })?;
//! assert!(matches!(client.poll_output(), Output::Event(Event::Failed { call: CallId(1), .. })));
//! # Ok::<(), pitaya_client_core::Misuse>(())
//! ```

mod call;
mod client;
mod config;
mod core;
mod fifo;
mod input;
mod output;
mod pending;
mod probe;
mod reconnect;
mod rtt;
mod state;

pub use call::{CallError, CallId, Offline, QueueLimits};
pub use client::Client;
pub use config::{Backoff, Config};
pub use input::{Input, Misuse};
pub use output::{Event, Output};
pub use pitaya_protocol::connection::{Lane, Transmit};
pub use pitaya_protocol::handshake::Agreement;
pub use pitaya_protocol::{Close, CloseCode, Closed, Origin, Span, Timestamp};
pub use rtt::{RoundTrip, RoundTripSource};
pub use state::{Ended, State};
