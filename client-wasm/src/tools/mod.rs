//! What tests and tools need of the wire and a page does not: built into a module of its own, `tools.js` and `tools_bg.wasm`.
//!
//! | exported | for |
//! | --- | --- |
//! | [`Terms`], [`Peer`], [`PeerHost`] | the server's side of one connection: the in-memory server of `pitaya-client/testing` |
//! | [`describe`] | a WebSocket message as readable packets, JSON text: `client.trace` |
//! | [`evaluate`] | the codecs, by the formats of `conformance/vectors`, JSON text in and out |
//! | [`Transcript`] | one side of a connection, step by step, in the notation of `conformance/vectors/transcripts` |
//!
//! Bytes inside JSON text are hex digits. [`evaluate`] and [`Transcript`] throw a text when they are given what the vectors' description
//! does not have; what a peer could have done wrong is never thrown but part of the outcome.

mod codecs;
mod handshakes;
mod notation;
mod peer;
mod peer_host;
mod terms;
mod trace;
mod transcript;
mod vectors;

pub use peer::Peer;
pub use peer_host::PeerHost;
pub use terms::Terms;
pub use trace::describe;
pub use transcript::Transcript;
pub use vectors::evaluate;
