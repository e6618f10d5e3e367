//! A program that runs as a child until its handle is dropped.

use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::sync::oneshot;

use crate::EngineError;

/// Long enough for a busy machine; a test only waits so long when it fails.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// What can be run, and how it is had.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// Its file, found by `PATH` or in a folder for system programs.
    pub name: &'static str,
    /// The command that installs it.
    pub install: &'static str,
    /// It says so when it can be used.
    pub ready: &'static str,
}

impl Program {
    fn path(self) -> Result<PathBuf, EngineError> {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&folders)
            // Not everyone's PATH has the folders in which Debian puts servers.
            .chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from))
            .map(|folder| folder.join(self.name))
            .find(|path| path.is_file())
            .ok_or(EngineError::NotInstalled {
                program: self.name,
                install: self.install,
            })
    }
}

/// A running program. It is killed when this is dropped, also by a test that fails.
pub struct Process {
    child: Child,
    log: Log,
}

impl Process {
    /// Runs the program until it says that it is ready.
    ///
    /// # Errors
    ///
    /// [`EngineError`] when it is not there, ended before, or said nothing for half a minute.
    pub async fn start(
        program: Program,
        folder: &Path,
        arguments: &[String],
    ) -> Result<Self, EngineError> {
        let mut child = Command::new(program.path()?)
            .args(arguments)
            .current_dir(folder)
            // A program that ends with its input runs as long as this handle, or as this process.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|cause| EngineError::NotStarted {
                program: program.name,
                cause,
            })?;
        let log = Log::default();
        let output = child.stdout.take();
        let output = output.map(|pipe| log.keep(pipe, program.ready));
        let errors = child.stderr.take();
        let errors = errors.map(|pipe| log.keep(pipe, program.ready));
        let process = Self { child, log };
        // One pipe carries the line; the other closes without it when the program ends.
        let heard = async {
            tokio::select! {
                true = said(output) => true,
                true = said(errors) => true,
                else => false,
            }
        };
        match tokio::time::timeout(READY_WITHIN, heard).await {
            Ok(true) => Ok(process),
            Ok(false) => Err(EngineError::Ended {
                program: program.name,
                log: process.log(),
            }),
            Err(_) => Err(EngineError::NotReady {
                program: program.name,
                log: process.log(),
            }),
        }
    }

    /// All that it has said.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.lines().join("\n")
    }

    /// Its id, to measure it by.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        if let Ok(id) = i32::try_from(self.child.id()) {
            // Until it is waited for, which is in `drop`, the id is that of our child.
            let _ = kill(Pid::from_raw(id), signal);
        }
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

async fn said(ready: Option<oneshot::Receiver<()>>) -> bool {
    match ready {
        Some(ready) => ready.await.is_ok(),
        None => false,
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
