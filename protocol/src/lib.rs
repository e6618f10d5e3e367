//! The Pitaya wire: what the bytes between a game's clients and servers mean, and when they are due.
//!
//! Everything here is sans-IO: no socket, no clock, no task. Formats are plain functions over bytes; behaviour is [`Connection`], one state
//! machine that holds both sides of handshake, heartbeat and close. Drivers move its bytes and wait for its deadlines.
//!
//! ```text
//! bytes  ->  Framer  ->  Packet  ->  Message  ->  Route + payload (Encode, Decode)
//!            \______________ Connection ______________/
//! ```
//!
//! A game's shared contract needs nothing but this crate:
//!
//! ```
//! use pitaya_protocol::{Notify, Push, Request};
//! # struct Join; struct Joined; struct Line;
//! pub const JOIN: Request<Join, Joined> = Request::new("room.join");
//! pub const SAY: Notify<Line> = Notify::new("room.say");
//! pub const ON_LINE: Push<Line> = Push::new("onLine");
//! ```

mod capabilities;
mod close;
#[cfg(feature = "cluster")]
pub mod cluster;
pub mod compression;
pub mod connection;
mod dictionary;
mod error_payload;
mod framer;
pub mod handshake;
pub mod message;
pub mod packet;
#[cfg(all(feature = "json", feature = "protobuf"))]
mod proto;
mod route;
mod serializer;
mod time;
mod typed;

pub use capabilities::Capabilities;
pub use close::{Close, CloseCode, Closed, Fault, Origin};
pub use connection::Connection;
pub use dictionary::{Conflict, Dictionary, DictionaryBuilder, DictionaryError};
pub use error_payload::{ErrorPayload, codes};
pub use framer::{Framer, check_frame};
pub use message::{EncodeError, Message, MessageError, MessageKind, RouteRef};
pub use packet::{Packet, PacketError, PacketType};
pub use route::{MAX_ROUTE, Route, RouteError};
pub use serializer::{
    Both, Decode, DeserializeError, Encode, Json, Protobuf, Raw, SerializeError, Serializer,
    SerializerSet,
};
pub use time::{Span, Timestamp};
pub use typed::{Notify, Push, Remote, Request};
