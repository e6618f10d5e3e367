//! Servers of this suite and of Go Pitaya in one cluster, over a real NATS and a real etcd.
//!
//! `cargo xtask interop` builds the Go peers and says where they are; `PITAYA_GO_PEERS` names that folder to these tests.

mod go_backend;
mod go_frontend;
mod peer;
#[path = "../cluster/support/mod.rs"]
mod support;
