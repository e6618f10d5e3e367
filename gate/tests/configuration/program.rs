//! The program checks and prints configurations, and says with its exit code how it went.

use std::process::{Command, Output};

use crate::file;

fn gate(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut gate = Command::new(env!("CARGO_BIN_EXE_pitaya-gate"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PITAYA_") {
            gate.env_remove(name);
        }
    }
    let gate = gate.args(arguments).envs(variables.iter().copied());
    gate.output().expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

#[test]
fn check_prints_what_would_be_used() {
    let (_folder, path) = file(
        "go.yaml",
        "pitaya: {heartbeat: {interval: 20s}, worker: {concurrency: 3}}\n",
    );
    let path = path.display().to_string();
    let arguments = ["--check", "--set", "gate.listen.tcp=127.0.0.1:0"];
    for (arguments, variables) in [
        ([&arguments[..], &["--config", &path]].concat(), vec![]),
        (
            arguments.to_vec(),
            vec![("PITAYA_GATE_CONFIG", path.as_str())],
        ),
    ] {
        let output = gate(&arguments, &variables);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "{err}");
        assert!(
            out.contains("gate.heartbeat = \"20s\" # pitaya.heartbeat.interval in "),
            "{out}"
        );
        assert_eq!(err.lines().count(), 1, "{err}");
        assert!(err.starts_with("warning: pitaya.worker in "), "{err}");
    }
}

#[test]
fn mistakes_end_with_two() {
    let mistakes: [&[&str]; 4] = [
        &["--check"],
        &[
            "--check",
            "--set",
            "gate.listen.tcp=127.0.0.1:0",
            "--set",
            "gate.heartbeat=soon",
        ],
        &["--config", "/nowhere.yaml"],
        &["--nonsense"],
    ];
    for arguments in mistakes {
        let output = gate(arguments, &[]);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            output.stdout.is_empty() && !output.stderr.is_empty(),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_certificate_is_looked_at() {
    let (_folder, path) = file("gate.crt", "no certificate");
    let path = path.display();
    let arguments = [
        "--check".to_owned(),
        "--set=gate.listen.tls=127.0.0.1:0".to_owned(),
        format!("--set=gate.tls.certificate={path}"),
        format!("--set=gate.tls.key={path}"),
    ];
    let output = gate(&arguments.each_ref().map(String::as_str), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("gate.tls.certificate"));
}

#[test]
fn defaults_name_every_key() {
    let output = gate(&["--defaults"], &[]);
    assert_eq!(output.status.code(), Some(0));
    let out = text(&output.stdout);
    for key in pitaya_gate::keys() {
        for name in key.names() {
            assert!(out.contains(name), "{name} is not in\n{out}");
        }
    }
}

#[cfg(not(feature = "engines"))]
#[test]
fn without_engines_it_says_how_to_get_them() {
    let output = gate(&["--set=gate.listen.tcp=127.0.0.1:0"], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("--features engines"));
}
