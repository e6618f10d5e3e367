//! Runs named steps one after another and says at the end what ran, what did not, and why.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::{
    need::{Missing, Need},
    process::Tests,
    screen,
    workspace::Workspace,
};

/// One named thing to check.
pub(crate) struct Step {
    /// What the step is called in the table.
    pub(crate) name: &'static str,
    /// What has to be on the machine beside Rust and a C compiler.
    pub(crate) needs: &'static [Need],
    /// Does the work; an error is a failed step.
    pub(crate) work: fn(&Workspace) -> Result<Tests>,
}

/// How to treat a step whose need is not met.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// Install what is missing.
    pub(crate) install: bool,
    /// A skipped step fails the run.
    pub(crate) strict: bool,
}

enum Outcome {
    Passed,
    Failed(String),
    Skipped(Vec<Missing>),
}

struct Line {
    name: &'static str,
    outcome: Outcome,
    time: Duration,
}

/// Runs all steps, prints the table, and tells whether everything is in order.
pub(crate) fn run(workspace: &Workspace, steps: &[Step], options: Options) -> bool {
    let mut lines = Vec::new();
    let mut tests = Tests::default();
    for (index, step) in steps.iter().enumerate() {
        screen::step(index + 1, steps.len(), step.name);
        let start = Instant::now();
        let outcome = perform(workspace, step, options, &mut tests);
        match &outcome {
            // At once and not only in the table: a run that is cut off has none.
            Outcome::Passed => screen::passed("passed: ", &screen::duration(start.elapsed())),
            Outcome::Failed(reason) => screen::failed("failed: ", reason),
            Outcome::Skipped(missing) => screen::skipped("skipped: ", &reasons(missing)),
        }
        lines.push(Line {
            name: step.name,
            outcome,
            time: start.elapsed(),
        });
    }
    report(&lines, tests, options)
}

fn perform(workspace: &Workspace, step: &Step, options: Options, tests: &mut Tests) -> Outcome {
    if options.install {
        for need in step.needs {
            if need.missing().is_some() {
                need.install(workspace);
            }
        }
    }
    // What counts is whether it is there now, not what an installer said.
    let missing: Vec<_> = step
        .needs
        .iter()
        .copied()
        .filter_map(Need::missing)
        .collect();
    if !missing.is_empty() {
        return Outcome::Skipped(missing);
    }
    match (step.work)(workspace) {
        Ok(counted) => {
            *tests += counted;
            Outcome::Passed
        }
        Err(error) => Outcome::Failed(format!("{error:#}")),
    }
}

fn report(lines: &[Line], tests: Tests, options: Options) -> bool {
    let width = lines.iter().map(|line| line.name.len()).max().unwrap_or(0);
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    screen::note("");
    for line in lines {
        let name = format!("  {:width$}  ", line.name);
        match &line.outcome {
            Outcome::Passed => {
                passed += 1;
                screen::passed("passed ", &format!("{name}{}", screen::duration(line.time)));
            }
            Outcome::Failed(reason) => {
                failed += 1;
                screen::failed("failed ", &format!("{name}{}", first_line(reason)));
            }
            Outcome::Skipped(missing) => {
                skipped += 1;
                screen::skipped("skipped", &format!("{name}{}", reasons(missing)));
            }
        }
    }
    screen::note("");
    if tests.programs > 0 {
        let word = if tests.failed == 0 { "ok" } else { "FAILED" };
        screen::note(&format!(
            "test result: {word}. {} passed; {} failed; {} ignored; in {} test programs",
            tests.passed, tests.failed, tests.ignored, tests.programs
        ));
    }
    if skipped > 0 && options.strict {
        screen::note(&format!(
            "{skipped} skipped, which counts as failed here (--strict)"
        ));
        failed += skipped;
    }
    screen::note(&format!("{passed} passed, {failed} failed"));
    failed == 0
}

/// What is missing, each with the command that installs it.
fn reasons(missing: &[Missing]) -> String {
    let reason = |missing: &Missing| format!("{}; to install it: {}", missing.why, missing.install);
    missing.iter().map(reason).collect::<Vec<_>>().join("; ")
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
