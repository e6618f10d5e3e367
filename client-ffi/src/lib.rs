//! The native library of the Pitaya client.
//!
//! | who calls | through | sockets, TLS and clock |
//! | --- | --- | --- |
//! | C, C++, C# | the C ABI, `pitaya_connect` | this library's |
//! | consoles, WebGL, engines with a network of their own | the C ABI, `pitaya_host_*` | the caller's; no thread, no runtime |
//! | Kotlin, Swift, Python | [`surface`], by uniffi | this library's |
//!
//! All of them stand on the same machine, `pitaya_client_core`, so that they behave the same. Without the feature `native` the library is the C
//! ABI for callers that own their sockets, and nothing else.

pub mod c_abi;
#[cfg(feature = "native")]
mod runtime;
#[cfg(feature = "native")]
pub mod surface;

#[cfg(feature = "native")]
uniffi::setup_scaffolding!("pitaya");
