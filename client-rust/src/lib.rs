//! A Pitaya client for tokio.
//!
//! [`Client::builder`] takes a URL (`tcp://`, `tls://`, `ws://`, `wss://`) or several in order of preference and gives a [`Client`], a cheap
//! handle with four words: [`request`](Client::request) is answered, [`notify`](Client::notify) is not,
//! [`subscribe`](Client::subscribe) receives pushes, and [`state`](Client::state) tells where the connection stands. It comes back by
//! itself after a loss, never after a kick or a refusal.
//!
//! ```no_run
//! use pitaya_client::{Client, Request};
//!
//! const ECHO: Request<String, String> = Request::new("echo.say");
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::builder("tcp://127.0.0.1:3260").connect().await?;
//! println!("{}", client.request(ECHO, &"hello".to_owned()).await?);
//! client.close().await;
//! # Ok(()) }
//! ```
//!
//! What a client decides (deadlines, queues, reconnection) is `pitaya_client_core`, which also runs without tokio: the example `game_loop`
//! drives it once per frame.

mod buffer;
mod builder;
mod call;
mod client;
mod clock;
mod driver;
mod endpoint;
mod error;
mod events;
mod notify;
mod request;
mod shared;
mod state;
mod subscription;
mod transport;
mod user;

pub use builder::Builder;
pub use client::Client;
pub use endpoint::{Endpoint, EndpointError, EndpointProblem, IntoEndpoints, Scheme};
pub use error::{ConnectError, NotifyError, RequestError};
pub use events::{Event, Events};
pub use notify::{NotifyCall, NotifyFuture};
pub use pitaya_client_core::{
    Backoff, Close, CloseCode, Closed, Ended, Origin, QueueLimits, RoundTrip, RoundTripSource,
};
pub use pitaya_protocol::{
    Both, Capabilities, Decode, Encode, ErrorPayload, Json, Notify, Protobuf, Push, Raw, Request,
    Serializer, SerializerSet,
};
pub use request::{RequestCall, RequestFuture};
pub use state::State;
pub use subscription::{PushError, Subscription};
pub use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
pub use transport::{Pin, PinError, Tls, TlsError, TlsFailure, TransportError, Unreachable};
