//! The connection of both sides, each the other's test, under virtual time.
#![cfg(feature = "json")]

mod close;
mod dictionary;
mod handshake;
mod heartbeat;
mod limits;
mod operations;
mod properties;
mod splitting;
mod support;
