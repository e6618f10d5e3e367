//! The browser's driver: [`orders`] of the page go to `pitaya-client-core`, and [`Host`] is what the page's side does for it.
//!
//! The page's side, the TypeScript in `npm/`, opens sockets, tells what happens to them and to the page, keeps the clock, and parses and
//! inflates bodies with what the browser has. Everything that is a rule is in the core. Each order names the client and takes the time, hands
//! on what comes of it to the [`Host`], and returns when the client wants to hear of the time again.
//!
//! ```text
//! page  ── signal(client, now, CONNECT) ──▶ core ── Host.connect ──▶ page: new WebSocket
//! page  ── connected(client, now, socket, handshake) ──▶ core ── socket.send ──▶ server
//! socket ── frame(client, now, bytes) ──▶ core ── Host.handshake ──▶ page: JSON.parse ── accept(client, now, ..) ──▶ core
//! ```
//!
//! Orders are few and functions, not methods of a class: what wasm-bindgen writes around each is a good part of what a page downloads.

#[cfg(target_family = "wasm")]
mod allocator;
mod convert;
mod host;
mod machine;
mod order;
mod socket;
#[cfg(feature = "tools")]
pub mod tools;

pub use host::Host;

/// What a page tells its clients.
pub mod orders {
    pub use crate::order::{
        accept, call, cancel, connected, end, frame, free, open, route, rtt, signal,
    };
}
