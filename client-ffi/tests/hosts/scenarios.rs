//! Hosts in C pass the scenarios that every client passes: one that owns its sockets, without a thread of ours, and one that does not.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::cc;
use crate::peers::Peers;

const TABLE: &str = include_str!("../../../conformance/scenarios.md");
/// Scenarios of C alone.
const BEYOND: [&str; 4] = [
    "closed-before-ends",
    "final-failure",
    "first-push",
    "state-before-ends",
];
/// A scenario that takes this long hangs.
const LONG: Duration = Duration::from_secs(60);
fn program() -> PathBuf {
    let sources = [
        "main",
        "bed",
        "net",
        "harness",
        "connecting",
        "messages",
        "staying",
        "beyond",
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c");
    let sources = sources.map(|name| folder.join(name).with_extension("c"));
    cc::build(cc::C99, "scenarios", &sources)
}

/// The scenarios of the program, each with the peers that it wants.
fn scenarios(program: &Path) -> Vec<(String, String)> {
    let listed = Command::new(program)
        .arg("--list")
        .output()
        .expect("it runs");
    assert!(listed.status.success(), "{listed:?}");
    let listed = String::from_utf8(listed.stdout).expect("text");
    let pair = |line: &str| {
        let (name, peers) = line.split_once(' ').expect("a name and its peers");
        (name.to_owned(), peers.to_owned())
    };
    listed.lines().map(pair).collect()
}

/// The name in a row of the table that is for C. The last cell names the platforms that a row is not for, each with a reason.
fn row(line: &str) -> Option<String> {
    let cells: Vec<_> = line.split('|').map(str::trim).collect();
    let name = cells.get(1)?.strip_prefix('`')?.strip_suffix('`')?;
    let not_here = cells[5].starts_with("c (") || cells[5].contains(", c (");
    (!not_here).then(|| name.to_owned())
}

#[test]
fn the_program_has_the_rows_of_the_table() {
    let mut rows: BTreeSet<_> = TABLE.lines().filter_map(row).collect();
    let listed = scenarios(&program());
    let covered: BTreeSet<_> = listed.into_iter().map(|(name, _)| name).collect();
    assert!(!rows.is_empty());
    rows.extend(BEYOND.map(str::to_owned));
    assert_eq!(rows, covered);
}

#[test]
fn a_host_that_owns_its_sockets_passes() {
    all_pass("host");
}

#[test]
fn a_host_with_our_sockets_passes() {
    all_pass("native");
}

/// Runs every scenario over both transports, four at a time: they wait more than they work.
fn all_pass(layer: &str) {
    let program = program();
    let mut runs = Vec::new();
    for (name, peers) in scenarios(&program) {
        for transport in ["tcp", "ws"] {
            runs.push((name.clone(), peers.clone(), transport));
        }
    }
    let (runs, failures) = (Mutex::new(runs), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let next = runs.lock().expect("no panic").pop();
                    let Some((name, peers, transport)) = next else {
                        return;
                    };
                    if let Err(error) = run(&program, layer, transport, &name, &peers) {
                        let failure = format!("{layer} {transport} {name}: {error}");
                        failures.lock().expect("no panic").push(failure);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no panic");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Ends its child, also when the test fails.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn run(
    program: &Path,
    layer: &str,
    transport: &str,
    name: &str,
    peers: &str,
) -> Result<(), String> {
    let mut peers = Peers::start(peers, transport);
    let mut child = Command::new(program);
    child.args([layer, transport, name]);
    child.args(peers.ports().map(|port| port.to_string()));
    let child = child
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let mut child = Ended(child);
    let mut orders = child.0.stdin.take().expect("piped");
    let output = BufReader::new(child.0.stdout.take().expect("piped"));
    let mut complaints = BufReader::new(child.0.stderr.take().expect("piped"));
    let begin = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                peers.obey(&line);
                if orders.write_all(b"ok\n").is_err() {
                    return;
                }
            }
        });
        loop {
            if let Some(status) = child.0.try_wait().map_err(|error| error.to_string())? {
                let mut text = String::new();
                let _ = std::io::Read::read_to_string(&mut complaints, &mut text);
                return match status.success() {
                    true => Ok(()),
                    false => Err(format!("{status} {text}")),
                };
            }
            if begin.elapsed() > LONG {
                let _ = child.0.kill();
                return Err("hangs".to_owned());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    })
}
