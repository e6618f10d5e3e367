//! The programs, over NATS and etcd: a room server is killed, its players talk on, and the others notice nothing.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use pitaya_engines::{Etcd, Nats};
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
    fn start(program: &Path, arguments: &[&str]) -> Self {
        let mut process = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let input = process.stdin.take().expect("the input is a pipe");
        let output = process.stdout.take().expect("the output is a pipe");
        Self {
            process,
            input,
            output: BufReader::new(output).lines(),
        }
    }

    async fn line(&mut self) -> String {
        let line = timeout(PATIENCE, self.output.next_line()).await;
        let line = line.expect("a line in time").expect("the output is text");
        line.expect("the program goes on")
    }

    /// Waits for a line that has `text` in it.
    async fn says(&mut self, text: &str) -> String {
        loop {
            let line = self.line().await;
            // What goes wrong is shown to the player: nothing may.
            assert!(!line.starts_with('!'), "{line}");
            if line.contains(text) {
                return line;
            }
        }
    }

    async fn types(&mut self, line: &str) {
        let line = format!("{line}\n");
        let written = self.input.write_all(line.as_bytes()).await;
        written.expect("the program reads");
    }
}

struct Game {
    nats: Nats,
    etcd: Etcd,
}

impl Game {
    async fn start() -> Self {
        match tokio::try_join!(Nats::start(), Etcd::start()) {
            Ok((nats, etcd)) => Self { nats, etcd },
            Err(error) => panic!("{error}"),
        }
    }

    /// A server that is in the cluster.
    fn server(&self, role: &str, id: &str, more: &[&str]) -> Program {
        let (nats, etcd) = (self.nats.url(), self.etcd.endpoint());
        let engines = ["--nats", &nats, "--etcd", &etcd];
        let arguments = [&[role, "--id", id], &engines[..], more].concat();
        let program = Path::new(env!("CARGO_BIN_EXE_chat-cluster"));
        Program::start(program, &arguments)
    }

    /// A room server, once the others can find it.
    async fn room(&self, id: &str) -> Program {
        let mut room = self.server("room", id, &[]);
        room.says("in the cluster").await;
        room
    }

    /// A gate, and where its players come in.
    async fn gate(&self, id: &str) -> (Program, String) {
        let listeners = ["--tcp", "127.0.0.1:0", "--ws", "127.0.0.1:0"];
        let mut gate = self.server("gate", id, &listeners);
        let line = gate.says("listener=\"tcp\"").await;
        let (_, address) = line.split_once("address=").expect("its address");
        let address = format!("tcp://{}", address.trim());
        gate.says("in the cluster").await;
        (gate, address)
    }
}

/// A player at a terminal, in a room, and the server that has it.
async fn player(gate: &str, name: &str, room: &str) -> (Program, String) {
    // The chat's own client, which is built beside this program.
    let program = Path::new(env!("CARGO_BIN_EXE_chat-cluster")).with_file_name("chat-client");
    assert!(
        program.is_file(),
        "there is no {}; `cargo xtask test` builds it",
        program.display()
    );
    let mut player = Program::start(&program, &[gate, name, "--room", room]);
    let line = player.says(&format!("* in {room} on ")).await;
    let (_, server) = line.split_once(" on ").expect("the server's name");
    let (server, _) = server.split_once(':').expect("the members");
    (player, server.to_owned())
}

#[tokio::test]
async fn players_of_a_killed_room_server_talk_on_and_the_others_notice_nothing() {
    let game = Game::start().await;
    let (mut one, mut two) = (game.room("room-1").await, game.room("room-2").await);
    let (_gate_1, at_1) = game.gate("gate-1").await;
    let (_gate_2, at_2) = game.gate("gate-2").await;
    let (mut alice, lost) = player(&at_1, "ALICE", "lobby").await;
    let (mut bob, same) = player(&at_2, "BOB", "lobby").await;
    assert_eq!(lost, same);
    // Somebody in a room of the other server.
    let mut found = None;
    for number in 0.. {
        let (player, server) = player(&at_2, "CAROL", &format!("room {number}")).await;
        if server != lost {
            found = Some((player, format!("room {number}"), server));
            break;
        }
    }
    let (mut carol, kept, server) = found.expect("names do not end");
    let (mut dave, _) = player(&at_1, "DAVE", &kept).await;
    carol.says("DAVE is here").await;

    alice.types("hello").await;
    bob.says(&format!("ALICE: hello  ({lost})")).await;
    let dies = if lost == "room-1" { &mut one } else { &mut two };
    dies.process.kill().await.expect("it can be killed");

    alice.types("anybody here?").await;
    bob.says(&format!("ALICE: anybody here?  ({server})")).await;
    bob.types("I am").await;
    alice.says(&format!("BOB: I am  ({server})")).await;
    alice.types("/who").await;
    alice
        .says(&format!("in lobby on {server}: ALICE, BOB"))
        .await;

    dave.types("all quiet").await;
    let heard = carol.line().await;
    assert_eq!(heard, format!("DAVE: all quiet  ({server})"));
    carol.types("/who").await;
    let members = carol.line().await;
    assert_eq!(members, format!("* in {kept} on {server}: CAROL, DAVE"));
}
