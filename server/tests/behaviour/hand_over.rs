//! A process hands its listeners to the next one: whoever connects meanwhile is served by one of them.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pitaya_server::protocol::{CloseCode, Request};
use pitaya_server::{Functions, Server, ServerBuilder, Session, StartError, tcp, ws};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::{TcpStream, UnixStream};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::support::{Client, Hello, Link};

/// Makes the test run itself as a server with this file.
const FILE: &str = "TEST_HAND_OVER_FILE";
/// Longer than anything takes; only a test that fails waits so long.
const LONG: Duration = Duration::from_secs(60);

fn builder() -> ServerBuilder {
    let who = Functions::new("game")
        .request(Request::new("game.who"), async |_: Session, (): ()| {
            Ok(std::process::id())
        });
    Server::builder().register(who)
}

/// What the other process does: it serves until it is replaced.
async fn serve(file: &str) {
    let server = builder()
        .configure(|config| config.drain_per_second = std::num::NonZeroU32::new(500))
        .listen(tcp("127.0.0.1:0"))
        .listen(ws("127.0.0.1:0"))
        .health("127.0.0.1:0")
        .hand_over(file)
        .start()
        .await
        .expect("a server");
    let health = server.health_address().expect("an address");
    let addresses = server.addresses();
    println!("\nserves {} {} {health}", addresses[0], addresses[1]);
    server.replaced().await;
    assert!(!server.ready().is_ready());
    let report = server.shutdown().await;
    assert_eq!(report.cut, 0, "{report:?}");
}

/// A server in another process, killed when this is dropped.
struct Other {
    child: Child,
    /// Kept, or the process could say nothing more.
    _said: Lines<BufReader<ChildStdout>>,
    addresses: Vec<SocketAddr>,
}

impl Other {
    async fn start(file: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("a program"))
            .args([
                "--exact",
                "--nocapture",
                "hand_over::nobody_is_refused_while_processes_change",
            ])
            .env(FILE, file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a process");
        let mut said = BufReader::new(child.stdout.take().expect("piped")).lines();
        let addresses = timeout(LONG, async {
            loop {
                let line = said.next_line().await.expect("readable");
                let line = line.expect("it serves before it ends");
                if let Some(addresses) = line.strip_prefix("serves ") {
                    let parsed = addresses.split(' ').map(|text| text.parse());
                    return parsed.collect::<Result<_, _>>().expect("addresses");
                }
            }
        });
        let addresses = addresses.await.expect("it starts");
        Self {
            child,
            _said: said,
            addresses,
        }
    }

    fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    async fn ended(&mut self) -> ExitStatus {
        let ended = timeout(LONG, self.child.wait()).await;
        ended.expect("it ends").expect("a status")
    }
}

async fn connect(address: SocketAddr) -> Client {
    let stream = TcpStream::connect(address).await.expect("not refused");
    let client = Client::open(Link::Bytes(Box::new(stream)), Hello::ours()).await;
    client.expect("a handshake")
}

/// Connects again and again; returns the processes that have answered. One that drains may say so instead.
async fn players(address: SocketAddr, enough: Arc<AtomicBool>) -> Vec<u32> {
    let mut seen = Vec::new();
    while !enough.load(Ordering::Relaxed) {
        let mut client = connect(address).await;
        let asked = client.send_json("game.who", &());
        client.flush().await;
        let answer = tokio::select! {
            biased;
            answer = client.next() => answer,
        };
        match answer {
            Ok(heard) => seen.push(heard.json()),
            Err(closed) => assert_eq!(closed.close.code, CloseCode::DRAINING, "{asked}"),
        }
    }
    seen
}

#[test]
fn nobody_is_refused_while_processes_change() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    match std::env::var(FILE) {
        Ok(file) => runtime.block_on(serve(&file)),
        Err(_) => runtime.block_on(restart_under_load()),
    }
}

async fn restart_under_load() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("hand-over");
    let mut current = Other::start(&file).await;
    let addresses = current.addresses.clone();
    let enough = Arc::new(AtomicBool::new(false));
    let mut load = JoinSet::new();
    for _ in 0..8 {
        load.spawn(players(addresses[0], enough.clone()));
    }
    let mut processes = vec![current.id()];
    for _ in 0..3 {
        let mut stays = connect(addresses[0]).await;
        let next = Other::start(&file).await;
        assert_eq!(next.addresses, addresses, "the sockets are the same");
        // Who was connected is sent away, not kicked, and comes back to the next one.
        assert_eq!(stays.closed().await.close.code, CloseCode::DRAINING);
        assert!(current.ended().await.success());
        processes.push(next.id());
        let answer: u32 = connect(addresses[0])
            .await
            .request("game.who", &())
            .await
            .expect("an answer");
        assert_eq!(answer, next.id());
        current = next;
    }
    enough.store(true, Ordering::Relaxed);
    let mut seen: Vec<u32> = load.join_all().await.concat();
    eprintln!("{} connections", seen.len());
    seen.sort_unstable();
    seen.dedup();
    processes.sort_unstable();
    assert_eq!(seen, processes, "all have served");
    let left = std::fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(left, 1, "one file for all");
}

#[tokio::test]
async fn a_next_one_that_does_not_start_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("hand-over");
    let server = builder()
        .listen(tcp("127.0.0.1:0"))
        .hand_over(&file)
        .start()
        .await
        .expect("a server");
    let address = server.addresses()[0];
    // It takes the sockets and ends.
    let taken = tcp("192.0.2.1:1");
    let failed = builder().listen(taken).hand_over(&file).start().await;
    assert!(matches!(failed, Err(StartError::Bind(_))), "{failed:?}");
    // It is something else.
    let mut other = UnixStream::connect(&file).await.expect("a connection");
    tokio::io::AsyncWriteExt::write_all(&mut other, b"hello\n")
        .await
        .expect("sent");
    let mut bytes = Vec::new();
    // Closed, or reset; either way it gets no further.
    let _ = tokio::io::AsyncReadExt::read_to_end(&mut other, &mut bytes).await;
    assert!(server.ready().is_ready());
    connect(address).await;

    let next = builder()
        .listen(tcp(address))
        .hand_over(&file)
        .start()
        .await
        .expect("the next server");
    server.replaced().await;
    assert_eq!(next.addresses(), [address]);
    server.shutdown().await;
    connect(address).await;
    next.shutdown().await;
    assert!(TcpStream::connect(address).await.is_err(), "it is closed");
    // The file is still there, and nobody behind it.
    let last = builder()
        .listen(tcp(address))
        .hand_over(&file)
        .start()
        .await
        .expect("a server");
    last.shutdown().await;
}

#[tokio::test]
async fn what_cannot_be_listened_on_is_named() {
    let builder = builder().hand_over("/no/such/folder/hand-over");
    let error = builder.start().await.expect_err("no folder");
    assert!(matches!(error, StartError::HandOver(_)), "{error:?}");
    assert!(error.to_string().contains("/no/such/folder"), "{error}");
}
