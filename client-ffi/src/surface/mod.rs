//! The uniffi surface: what Kotlin, Swift and Python call.
//!
//! It is small on purpose: objects, functions and records without methods. Bodies are bytes, times are milliseconds, and whatever happens
//! is pulled with an async `next`, so that no thread of ours calls into an application. Each language wraps it in what its users expect; the
//! wrapping adds codecs and idioms, no behaviour.

#![expect(
    clippy::result_large_err,
    reason = "an error is written out for the other language right away"
)]

mod call;
mod cancel;
mod client;
mod close;
mod error;
mod events;
mod log;
mod options;
mod state;
mod subscription;
#[cfg(test)]
mod tests;
mod user;

pub use call::{CallOptions, Offline};
pub use cancel::CancelHandle;
pub use client::{Client, connect};
pub use close::{CloseReason, Origin};
pub use error::{EndpointFailure, Failure, FailureKind, PitayaError, ServerFailure};
pub use events::{Event, Events};
pub use log::{LogLevel, LogLine, Logs, open_logs};
pub use options::{ConnectOptions, Header, ReconnectOptions, Serializer, TlsOptions};
pub use state::{RoundTrip, RoundTripSource, State};
pub use subscription::{Push, Subscription};
pub use user::{UserQuestion, UserQuestions};
