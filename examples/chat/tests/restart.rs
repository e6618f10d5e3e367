//! Two players talk over TCP and WebSocket, and the server is killed and started again between their lines.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// Long enough for a busy machine; nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program whose output is read; killed when it is dropped.
struct Program {
    process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start(program: &str, arguments: &[&str]) -> Self {
        let mut process = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        let input = process.stdin.take().expect("the input is a pipe");
        let output = process.stdout.take().expect("the output is a pipe");
        Self {
            process,
            input,
            output: BufReader::new(output).lines(),
        }
    }

    fn server(tcp: &str, ws: &str) -> Self {
        Self::start(
            env!("CARGO_BIN_EXE_chat-server"),
            &["--tcp", tcp, "--ws", ws],
        )
    }

    async fn client(url: &str, name: &str) -> Self {
        let mut client = Self::start(env!("CARGO_BIN_EXE_chat-client"), &[url, name]);
        client.says("* in lobby").await;
        client
    }

    async fn types(&mut self, line: &str) {
        self.input
            .write_all(format!("{line}\n").as_bytes())
            .await
            .expect("the program reads");
    }

    /// Waits for a line that has `text` in it.
    async fn says(&mut self, text: &str) -> String {
        let wanted = async {
            while let Some(line) = self.output.next_line().await.expect("the output is text") {
                if line.contains(text) {
                    return line;
                }
            }
            panic!("the program ended without saying `{text}`")
        };
        timeout(PATIENCE, wanted)
            .await
            .unwrap_or_else(|_| panic!("`{text}` was not said"))
    }
}

/// Where a server listens, from its log: `... listener="tcp" address=127.0.0.1:40001`.
async fn address(server: &mut Program, listener: &str) -> String {
    let line = server.says(&format!("listener=\"{listener}\"")).await;
    let (_, address) = line
        .split_once("address=")
        .expect("the line names the address");
    address.trim().to_owned()
}

#[tokio::test]
async fn players_are_back_in_their_room_and_lines_said_in_between_arrive() {
    let mut server = Program::server("127.0.0.1:0", "127.0.0.1:0");
    let tcp = address(&mut server, "tcp").await;
    let ws = address(&mut server, "ws").await;
    let mut alice = Program::client(&format!("ws://{ws}"), "ALICE").await;
    let mut bob = Program::client(&format!("tcp://{tcp}"), "BOB").await;
    alice.says("BOB is here").await;

    alice.types("hello 🎉").await;
    bob.says("ALICE: hello 🎉").await;
    bob.types("hi").await;
    alice.says("BOB: hi").await;

    server
        .process
        .kill()
        .await
        .expect("the server can be killed");
    alice.says("connection lost").await;
    bob.says("connection lost").await;
    alice.types("said in between").await;

    let mut server = Program::server(&tcp, &ws);
    address(&mut server, "ws").await;
    alice.says("connected again").await;
    // Membership is restored by the handshake, so the line has a room to be said in.
    alice.says("ALICE: said in between").await;
    bob.says("connected again").await;
    bob.types("/who").await;
    bob.says("in lobby: ALICE, BOB").await;
    bob.types("I am back").await;
    alice.says("BOB: I am back").await;

    bob.types("/leave").await;
    alice.says("BOB has left").await;
    alice.types("/quit").await;
    assert!(
        timeout(PATIENCE, alice.process.wait())
            .await
            .expect("the client ends")
            .expect("it has run")
            .success()
    );
}

/// Stops a process where it is, or lets it go on.
#[cfg(unix)]
async fn signal(program: &Program, signal: &str) {
    let id = program.process.id().expect("the program runs").to_string();
    let sent = Command::new("kill").args([signal, &id]).status().await;
    assert!(sent.expect("kill is there").success());
}

#[cfg(unix)]
#[tokio::test]
async fn a_line_that_goes_out_before_another_player_is_back_is_seen_by_that_one_too() {
    let mut server = Program::server("127.0.0.1:0", "127.0.0.1:0");
    let tcp = address(&mut server, "tcp").await;
    let ws = address(&mut server, "ws").await;
    let mut alice = Program::client(&format!("ws://{ws}"), "ALICE").await;
    let mut bob = Program::client(&format!("tcp://{tcp}"), "BOB").await;
    alice.says("BOB is here").await;
    server
        .process
        .kill()
        .await
        .expect("the server can be killed");
    bob.says("connection lost").await;
    signal(&bob, "-STOP").await;
    alice.says("connection lost").await;
    alice.types("said in between").await;
    let mut server = Program::server(&tcp, &ws);
    address(&mut server, "ws").await;
    alice.says("ALICE: said in between").await;
    signal(&bob, "-CONT").await;
    bob.says("lines may be missing here").await;
    bob.says("ALICE: said in between").await;
    alice.types("once more").await;
    assert_eq!(bob.says("ALICE: ").await, "ALICE: once more");
}

#[tokio::test]
async fn lines_typed_at_once_are_said_in_their_order() {
    let mut server = Program::server("127.0.0.1:0", "127.0.0.1:0");
    let tcp = address(&mut server, "tcp").await;
    let mut alice = Program::client(&format!("tcp://{tcp}"), "ALICE").await;
    let mut bob = Program::client(&format!("tcp://{tcp}"), "BOB").await;
    let lines: Vec<_> = (0..500).map(|number| format!("line {number:03}")).collect();
    alice.types(&lines.join("\n")).await;
    for line in &lines {
        assert_eq!(bob.says("ALICE: ").await, format!("ALICE: {line}"));
    }
}

#[tokio::test]
async fn a_second_player_of_the_same_name_takes_its_place() {
    let mut server = Program::server("127.0.0.1:0", "127.0.0.1:0");
    let tcp = address(&mut server, "tcp").await;
    let mut first = Program::client(&format!("tcp://{tcp}"), "ALICE").await;
    let _second = Program::client(&format!("tcp://{tcp}"), "ALICE").await;
    first.says("signed in elsewhere").await;
    let status = timeout(PATIENCE, first.process.wait())
        .await
        .expect("the client ends")
        .expect("it has run");
    assert!(!status.success(), "a kick is final");
}
