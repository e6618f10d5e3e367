//! The chat's client in C is in one room with the one of the terminal.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use crate::cc;

/// A program that takes this long hangs.
const LONG: Duration = Duration::from_secs(60);

/// A program that ends with this.
struct Program {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Program {
    fn start(program: &Path, words: &[&str]) -> Self {
        let mut child = Command::new(program)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                // Nobody may read any more.
                let _ = sender.send(line);
            }
        });
        Self {
            input: child.stdin.take(),
            lines,
            child,
        }
    }

    /// The next line that has a text.
    fn reads(&mut self, wanted: &str) -> String {
        let mut seen = Vec::new();
        loop {
            let Ok(line) = self.lines.recv_timeout(LONG) else {
                panic!("no `{wanted}` in {seen:?}")
            };
            if line.contains(wanted) {
                return line;
            }
            seen.push(line);
        }
    }

    fn says(&mut self, line: &str) {
        let input = self.input.as_mut().expect("it is not closed");
        writeln!(input, "{line}").expect("the program reads");
    }

    /// Its input ends, and so does it.
    fn leaves(mut self) {
        self.input = None;
        let begin = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            assert!(begin.elapsed() < LONG, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        };
        assert!(status.success(), "{status}");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the server listens, by the word before it.
fn address(line: &str) -> String {
    let address = line.split_once("address=").expect("an address").1;
    address.split_whitespace().next().expect("one").to_owned()
}

#[test]
fn they_hear_each_other() {
    let jansson = ["-x", "c", "-E", "-include", "jansson.h", "/dev/null"];
    let found = Command::new("cc").args(jansson).output();
    if !found.is_ok_and(|found| found.status.success()) {
        eprintln!("skipped: there is no jansson; to install it: apt-get install libjansson-dev");
        return;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/chat/c/chat.c");
    let chat = cc::build_with(cc::GNU99, "chat", &[source], &["-ljansson".to_owned()]);
    let programs = cc::programs("chat");

    let ports = ["--tcp", "127.0.0.1:0", "--ws", "127.0.0.1:0"];
    let mut server = Program::start(&programs.join("chat-server"), &ports);
    let lines = [server.reads("listening"), server.reads("listening")];
    let at = |listener: &str| {
        let name = format!("listener=\"{listener}\"");
        let line = lines.iter().find(|line| line.contains(&name));
        address(line.expect("a listener"))
    };
    let url = format!("tcp://{}", at("tcp"));
    let mut rust = Program::start(&programs.join("chat-client"), &[&url, "rusty"]);
    rust.reads("in lobby: rusty");
    let url = format!("ws://{}", at("ws"));
    let mut c = Program::start(&chat, &[&url, "dennis"]);
    assert!(c.reads("lobby: ").contains("[\"dennis\", \"rusty\"]"));
    rust.reads("dennis is here");
    rust.says("hello from the \"terminal\"");
    c.reads("rusty: hello from the \"terminal\"");
    c.says("hello from \"C\"");
    rust.reads("dennis: hello from \"C\"");
    c.says("/join attic");
    c.reads("attic: [\"dennis\"]");
    c.leaves();
}
