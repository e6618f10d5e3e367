//! The one tokio runtime of the process, which all native clients share.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

/// The runtime, started by whoever asks first. It has one thread of its own, enough to move the bytes of a game's clients, and lives as long as
/// the process: foreign programs have no moment at which nobody needs it any more.
///
/// # Panics
/// When the operating system has no thread left.
pub(crate) fn handle() -> &'static Handle {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let start = || {
        Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("pitaya")
            .enable_all()
            .build()
            .expect("the operating system gives a thread")
    };
    RUNTIME.get_or_init(start).handle()
}
