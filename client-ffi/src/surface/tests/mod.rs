//! The uniffi surface as Rust sees it: what no language can see from its side.

mod cancelling;
mod logs;
mod many_clients;
mod questions;
mod streams;
mod support;
