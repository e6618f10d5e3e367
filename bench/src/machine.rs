use std::io;

use rustix::{
    process::{Resource, Rlimit, getrlimit, setrlimit},
    thread::{CpuSet, sched_getaffinity, sched_setaffinity},
};

/// Which cores the two sides of a measurement run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    /// The server's core.
    pub server: usize,
    /// The driver's core; the server's own where there is only one.
    pub driver: usize,
}

impl Placement {
    /// The first and the last of the cores that this process may use.
    ///
    /// # Errors
    /// The kernel does not tell.
    pub fn of_this_machine() -> io::Result<Self> {
        let allowed = sched_getaffinity(None)?;
        let mut cores = (0..CpuSet::MAX_CPU).filter(|&core| allowed.is_set(core));
        let server = cores
            .next()
            .ok_or_else(|| io::Error::other("no core may be used"))?;
        Ok(Self {
            server,
            driver: cores.next_back().unwrap_or(server),
        })
    }

    /// Whether the two sides have a core each.
    #[must_use]
    pub fn apart(self) -> bool {
        self.server != self.driver
    }
}

/// Keeps the calling thread, and threads it starts from now on, on one core.
///
/// # Errors
/// There is no such core, or it may not be used.
pub fn pin(core: usize) -> io::Result<()> {
    let mut set = CpuSet::new();
    if core >= CpuSet::MAX_CPU {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "no such core"));
    }
    set.set(core);
    Ok(sched_setaffinity(None, &set)?)
}

/// Why a process cannot have the number of open files it needs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenFilesError {
    /// The hard limit is lower, and only the system can raise it.
    #[error("{needed} open files are needed and the hard limit is {hard}")]
    HardLimit {
        /// Files needed.
        needed: u64,
        /// Files allowed.
        hard: u64,
    },
    /// The kernel refused.
    #[error("the limit of open files could not be raised")]
    Refused(#[source] io::Error),
}

/// Raises the soft limit of open files to at least `needed`; children inherit it.
///
/// # Errors
/// See [`OpenFilesError`].
pub fn open_files(needed: u64) -> Result<(), OpenFilesError> {
    let now = getrlimit(Resource::Nofile);
    if now.current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    if let Some(hard) = now.maximum.filter(|&hard| hard < needed) {
        return Err(OpenFilesError::HardLimit { needed, hard });
    }
    let raised = Rlimit {
        current: Some(needed),
        maximum: now.maximum,
    };
    setrlimit(Resource::Nofile, raised).map_err(|errno| OpenFilesError::Refused(errno.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placement_names_cores_that_can_be_pinned() {
        let placement = Placement::of_this_machine().expect("affinity");
        std::thread::spawn(move || pin(placement.driver).expect("an allowed core"))
            .join()
            .expect("the thread ends");
        assert!(pin(usize::MAX).is_err());
    }

    #[test]
    fn more_files_than_the_hard_limit_is_said_with_both_numbers() {
        let Some(hard) = getrlimit(Resource::Nofile).maximum else {
            return;
        };
        let error = open_files(hard + 1).expect_err("beyond the limit");
        assert!(error.to_string().contains(&hard.to_string()), "{error}");
    }
}
