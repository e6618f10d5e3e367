//! The tests of this program are exactly the rows of the table.

use std::collections::BTreeSet;
use std::process::Command;

const TABLE: &str = include_str!("../../../conformance/scenarios.md");

/// Names of the rows that apply to this client. The last cell names the platforms that a row is not for, each with a reason.
fn rows() -> BTreeSet<String> {
    let rows = TABLE.lines().filter_map(|line| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let name = cells.get(1)?.strip_prefix('`')?.strip_suffix('`')?;
        assert_eq!(cells.len(), 7, "not a scenario: {line}");
        (!cells[5].contains("rust (")).then(|| name.to_owned())
    });
    rows.collect()
}

/// Names of the tests, as the program lists them.
fn tests() -> BTreeSet<String> {
    let program = std::env::current_exe().unwrap();
    let listed = Command::new(program).arg("--list").output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let tests = listed
        .lines()
        .filter_map(|line| line.strip_suffix(": test"));
    tests
        .filter_map(|path| path.split_once("::"))
        .filter(|(module, _)| *module != "table")
        .map(|(_, name)| name.replace('_', "-"))
        .collect()
}

#[test]
fn every_scenario_has_its_test() {
    let (rows, tests) = (rows(), tests());
    let missing: Vec<_> = rows.difference(&tests).collect();
    let unknown: Vec<_> = tests.difference(&rows).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "without a test: {missing:?}; not in the table: {unknown:?}"
    );
    assert!(!rows.is_empty());
}
