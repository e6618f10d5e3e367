//! The whole cluster on one machine: engines, gates and rooms as children of one program.

use std::error::Error;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use chat::host::told_to_stop;
use clap::Args;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pitaya_engines::{Etcd, Nats};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::{mpsc, oneshot};

use crate::engines::JOINED;

/// Each gate's name, and its ports for TCP, WebSocket and the page.
const GATES: [(&str, [u16; 3]); 2] = [
    ("gate-1", [3260, 3261, 3262]),
    ("gate-2", [3270, 3271, 3272]),
];
const ROOMS: [&str; 2] = ["room-1", "room-2"];
/// How long servers may take to say goodbye to their players.
const GOODBYE: Duration = Duration::from_secs(20);

#[derive(Args)]
pub(crate) struct Options {
    /// The folder with the built page; without it there is no page.
    #[arg(long, value_name = "DIR")]
    web: Option<PathBuf>,
}

/// Starts everything, says how to join, and ends it when the operating system asks for it.
pub(crate) async fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let (nats, etcd) = tokio::try_join!(Nats::start(), Etcd::start())?;
    let engines = [
        "--nats".to_owned(),
        nats.url(),
        "--etcd".to_owned(),
        etcd.endpoint(),
    ];
    println!("NATS is at {}, etcd at {}", nats.url(), etcd.endpoint());
    let (ended, mut ends) = mpsc::unbounded_channel();
    let mut servers = Vec::new();
    for id in ROOMS {
        let arguments = ["room", "--id", id].map(str::to_owned);
        let arguments = [&arguments[..], &engines].concat();
        servers.push(Server::start(id, &arguments, &ended).await?);
    }
    for (id, [tcp, ws, page]) in GATES {
        let address = |port: u16| format!("127.0.0.1:{port}");
        let mut arguments = ["gate", "--id", id].map(str::to_owned).to_vec();
        arguments.extend_from_slice(&engines);
        for (option, port) in [("--tcp", tcp), ("--ws", ws), ("--page", page)] {
            arguments.extend([option.to_owned(), address(port)]);
        }
        if let Some(web) = &options.web {
            arguments.extend(["--web".to_owned(), web.display().to_string()]);
        }
        servers.push(Server::start(id, &arguments, &ended).await?);
    }
    explain(&servers, &engines, options.web.is_some());
    let told = told_to_stop();
    tokio::pin!(told);
    loop {
        tokio::select! {
            () = &mut told => break,
            Some(id) = ends.recv() => println!("{id} has ended"),
        }
    }
    for server in &servers {
        server.signal(Signal::SIGTERM);
    }
    for server in &mut servers {
        // Those that do not end in time are killed when they are dropped.
        let _ = tokio::time::timeout(GOODBYE, server.child.wait()).await;
    }
    Ok(())
}

/// A server that runs as a child. It is killed when this is dropped.
struct Server {
    id: &'static str,
    child: Child,
}

impl Server {
    /// Starts it and waits until it is in the cluster. `ended` is told when it says nothing more.
    async fn start(
        id: &'static str,
        arguments: &[String],
        ended: &mpsc::UnboundedSender<&'static str>,
    ) -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = child.stdout.take().ok_or("a child without an output")?;
        let (joins, joined) = oneshot::channel();
        tokio::spawn(show(id, output, joins, ended.clone()));
        let not_started = |_| format!("{id} did not start");
        joined.await.map_err(not_started)?;
        Ok(Self { id, child })
    }

    fn signal(&self, signal: Signal) {
        // None once it was waited for.
        if let Some(id) = self.process() {
            let _ = kill(Pid::from_raw(id), signal);
        }
    }

    fn process(&self) -> Option<i32> {
        self.child.id().and_then(|id| i32::try_from(id).ok())
    }
}

/// Shows what a server says, and by whom it is said.
async fn show(
    id: &'static str,
    output: ChildStdout,
    joins: oneshot::Sender<()>,
    ended: mpsc::UnboundedSender<&'static str>,
) {
    let mut joins = Some(joins);
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if line.contains(JOINED)
            && let Some(joins) = joins.take()
        {
            // Nobody waits when the start was given up.
            let _ = joins.send(());
        }
        println!("{id} | {line}");
    }
    let _ = ended.send(id);
}

fn explain(servers: &[Server], engines: &[String], with_page: bool) {
    let program = std::env::current_exe().unwrap_or_default();
    let client = program.with_file_name("chat-client");
    println!(
        "\nTwo gates take players in, and two room servers have the rooms. Join at either gate:\n"
    );
    for ((id, [tcp, ws, page]), name) in GATES.iter().zip(["ALICE", "BOB"]) {
        println!("  {id}: {} ws://127.0.0.1:{ws} {name}", client.display());
        println!("          or tcp://127.0.0.1:{tcp}");
        if with_page {
            println!("          or in a browser: http://127.0.0.1:{page}");
        }
    }
    println!(
        "\nA terminal shows which server has the room, with /who and behind each line. Kill that one and talk on; `/join garden` enters another room.\n"
    );
    for server in servers {
        if let Some(process) = server.process() {
            println!("  {} is process {process}: kill -9 {process}", server.id);
        }
    }
    println!("\nTo start another room server:\n");
    println!(
        "  {} room --id room-3 {}",
        program.display(),
        engines.join(" ")
    );
    println!("\nCtrl-C ends everything.\n");
}
