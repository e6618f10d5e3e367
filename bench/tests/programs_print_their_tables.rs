//! Each command runs from start to end and prints a row per figure.

use std::process::{Command, Output};

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

#[test]
fn cpu_has_a_row_per_transport_and_depth() {
    let output = bench(&[
        "cpu",
        "--subject",
        "floor",
        "--connections",
        "3",
        "--pairs",
        "2",
        "--seconds",
        "0.05",
        "--warm-up",
        "0.05",
    ]);
    assert_eq!(rows(&output, &["tcp", "ws"]), 4);
}

#[test]
fn our_server_answers_every_byte_with_raw_and_typed_handlers() {
    let output = bench(&[
        "cpu",
        "--connections",
        "3",
        "--pairs",
        "2",
        "--seconds",
        "0.05",
        "--warm-up",
        "0.05",
    ]);
    assert_eq!(rows(&output, &["tcp", "ws"]), 8);
}

#[test]
fn our_server_binds_idle_sessions_over_every_transport() {
    let output = bench(&["memory", "--connections", "20", "--rounds", "1"]);
    assert_eq!(rows(&output, &["tcp", "tls", "ws", "wss"]), 4);
}

#[test]
fn memory_has_a_row_per_transport() {
    let output = bench(&[
        "memory",
        "--subject",
        "floor",
        "--connections",
        "20",
        "--rounds",
        "1",
    ]);
    assert_eq!(rows(&output, &["tcp", "tls", "ws", "wss"]), 4);
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
    let output = bench(&[
        "users", "--users", "40", "--pushes", "100", "--rate", "1000",
    ]);
    assert_eq!(rows(&output, &["alone"]), 1);
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
