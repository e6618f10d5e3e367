use std::{fs, io, path::PathBuf, time::Duration};

/// A process whose bill is read from `/proc`.
#[derive(Debug, Clone)]
pub struct Process {
    folder: PathBuf,
}

impl Process {
    /// The process with this id; whether it exists shows when it is read.
    #[must_use]
    pub fn by_id(pid: u32) -> Self {
        Self {
            folder: PathBuf::from(format!("/proc/{pid}")),
        }
    }

    /// The process that asks.
    #[must_use]
    pub fn own() -> Self {
        Self::by_id(std::process::id())
    }

    /// Processor time spent so far by the threads that are alive, user and system together.
    ///
    /// In nanoseconds from the scheduler's own account; where the kernel keeps none, in ticks of
    /// 10 ms, which is coarse for windows below some seconds.
    ///
    /// # Errors
    /// The process is gone or may not be read.
    pub fn cpu_time(&self) -> io::Result<Duration> {
        match self.scheduled() {
            Ok(time) => Ok(time),
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.ticked(),
            Err(error) => Err(error),
        }
    }

    fn scheduled(&self) -> io::Result<Duration> {
        let mut sum = Duration::ZERO;
        for task in fs::read_dir(self.folder.join("task"))? {
            let text = fs::read_to_string(task?.path().join("schedstat"))?;
            sum += parse_schedstat(&text).ok_or_else(|| unreadable("schedstat"))?;
        }
        Ok(sum)
    }

    fn ticked(&self) -> io::Result<Duration> {
        let text = fs::read_to_string(self.folder.join("stat"))?;
        parse_stat(&text).ok_or_else(|| unreadable("stat"))
    }

    /// Resident memory in bytes: anonymous and file pages together, as `VmRSS` has them.
    ///
    /// # Errors
    /// The process is gone or may not be read.
    pub fn resident(&self) -> io::Result<u64> {
        let text = fs::read_to_string(self.folder.join("status"))?;
        parse_resident(&text).ok_or_else(|| unreadable("status"))
    }
}

fn unreadable(file: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("{file} has an unknown form"),
    )
}

/// First field: nanoseconds on a processor.
fn parse_schedstat(text: &str) -> Option<Duration> {
    Some(Duration::from_nanos(
        text.split_ascii_whitespace().next()?.parse().ok()?,
    ))
}

/// Fields 14 and 15, counted after the command name, which may hold blanks and brackets.
fn parse_stat(text: &str) -> Option<Duration> {
    let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    // The tick seen by user space is 10 ms on every architecture that tokio's tier one names.
    Some(Duration::from_millis((user + system) * 10))
}

fn parse_resident(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proc_texts_are_read() {
        assert_eq!(
            parse_schedstat("28063995 15866998 86\n"),
            Some(Duration::from_nanos(28_063_995))
        );
        assert_eq!(parse_schedstat(""), None);
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194304 91 0 0 0 12 30 0 0 20 0 1 0 5 0 0";
        assert_eq!(parse_stat(stat), Some(Duration::from_millis(420)));
        assert_eq!(
            parse_resident("Name:\tx\nVmRSS:\t    2048 kB\n"),
            Some(2048 * 1024)
        );
        assert_eq!(parse_resident("Name:\tx\n"), None);
    }

    #[test]
    fn own_process_has_memory_and_has_spent_time() {
        let own = Process::own();
        assert!(own.resident().expect("own status") > 64 * 1024);
        // The kernel books a thread's time when it leaves the processor, which a young one has not done yet.
        let booked = (0..1_000_000).any(|_| {
            std::thread::yield_now();
            own.cpu_time().expect("own account") > Duration::ZERO
        });
        assert!(booked, "no time was booked");
    }

    #[test]
    fn absent_process_is_an_error() {
        assert!(Process::by_id(u32::MAX).cpu_time().is_err());
        assert!(Process::by_id(u32::MAX).resident().is_err());
    }
}
