use std::{
    io::{self, BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use crate::Process;

/// What a server prints on its first line, in front of its address.
pub const LISTENING: &str = "listening on ";

const PATIENCE: Duration = Duration::from_secs(20);

/// A server in a process of its own, killed when this is dropped.
///
/// Its standard input stays open as long as this lives: a server that stops at the end of its
/// input also goes when the measuring process is killed.
#[derive(Debug)]
pub struct ServerProcess {
    child: Child,
    address: SocketAddr,
}

/// Why a server process did not come up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The program could not be run.
    #[error("the server process could not be started")]
    Spawn(#[source] io::Error),
    /// It ended, or said something else first; what it said is given.
    #[error("the server process did not say where it listens but {0:?}")]
    Silent(String),
    /// It said nothing in time, which is twenty seconds for most.
    #[error("the server process took too long to start")]
    TimedOut,
}

impl ServerProcess {
    /// Starts `command` and waits for the line that starts with [`LISTENING`].
    ///
    /// # Errors
    /// See [`StartError`]; the process does not survive an error.
    pub fn start(command: &mut Command) -> Result<Self, StartError> {
        Self::start_within(command, PATIENCE)
    }

    /// The same, for one that has much to do before it says where it listens.
    ///
    /// # Errors
    /// See [`StartError`]; the process does not survive an error.
    pub fn start_within(command: &mut Command, patience: Duration) -> Result<Self, StartError> {
        Self::begin(command, patience, |line| {
            line.strip_prefix(LISTENING)
                .and_then(|address| address.parse().ok())
        })
    }

    /// Starts `command` and waits for its first line, in which `address` finds where it listens.
    ///
    /// # Errors
    /// See [`StartError`]; the process does not survive an error.
    pub fn start_with(
        command: &mut Command,
        address: impl FnOnce(&str) -> Option<SocketAddr>,
    ) -> Result<Self, StartError> {
        Self::begin(command, PATIENCE, address)
    }

    fn begin(
        command: &mut Command,
        patience: Duration,
        address: impl FnOnce(&str) -> Option<SocketAddr>,
    ) -> Result<Self, StartError> {
        let child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(StartError::Spawn)?;
        // From here on dropping kills the process.
        let mut server = Self {
            child,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        let output = server.child.stdout.take().expect("the output is piped");
        let (line_to, line_from) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            // An unreadable line is reported as the part that could be read.
            let _ = BufReader::new(output).read_line(&mut line);
            let _ = line_to.send(line);
        });
        let line = line_from
            .recv_timeout(patience)
            .map_err(|_| StartError::TimedOut)?;
        server.address = address(line.trim_end()).ok_or(StartError::Silent(line))?;
        Ok(server)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its bill.
    #[must_use]
    pub fn process(&self) -> Process {
        Process::by_id(self.child.id())
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // Both fail only for a process that has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Result<ServerProcess, StartError> {
        ServerProcess::start(Command::new("sh").args(["-c", script]))
    }

    #[test]
    fn server_that_ends_or_says_something_else_is_an_error() {
        assert!(matches!(shell("exit 3"), Err(StartError::Silent(line)) if line.is_empty()));
        assert!(
            matches!(shell("echo hello; cat"), Err(StartError::Silent(line)) if line == "hello\n")
        );
    }

    #[test]
    fn dropping_ends_the_process() {
        let server = shell("echo listening on 127.0.0.1:9; exec cat").expect("the line is right");
        assert_eq!(server.address().port(), 9);
        let process = server.process();
        process.resident().expect("it runs");
        drop(server);
        process.resident().expect_err("it is gone");
    }
}
