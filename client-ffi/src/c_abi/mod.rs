//! The C ABI, `include/pitaya_client.h`.
//!
//! One set of functions and one event for two kinds of client: `native_functions` brings sockets and TLS, with `host_functions` the caller
//! does. Whatever a foreign program hands over is checked or ends in a number; nothing of ours calls into it.

#[cfg(all(target_os = "android", feature = "native"))]
mod android;
mod call;
mod client;
mod event;
mod fault;
mod functions;
mod handles;
mod host;
mod host_functions;
mod inbox;
mod memory;
#[cfg(feature = "native")]
mod native;
#[cfg(feature = "native")]
mod native_functions;
mod numbers;
mod options;
mod outgoing;
#[cfg(feature = "native")]
mod watcher;

#[cfg(all(target_os = "android", feature = "native"))]
pub use android::pitaya_android_init;
pub use event::PitayaEvent;
pub use functions::*;
pub use host_functions::*;
pub use memory::{PitayaBuffer, PitayaBytes, pitaya_buffer_free};
#[cfg(feature = "native")]
pub use native_functions::*;
pub use numbers::*;
pub use options::{PitayaCall, PitayaOptions, pitaya_call_init, pitaya_options_init};
