//! Each command runs from start to end and prints a row per figure.

use std::{
    collections::BTreeSet,
    process::{Command, Output},
};

use serde_json::Value;

fn bench(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bench"))
        .args(arguments)
        .output()
        .expect("the program runs")
}

fn rows(output: &Output, first_words: &[&str]) -> usize {
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .filter(|line| {
            line.split(' ')
                .next()
                .is_some_and(|word| first_words.contains(&word))
        })
        .count()
}

/// Small enough for a test: two connections, rounds of a moment.
const SMALL: [&str; 13] = [
    "compare",
    "--connections",
    "4",
    "--idle-connections",
    "20",
    "--rounds",
    "2",
    "--seconds",
    "0.05",
    "--warm-up",
    "0.05",
    "--idle-seconds",
    "0.05",
];

#[test]
fn compare_has_every_case_for_every_server_that_needs_no_go() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = folder.path().to_str().expect("a name in UTF-8");
    let output = bench(&[&SMALL[..], &["--json", "--output", place]].concat());
    assert!(output.status.success(), "{output:?}");
    let mut seen = BTreeSet::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let figure: Value = serde_json::from_str(line).expect("a line of JSON");
        let word = |key: &str| figure[key].as_str().expect("a word").to_owned();
        let (case, server) = (word("case"), word("server"));
        let measured = if case.starts_with("idle-") {
            "rss_kib_per_connection"
        } else {
            "messages_per_s"
        };
        assert!(figure[measured].is_f64(), "{line}");
        assert!(matches!(figure["run"].as_u64(), Some(1 | 2)), "{line}");
        seen.insert((case, server));
    }
    for case in [
        "request-tcp-1",
        "request-tcp-16",
        "request-tcp-half",
        "request-json-tcp-1",
        "request-json-tcp-16",
        "request-tcp-1-deflate",
        "notify-tcp-16",
        "push-tcp-8",
        "broadcast-1000",
        "broadcast-1000-tick8",
        "request-ws-1",
        "request-ws-16",
        "request-tls-1",
        "connect-tcp",
        "connect-tls",
        "connect-ws",
        "connect-wss",
        "idle-tcp",
        "idle-tls",
        "idle-ws",
        "idle-wss",
    ] {
        assert!(
            seen.contains(&(case.to_owned(), "pitaya-rs".to_owned())),
            "{case}"
        );
    }
    for (case, server) in [
        ("request-tcp-1", "floor-tokio"),
        ("request-tcp-1", "floor-epoll"),
        ("broadcast-1000", "floor-epoll"),
        ("idle-wss", "floor-tokio"),
    ] {
        assert!(
            seen.contains(&(case.to_owned(), server.to_owned())),
            "{case}"
        );
    }
    let kept = std::fs::read(folder.path().join("compare.json")).expect("it is written");
    assert_eq!(kept, output.stdout);
    let chart = std::fs::read_to_string(folder.path().join("compare.svg")).expect("it is written");
    assert!(chart.starts_with("<svg") && chart.contains("pitaya-rs"));
}

#[test]
fn compare_prints_a_table_with_goals_and_says_what_it_left_out() {
    let only = ["--cases", "request-tcp-1,idle-tcp"];
    let output = bench(&[&SMALL[..], &only].concat());
    // Ours and both floors, ours with 16 in flight and tokio's; the goal of each.
    assert_eq!(rows(&output, &["request-tcp-1"]), 3 + 1);
    assert_eq!(rows(&output, &["request-tcp-16"]), 2 + 1);
    assert_eq!(rows(&output, &["idle-tcp"]), 2 + 1);
    let warning = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(warning.contains("LEFT OUT: go-pitaya"), "{warning}");
}

#[cfg(feature = "engines")]
#[test]
fn hop_has_a_row_per_depth() {
    let output = bench(&[
        "hop",
        "--connections",
        "3",
        "--depths",
        "1,4",
        "--pairs",
        "1",
        "--seconds",
        "0.05",
        "--warm-up",
        "0.05",
    ]);
    assert_eq!(rows(&output, &["rust"]), 2);
}

#[cfg(feature = "engines")]
#[test]
fn users_lose_no_push() {
    let go = std::env::var_os("PITAYA_GO_PEERS")
        .expect("PITAYA_GO_PEERS names the folder that `cargo xtask interop` prints");
    let go = std::path::Path::new(&go).join("peer-v3");
    let output = bench(&[
        "users",
        "--users",
        "5000",
        "--pushes",
        "2000",
        "--rate",
        "1000",
        "--go",
        &go.to_string_lossy(),
    ]);
    assert_eq!(rows(&output, &["alone", "with"]), 2);
    // Shown by `--nocapture`.
    println!("{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn server_elsewhere_is_not_loaded() {
    let output = bench(&["load", "--target", "192.0.2.1:80", "--pid", "1"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("on this machine"),
        "{output:?}"
    );
}
