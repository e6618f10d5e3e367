//! What the runner prints itself: coloured on a terminal, plain anywhere else.

use std::{
    io::IsTerminal as _,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use anstream::{eprintln, println};
use anstyle::{AnsiColor, Style};

const HEADING: Style = AnsiColor::Cyan.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();
const QUIET: Style = AnsiColor::BrightBlack.on_default();

/// Whether somebody watches who can press Ctrl-C.
pub(crate) fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Whether standard output belongs to figures that a program reads.
static OUTPUT_IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// From now on the runner prints to standard error.
pub(crate) fn leave_output() {
    OUTPUT_IS_TAKEN.store(true, Ordering::Relaxed);
}

fn line(text: &str) {
    if OUTPUT_IS_TAKEN.load(Ordering::Relaxed) {
        eprintln!("{text}");
    } else {
        println!("{text}");
    }
}

/// Announces a step.
pub(crate) fn step(number: usize, of: usize, name: &str) {
    line(&format!("{HEADING}[{number}/{of}] {name}{HEADING:#}"));
}

/// Shows the command that is about to run.
pub(crate) fn command(text: &str) {
    line(&format!("{QUIET}$ {text}{QUIET:#}"));
}

pub(crate) fn note(text: &str) {
    line(text);
}

pub(crate) fn passed(word: &str, rest: &str) {
    line(&format!("{GOOD}{word}{GOOD:#}{rest}"));
}

pub(crate) fn warning(text: &str) {
    line(&format!("{DOUBTFUL}warning:{DOUBTFUL:#} {text}"));
}

pub(crate) fn skipped(word: &str, rest: &str) {
    line(&format!("{DOUBTFUL}{word}{DOUBTFUL:#}{rest}"));
}

pub(crate) fn failed(word: &str, rest: &str) {
    line(&format!("{BAD}{word}{BAD:#}{rest}"));
}

/// The end of a run that could not be carried out.
pub(crate) fn failure(text: &str) {
    eprintln!("{BAD}error:{BAD:#} {text}");
}

/// `4.2 s` or `3 min 07 s`.
pub(crate) fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

/// `12,345`.
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(thousands(7), "7");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(16_777_215), "16,777,215");
    }

    #[test]
    fn long_times_have_minutes() {
        assert_eq!(duration(Duration::from_millis(4_240)), "4.2 s");
        assert_eq!(duration(Duration::from_secs(187)), "3 min 07 s");
    }
}
