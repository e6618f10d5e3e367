//! The example in C is built as C99 and as C++, without a warning, and talks to a server.

use std::path::Path;
use std::process::Command;

use crate::cc;
use crate::peers::Peers;

/// Runs the example, and returns what it printed.
fn talk(compiler: cc::Compiler, route: &str, under: &[&str]) -> String {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/native-c/echo.c");
    let program = cc::build(compiler, "echo", &[source]);
    let peers = Peers::start("sdk", "tcp");
    let port = peers.ports().next().expect("a server");
    let url = format!("tcp://127.0.0.1:{port}");
    let program = program.to_str().expect("a path in UTF-8");
    let words = [under, &[program, &url, route, "{}"]].concat();
    let ended = Command::new(words[0]).args(&words[1..]).output();
    let ended = ended.expect("the example starts");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{}: {said}", ended.status);
    String::from_utf8(ended.stdout).expect("text")
}

const PUSH_AND_ANSWER: &str =
    "push: {\"key1\":10,\"key2\":true}\nanswer: {\"Code\":200,\"Msg\":\"Ok\"}\nclosed: closed\n";

#[test]
fn in_c() {
    assert_eq!(talk(cc::C99, "connector.sendpush", &[]), PUSH_AND_ANSWER);
}

#[test]
fn in_cpp() {
    assert_eq!(talk(cc::CPP, "connector.sendpush", &[]), PUSH_AND_ANSWER);
}

#[test]
fn an_error_is_told() {
    let said = talk(cc::C99, "connector.nowhere", &[]);
    assert!(said.starts_with("error: "), "{said}");
}

#[test]
fn under_valgrind() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("skipped: there is no valgrind; to install it: apt-get install valgrind");
        return;
    }
    let valgrind = [
        "valgrind",
        "--quiet",
        "--error-exitcode=9",
        "--leak-check=full",
        "--errors-for-leak-kinds=definite",
    ];
    assert_eq!(
        talk(cc::C99, "connector.sendpush", &valgrind),
        PUSH_AND_ANSWER
    );
}
