//! A program of an engine, run by a test.

use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::sync::oneshot;

/// Long enough for a busy machine; a test only waits so long when it fails.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// What can be run, and how it is had.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Program {
    /// Its file, found by `PATH` or in a folder for system programs.
    pub(crate) name: &'static str,
    /// The command that installs it.
    pub(crate) install: &'static str,
    /// It says so when it can be used.
    pub(crate) ready: &'static str,
}

impl Program {
    fn path(self) -> PathBuf {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&folders)
            // Not everyone's PATH has the folders in which Debian puts servers.
            .chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from))
            .map(|folder| folder.join(self.name))
            .find(|path| path.is_file())
            .unwrap_or_else(|| panic!("there is no {}: {}", self.name, self.install))
    }
}

/// A running program. It is killed when this is dropped, also by a test that fails.
pub(crate) struct Process {
    child: Child,
    log: Log,
}

impl Process {
    /// Runs the program until it says that it is ready.
    ///
    /// # Errors
    ///
    /// What it said, when it ended before: another program may have taken its port.
    pub(crate) async fn start(
        program: Program,
        folder: &Path,
        arguments: &[String],
    ) -> Result<Self, String> {
        let mut child = Command::new(program.path())
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{} did not start: {error}", program.name));
        let log = Log::default();
        let output = child
            .stdout
            .take()
            .map(|pipe| log.keep(pipe, program.ready));
        let errors = child
            .stderr
            .take()
            .map(|pipe| log.keep(pipe, program.ready));
        let process = Self { child, log };
        let heard = async {
            // One pipe carries the line; the other closes without it when the program ends.
            let (output, errors) = (output.expect("piped"), errors.expect("piped"));
            tokio::select! {
                Ok(()) = output => true,
                Ok(()) = errors => true,
                else => false,
            }
        };
        match tokio::time::timeout(READY_WITHIN, heard).await {
            Ok(true) => Ok(process),
            Ok(false) => Err(process.log()),
            Err(_) => panic!("{} is not ready:\n{}", program.name, process.log()),
        }
    }

    /// All that it has said.
    pub(crate) fn log(&self) -> String {
        self.log.lines().join("\n")
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).expect("ids are small");
        kill(Pid::from_raw(id), signal).expect("our child takes signals");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // An error says that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process")
            .field("id", &self.child.id())
            .finish_non_exhaustive()
    }
}

/// Lines of both pipes. They are read all the time, or the program would stop at a full pipe.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn keep(&self, pipe: impl Read + Send + 'static, ready: &'static str) -> oneshot::Receiver<()> {
        let (tell, told) = oneshot::channel();
        let log = self.clone();
        thread::spawn(move || {
            let mut tell = Some(tell);
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                let is_ready = line.contains(ready);
                log.lines().push(line);
                if is_ready && let Some(tell) = tell.take() {
                    let _ = tell.send(());
                }
            }
        });
        told
    }

    fn lines(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A port that nothing listens on.
///
/// It lies below those that systems give to outgoing connections: an engine that is started again needs its port back.
pub(crate) fn free_port() -> u16 {
    (0..1_000)
        .map(|_| fastrand::u16(15_000..30_000))
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .expect("of a thousand ports one is free")
}
