//! The browser's driver: [`Machine`] is `pitaya-client-core` behind wasm-bindgen, and [`Host`] is what the page's side does for it.
//!
//! The page's side, the TypeScript in `npm/`, opens sockets, tells what happens to them and to the page, keeps the clock, and parses and
//! inflates bodies with what the browser has. Everything that is a rule is in the core. Each method of [`Machine`] takes the time, hands
//! on what comes of it to the [`Host`], and returns when it wants to hear of the time again.
//!
//! ```text
//! page  ── connect(now) ──▶ Machine ── Host.connect ──▶ page: new WebSocket
//! page  ── connected(now, socket, handshake) ──▶ Machine ── socket.send ──▶ server
//! socket ── frame(now, bytes) ──▶ Machine ── Host.handshake ──▶ page: JSON.parse ── accept(now, ..) ──▶ Machine
//! ```

#[cfg(target_family = "wasm")]
mod allocator;
mod host;
mod machine;
mod order;
mod outcome;
mod socket;
#[cfg(feature = "tools")]
pub mod tools;

pub use host::Host;
pub use machine::Machine;
