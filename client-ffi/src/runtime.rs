//! The one tokio runtime of the process, which all native clients share.

use std::future::pending;
use std::sync::OnceLock;
use std::thread;

#[cfg(unix)]
use nix::sys::signal::{SigSet, Signal};
use tokio::runtime::{Builder, Handle};

/// The runtime, started by whoever asks first. It has one thread of its own, enough to move the bytes of a game's clients, and lives as long as
/// the process: foreign programs have no moment at which nobody needs it any more.
///
/// # Panics
/// When the operating system has no thread left.
pub(crate) fn handle() -> &'static Handle {
    static RUNTIME: OnceLock<Handle> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("the operating system gives what a runtime waits with");
        let handle = runtime.handle().clone();
        thread::Builder::new()
            .name("pitaya".to_owned())
            .spawn(move || {
                #[cfg(unix)]
                endure_broken_pipes();
                runtime.block_on(pending::<()>())
            })
            .expect("the operating system gives a thread");
        handle
    })
}

/// Keeps the signal from this thread that a write to a connection raises which the server has reset. It ends programs, unless they ignore it as
/// those in Rust do; the write fails as well, and that is enough.
#[cfg(unix)]
fn endure_broken_pipes() {
    let mut broken_pipes = SigSet::empty();
    broken_pipes.add(Signal::SIGPIPE);
    let blocked = broken_pipes.thread_block();
    // The name of the error is not worth the table of all their names.
    assert!(blocked.is_ok(), "a thread may block a signal that there is");
}
