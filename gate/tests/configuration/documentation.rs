//! The tables of the book are those of the code.

use std::path::Path;

use pitaya_gate::{foreign_keys, keys};

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/guide/gate.md");
    std::fs::read_to_string(path).expect("the page")
}

/// The rows of the page that begin so, all of them against those that should be there.
fn compare(start: &str, expected: &[String]) {
    let page = page();
    let found: Vec<_> = page
        .lines()
        .filter(|line| line.starts_with(start))
        .collect();
    assert!(
        found == *expected,
        "the page should have these rows:\n{}",
        expected.join("\n")
    );
}

#[test]
fn every_key_has_its_row() {
    let rows: Vec<_> = keys()
        .map(|key| {
            let go: Vec<_> = key.go().iter().map(|name| format!("`{name}`")).collect();
            let default = key
                .default()
                .map(|default| format!("`{default}`"))
                .unwrap_or_default();
            format!(
                "| `{}` | {} | {default} | {} |",
                key.name(),
                go.join(" "),
                key.meaning()
            )
        })
        .collect();
    compare("| `gate.", &rows);
}

#[test]
fn every_key_that_is_not_there_has_its_row() {
    let rows: Vec<_> = foreign_keys()
        .iter()
        .map(|foreign| format!("| `{}` | {} |", foreign.name, foreign.instead))
        .collect();
    compare("| `pitaya.", &rows);
}
