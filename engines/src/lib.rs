//! The engines of a cluster, `nats-server` and `etcd`, as children of a test, a trial or a demo.
//!
//! Each runs on ports of its own and in a folder of its own. It is killed when its handle is dropped, it can be stopped
//! and started again with its data on the same port, and it takes signals.

mod etcd;
mod nats;
mod port;
mod process;

pub use etcd::Etcd;
pub use nats::Nats;
pub use nix::sys::signal::Signal;
pub use port::free_port;
pub use process::{Process, Program};

/// Why an engine does not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// Its program is not on this machine.
    #[error("there is no {program}; to install it: {install}")]
    NotInstalled {
        /// The program.
        program: &'static str,
        /// The command that installs it.
        install: &'static str,
    },
    /// The system did not start it, or gives no folder for its data.
    #[error("{program} did not start: {cause}")]
    NotStarted {
        /// The program.
        program: &'static str,
        /// What the system said.
        cause: std::io::Error,
    },
    /// It ended before it was ready. Another program may have taken its port.
    #[error("{program} ended before it was ready:\n{log}")]
    Ended {
        /// The program.
        program: &'static str,
        /// All that it said.
        log: String,
    },
    /// It said nothing of being ready for half a minute.
    #[error("{program} is not ready after 30 s:\n{log}")]
    NotReady {
        /// The program.
        program: &'static str,
        /// All that it said.
        log: String,
    },
}

impl EngineError {
    /// Whether another program took the port between the look and the start.
    fn port_is_taken(&self) -> bool {
        matches!(self, Self::Ended { log, .. } if log.contains("address already in use"))
    }
}
