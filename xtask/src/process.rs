//! Child processes: run one, watch its test results go by, or read what it says.

use std::{
    io::{BufRead as _, BufReader, Read, Write as _},
    os::unix::process::CommandExt as _,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use crate::screen;

/// What no command of a step takes, even from cold on two slow cores: whatever is still running then hangs.
const LONGEST: Duration = Duration::from_mins(25);
/// How long the output of a command that has ended is read on, for what is still in the pipe.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// What the test programs of a step reported, added up.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tests {
    pub(crate) programs: u64,
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) ignored: u64,
}

impl std::ops::AddAssign for Tests {
    fn add_assign(&mut self, other: Self) {
        self.programs += other.programs;
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

impl Tests {
    /// Adds a closing line of a test program; any other line is passed over.
    fn note(&mut self, line: &str) {
        let Some(counts) = line.strip_prefix("test result: ") else {
            return;
        };
        self.programs += 1;
        for part in counts.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let (Some(count), Some(what)) = (words.next(), words.next()) else {
                continue;
            };
            let Ok(count) = count.parse::<u64>() else {
                continue;
            };
            match what {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" => self.ignored += count,
                _ => {}
            }
        }
    }
}

/// Runs a command whose output goes to the screen; an exit code other than 0 is an error.
///
/// A command that does not end within [`LONGEST`] is ended with all that it started, and so is what a command leaves
/// behind that keeps its output open: a test that hangs has to say so, and the steps after it have to run.
///
/// Returns the test results that went by.
pub(crate) fn run(command: &mut Command) -> Result<Tests> {
    run_within(command, LONGEST, LAST_WORDS)
}

fn run_within(command: &mut Command, longest: Duration, last_words: Duration) -> Result<Tests> {
    screen::command(&text(command));
    // On a terminal, Ctrl-C has to reach what runs; elsewhere one group is what can be ended as a whole.
    let grouped = !screen::is_terminal();
    if grouped {
        command.process_group(0);
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{}`", text(command)))?;
    let output = child
        .stdout
        .take()
        .context("the child has a piped output")?;
    let (tell, told) = mpsc::channel();
    thread::spawn(move || tell.send(pass_on(output)));
    let deadline = Instant::now() + longest;
    let (mut status, mut until) = (None, deadline);
    let tests = loop {
        match told.recv_timeout(Duration::from_millis(100)) {
            Ok(tests) => break tests?,
            Err(RecvTimeoutError::Disconnected) => bail!("the output's reader ended"),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if status.is_none() {
            status = child.try_wait()?;
            if status.is_some() {
                until = Instant::now() + last_words;
            }
        }
        if Instant::now() >= until {
            end(&mut child, grouped);
            return Err(not_ended(command, status, longest));
        }
    };
    let status = match status {
        Some(status) => status,
        None => child.wait()?,
    };
    if !status.success() {
        bail!("`{}` ended with {status}", text(command));
    }
    Ok(tests)
}

/// Copies what a command prints to the screen until all who can print have ended.
fn pass_on(output: impl Read) -> Result<Tests> {
    let mut tests = Tests::default();
    let mut reader = BufReader::new(output);
    let mut line = Vec::new();
    // A test may print bytes that are no text: they are passed on as they are.
    while reader.read_until(b'\n', &mut line)? > 0 {
        tests.note(String::from_utf8_lossy(&line).trim_end());
        std::io::stdout().write_all(&line)?;
        line.clear();
    }
    Ok(tests)
}

fn not_ended(command: &Command, status: Option<ExitStatus>, longest: Duration) -> anyhow::Error {
    let text = text(command);
    match status {
        Some(status) => anyhow::anyhow!(
            "`{text}` ended with {status} and left a program running that keeps its output open"
        ),
        None => anyhow::anyhow!("`{text}` did not end within {}", screen::duration(longest)),
    }
}

/// Ends the command, and what it started where all of that is one group.
fn end(child: &mut Child, grouped: bool) {
    if grouped {
        let group = format!("-{}", child.id());
        // Without `kill` at least the command itself ends, below.
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// Runs a command quietly and returns its standard output.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .with_context(|| format!("cannot start `{}`", text(command)))?;
    if !output.status.success() {
        bail!(
            "`{}` ended with {}: {}",
            text(command),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program of this name answers to `--version`.
pub(crate) fn is_installed(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The command as one would type it; the program by its bare name.
fn text(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let mut words = vec![
        program
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
    ];
    words.extend(
        command
            .get_args()
            .map(|argument| argument.to_string_lossy().into_owned()),
    );
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_test_programs_are_added_up() {
        let mut tests = Tests::default();
        tests.note("running 3 tests");
        tests.note("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s");
        tests.note(
            "test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 7 filtered out",
        );
        assert_eq!(
            tests,
            Tests {
                programs: 2,
                passed: 13,
                failed: 2,
                ignored: 1
            }
        );
    }

    #[test]
    fn a_command_that_hangs_is_ended() {
        let error = run_within(
            Command::new("sleep").arg("60"),
            Duration::from_millis(50),
            LAST_WORDS,
        )
        .expect_err("must fail");
        assert_eq!(error.to_string(), "`sleep 60` did not end within 0.1 s");
    }

    #[test]
    fn a_program_that_is_left_behind_is_told() {
        let error = run_within(
            Command::new("sh").args(["-c", "sleep 60 &"]),
            LONGEST,
            Duration::from_millis(50),
        )
        .expect_err("must fail");
        assert_eq!(
            error.to_string(),
            "`sh -c sleep 60 &` ended with exit status: 0 and left a program running that keeps its output open"
        );
    }

    #[test]
    fn an_exit_code_other_than_zero_is_an_error() {
        let error = run(Command::new("cargo")
            .arg("--no-such-option")
            .stderr(Stdio::null()))
        .expect_err("must fail");
        assert!(
            error
                .to_string()
                .starts_with("`cargo --no-such-option` ended with"),
            "{error}"
        );
    }
}
