//! The scenarios of `conformance/scenarios.md`: one test each, of the same name with `_` for `-`.

mod connecting;
mod handshakes;
mod leaving;
mod pushes;
mod queues;
mod requests;
mod returning;
mod support;
mod table;
