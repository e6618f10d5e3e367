//! The trials at small scale, all at the same time.

use std::process::Command;

fn holds(trial: &str) {
    let ended = Command::new(env!("CARGO_BIN_EXE_trials"))
        .arg(trial)
        .output()
        .expect("the program runs");
    let printed = String::from_utf8_lossy(&ended.stdout);
    let failed = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{printed}{failed}");
    // Shown by `--nocapture`.
    println!("{printed}");
}

#[test]
fn an_outage_of_both_engines() {
    holds("outage");
}

#[test]
fn a_crash_of_a_backend() {
    holds("crash");
}

#[test]
fn a_rolling_restart() {
    holds("rolling");
}

#[test]
fn gates_of_go_and_ours() {
    holds("mixed");
}

#[test]
fn a_backend_that_is_cut_off() {
    holds("partition");
}
