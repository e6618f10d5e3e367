//! What a foreign program can do wrong ends in a number: no crash, no hang, no leak, also as valgrind sees it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cc;
use crate::peers::Peers;

fn program() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c/misuse.c");
    let wrap = ["malloc", "calloc", "realloc", "posix_memalign"];
    let wrap = wrap.map(|name| format!("-Wl,--wrap={name}"));
    cc::build_with(cc::C99, "misuse", &[source], &wrap)
}

fn run(command: &mut Command, cycles: u32) {
    let peers = Peers::start("on-demand", "tcp");
    let port = peers.ports().next().expect("a peer").to_string();
    let ended = command.args([port, cycles.to_string()]).output();
    let ended = ended.expect("the program starts");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{}: {said}", ended.status);
}

#[test]
fn a_program_that_does_everything_wrong_goes_on() {
    run(&mut Command::new(program()), 10_000);
}

#[test]
fn nothing_leaks_and_nothing_is_read_that_should_not_be() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("skipped: there is no valgrind; to install it: apt-get install valgrind");
        return;
    }
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--quiet", "--error-exitcode=9", "--leak-check=full"]);
    valgrind.args(["--errors-for-leak-kinds=definite", "--fair-sched=yes"]);
    run(valgrind.arg(program()), 300);
}
