//! What was asked, and what was measured.

use std::fmt;
use std::time::Duration;

/// How much later things may be at small scale: such a trial shares its machine with others.
const BUSY: Duration = Duration::from_secs(2);

/// The lines of a trial.
#[derive(Debug)]
pub(crate) struct Report {
    title: String,
    full: bool,
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    what: String,
    stated: String,
    measured: String,
    /// `None` for what is only told.
    holds: Option<bool>,
}

impl Report {
    pub(crate) const fn new(title: String, full: bool) -> Self {
        Self {
            title,
            full,
            lines: Vec::new(),
        }
    }

    /// A line that has to hold at every scale.
    pub(crate) fn states(
        &mut self,
        what: &str,
        stated: impl fmt::Display,
        measured: impl fmt::Display,
        holds: bool,
    ) {
        self.add(what, stated, measured, Some(holds));
    }

    /// A count that has to be zero.
    pub(crate) fn none<T: fmt::Debug>(&mut self, what: &str, found: &[T]) {
        let measured = match found.first() {
            None => "0".to_owned(),
            Some(first) => format!("{}, the first: {first:?}", found.len()),
        };
        self.states(what, 0, measured, found.is_empty());
    }

    /// A count that must not exceed a limit.
    pub(crate) fn at_most(&mut self, what: &str, limit: usize, measured: usize) {
        self.states(what, format!("<= {limit}"), measured, measured <= limit);
    }

    /// A time that must not exceed a limit; at small scale two seconds more.
    pub(crate) fn within(&mut self, what: &str, limit: Duration, measured: Option<Duration>) {
        let allowed = if self.full { limit } else { limit + BUSY };
        let holds = measured.is_some_and(|measured| measured <= allowed);
        let stated = if self.full {
            format!("<= {}", Millis(limit))
        } else {
            format!("<= {} (here {})", Millis(limit), Millis(allowed))
        };
        let measured = measured.map_or_else(
            || "never".to_owned(),
            |measured| Millis(measured).to_string(),
        );
        self.states(what, stated, measured, holds);
    }

    /// A line without a limit.
    pub(crate) fn tells(&mut self, what: &str, measured: impl fmt::Display) {
        self.add(what, "-", measured, None);
    }

    fn add(
        &mut self,
        what: &str,
        stated: impl fmt::Display,
        measured: impl fmt::Display,
        holds: Option<bool>,
    ) {
        self.lines.push(Line {
            what: what.to_owned(),
            stated: stated.to_string(),
            measured: measured.to_string(),
            holds,
        });
    }

    /// Whether no stated line is violated.
    pub(crate) fn holds(&self) -> bool {
        self.lines.iter().all(|line| line.holds != Some(false))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widest = |text: fn(&Line) -> &str| {
            let lengths = self.lines.iter().map(|line| text(line).chars().count());
            lengths.max().unwrap_or_default().max(8)
        };
        let (what, stated) = (widest(|line| &line.what), widest(|line| &line.stated));
        writeln!(f, "{}", self.title)?;
        writeln!(f, "         {:what$}  {:stated$}  measured", "", "stated")?;
        for line in &self.lines {
            let verdict = match line.holds {
                None => "",
                Some(true) => "holds",
                Some(false) => "VIOLATED",
            };
            writeln!(
                f,
                "{verdict:8} {:what$}  {:stated$}  {}",
                line.what, line.stated, line.measured
            )?;
        }
        Ok(())
    }
}

/// A duration in milliseconds.
struct Millis(Duration);

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_secs_f64() * 1_000.0;
        if millis < 100.0 {
            write!(f, "{millis:.1} ms")
        } else {
            write!(f, "{millis:.0} ms")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_violated_line_is_a_violated_report() {
        let mut report = Report::new("a trial".to_owned(), true);
        report.none::<u8>("disconnects", &[]);
        report.at_most("errors", 3, 3);
        report.tells("requests", 100);
        assert!(report.holds());
        report.at_most("errors", 3, 4);
        assert!(!report.holds());
        assert!(report.to_string().contains("VIOLATED errors"), "{report}");
    }

    #[test]
    fn small_trials_may_be_slower() {
        let slow = |full| {
            let mut report = Report::new("a trial".to_owned(), full);
            let limit = Duration::from_millis(50);
            report.within("answers", limit, Some(Duration::from_millis(1_900)));
            report.holds()
        };
        assert!(slow(false));
        assert!(!slow(true));
    }

    #[test]
    fn what_never_happened_did_not_happen_in_time() {
        let mut report = Report::new("a trial".to_owned(), false);
        report.within("back", Duration::from_secs(1), None);
        assert!(!report.holds());
    }
}
