//! What every Pitaya client and server is measured against.
//!
//! * `vectors/*.json`: the bytes of the wire with their verdicts, readable from any language (see the README of this folder).
//! * [`mock`]: scripted peers, one misbehaviour each. They share no code with the crates they test: their packets are put
//!   together by hand, so that a mistake of ours cannot cancel itself out.
//! * [`sdk`]: the servers that the family's client SDKs are tested against, on [`pitaya_server`].
//! * `cluster` (feature of that name): the server that clusters of the family are tested with.
//! * The binary `pitaya-conformance-server` serves both kinds of fixtures to clients of any language.

#[cfg(feature = "cluster")]
pub mod cluster;
pub mod mock;
pub mod sdk;
