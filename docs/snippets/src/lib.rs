//! The code of the book. A page shows what stands between `ANCHOR: name` and `ANCHOR_END: name`; the tests run it.

pub mod capabilities;
pub mod client;
pub mod closing;
pub mod cluster;
pub mod connection;
pub mod embedding;
pub mod handshake;
pub mod messages;
pub mod operations;
pub mod packets;
pub mod payloads;
pub mod rolling_restarts;
pub mod routes;
pub mod server;
pub mod traces;
