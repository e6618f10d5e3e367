//! Child processes: run one, watch its test results go by, or read what it says.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

use crate::screen;

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
/// Returns the test results that went by.
pub(crate) fn run(command: &mut Command) -> Result<Tests> {
    screen::command(&text(command));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{}`", text(command)))?;
    let output = child
        .stdout
        .take()
        .context("the child has a piped output")?;
    let mut tests = Tests::default();
    let mut reader = BufReader::new(output);
    let mut line = Vec::new();
    // A test may print bytes that are no text: they are passed on as they are.
    while reader.read_until(b'\n', &mut line)? > 0 {
        tests.note(String::from_utf8_lossy(&line).trim_end());
        std::io::stdout().write_all(&line)?;
        line.clear();
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`{}` ended with {status}", text(command));
    }
    Ok(tests)
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
