use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    path::PathBuf,
    process::{Command, ExitCode},
};

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use super::{Outcome, counted::Work};

/// Counts instructions under valgrind and compares them with those that are kept in the repository.
#[derive(Debug, Args)]
pub(crate) struct Counts {
    /// The file of the kept figures.
    #[arg(long, default_value = "bench/instructions.json")]
    kept: PathBuf,
    /// Keep the figures of this run.
    #[arg(long)]
    write: bool,
}

/// Does counted work, as counts starts it under valgrind.
#[derive(Debug, Args)]
pub(crate) struct Count {
    work: Work,
    times: u32,
}

impl Count {
    pub(crate) fn run(&self) -> Outcome {
        self.work.perform(self.times)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// What is kept.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    /// The compiler whose code was counted: another one's differs.
    compiler: String,
    /// Instructions each time, by work.
    instructions: BTreeMap<String, u64>,
}

/// How many more instructions than kept are a failure, as a share.
const TOLERANCE: f64 = 0.03;

impl Counts {
    pub(crate) fn run(self) -> Outcome {
        let mut counted = Kept {
            compiler: compiler()?,
            ..Kept::default()
        };
        for work in Work::ALL {
            let name = name(work);
            let instructions = count(work).map_err(|error| format!("{name}: {error}"))?;
            counted.instructions.insert(name, instructions);
        }
        if self.write {
            let text = serde_json::to_string_pretty(&counted)? + "\n";
            fs::write(&self.kept, text)?;
        }
        let file = self.kept.display();
        let kept = fs::read_to_string(&self.kept).map_err(|error| format!("{file}: {error}"))?;
        let kept: Kept = serde_json::from_str(&kept).map_err(|error| format!("{file}: {error}"))?;
        if kept.compiler != counted.compiler {
            println!(
                "the kept figures are of {}, these are of {}",
                kept.compiler, counted.compiler
            );
        }
        let rows = compare(&kept.instructions, &counted.instructions);
        println!(
            "{:<10} {:>10} {:>10} {:>8}",
            "work", "kept", "counted", "change"
        );
        for row in &rows {
            println!("{row}");
        }
        if rows.iter().any(Row::failed) {
            println!(
                "more than {:.0} % more instructions than kept: find out why; where it is meant, `cargo xtask bench counts -- --write` keeps the new figures",
                TOLERANCE * 100.0
            );
            return Ok(ExitCode::FAILURE);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn name(work: Work) -> String {
    let value = work.to_possible_value().expect("no value is hidden");
    value.get_name().to_owned()
}

fn compiler() -> Result<String, Box<dyn Error>> {
    let told = Command::new("rustc").arg("--version").output()?;
    Ok(String::from_utf8(told.stdout)?.trim().to_owned())
}

/// Instructions that the work takes each time: those of twice the times less those of the times, so
/// that the program's start and end are not in it.
fn count(work: Work) -> Result<u64, Box<dyn Error>> {
    let times = work.times();
    let once = collected(work, times)?;
    let twice = collected(work, 2 * times)?;
    Ok(twice.saturating_sub(once) / u64::from(times))
}

fn collected(work: Work, times: u32) -> Result<u64, Box<dyn Error>> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args(["count", &name(work), &times.to_string()])
        .output()
        .map_err(|error| format!("valgrind cannot be started: {error}"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("valgrind ended with {}: {told}", output.status).into());
    }
    parse(&told).ok_or_else(|| format!("valgrind did not say what it collected: {told}").into())
}

/// The number in `==7== Collected : 123456`.
fn parse(told: &str) -> Option<u64> {
    let line = told.lines().find(|line| line.contains("Collected :"))?;
    line.rsplit(' ').next()?.parse().ok()
}

/// One work's figures; one that only one side has is a failure, too.
struct Row {
    name: String,
    kept: Option<u64>,
    counted: Option<u64>,
}

fn compare(kept: &BTreeMap<String, u64>, counted: &BTreeMap<String, u64>) -> Vec<Row> {
    let mut names: Vec<_> = kept.keys().chain(counted.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .map(|name| Row {
            name: name.clone(),
            kept: kept.get(name).copied(),
            counted: counted.get(name).copied(),
        })
        .collect()
}

impl Row {
    /// The change as a share of what is kept.
    fn change(&self) -> Option<f64> {
        let (kept, counted) = (self.kept? as f64, self.counted? as f64);
        Some((counted - kept) / kept)
    }

    fn failed(&self) -> bool {
        self.change().is_none_or(|change| change > TOLERANCE)
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let cell =
            |figure: Option<u64>| figure.map_or_else(|| "none".to_owned(), |n| n.to_string());
        let change = self
            .change()
            .map_or_else(String::new, |change| format!("{:+.1} %", change * 100.0));
        let verdict = if self.failed() { "  FAILED" } else { "" };
        write!(
            f,
            "{:<10} {:>10} {:>10} {change:>8}{verdict}",
            self.name,
            cell(self.kept),
            cell(self.counted),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figure_of_valgrind_is_read() {
        let told = "==7== Events    : Ir\n==7== Collected : 123456\n==7==\n";
        assert_eq!(parse(told), Some(123_456));
        assert_eq!(parse("==7== Command: x"), None);
    }

    #[test]
    fn more_than_three_percent_more_fails_and_less_never_does() {
        let kept = BTreeMap::from([("codec".to_owned(), 1_000)]);
        for (counted, failed) in [(1_030, false), (1_031, true), (10, false)] {
            let rows = compare(&kept, &BTreeMap::from([("codec".to_owned(), counted)]));
            assert_eq!(rows[0].failed(), failed, "{counted}");
            let text = rows[0].to_string();
            assert!(
                text.contains("1000") && text.contains(&counted.to_string()),
                "{text}"
            );
        }
    }

    #[test]
    fn work_that_one_side_does_not_know_fails() {
        let one = BTreeMap::from([("codec".to_owned(), 1)]);
        assert!(compare(&one, &BTreeMap::new())[0].failed());
        assert!(compare(&BTreeMap::new(), &one)[0].failed());
    }

    #[test]
    fn counted_work_ends_well() {
        for work in Work::ALL {
            work.perform(3)
                .unwrap_or_else(|error| panic!("{work:?}: {error}"));
        }
    }
}
