//! The Go programs: servers, and Go Pitaya's own client.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use pitaya_server::testing::TestServer;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::support::engines::Engines;

/// Longer than anything takes; only a test that fails waits so long.
const SOON: Duration = Duration::from_secs(30);

/// A program that takes a line and says lines. It is killed when this is dropped, and ends when its input does.
pub(crate) struct Peer {
    _child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    /// What it has said and nobody has asked for yet.
    kept: Vec<Value>,
}

impl Peer {
    /// A server of Go Pitaya v3, and what it said when it was ready.
    pub(crate) async fn server(engines: &Engines, arguments: &[&str]) -> (Self, Value) {
        let engines = engines.arguments();
        let engines = engines.iter().map(String::as_str);
        let arguments: Vec<_> = engines.chain(arguments.iter().copied()).collect();
        let mut peer = Self::start("peer-v3", &arguments);
        let ready = peer.line().await;
        assert_eq!(ready["ready"], true, "{ready}");
        (peer, ready)
    }

    /// Go Pitaya's own client of the server that said `ready`.
    pub(crate) async fn client(ready: &Value) -> Self {
        let address = format!("127.0.0.1:{}", ready["port"]);
        let mut client = Self::start("client", &[&address]);
        assert_eq!(client.line().await["connected"], true);
        client
    }

    fn start(program: &str, arguments: &[&str]) -> Self {
        let folder = std::env::var_os("PITAYA_GO_PEERS")
            .expect("PITAYA_GO_PEERS names the folder that `cargo xtask interop` prints");
        let mut child = Command::new(PathBuf::from(folder).join(program))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{program} did not start: {error}"));
        Self {
            input: child.stdin.take().expect("piped"),
            lines: BufReader::new(child.stdout.take().expect("piped")).lines(),
            _child: child,
            kept: Vec::new(),
        }
    }

    /// Sends a request and waits for its answer.
    pub(crate) async fn request(&mut self, route: &str, body: Value) -> Value {
        self.say(&serde_json::json!({"request": route, "body": body}))
            .await;
        self.find(|line| line["response"] == route).await["body"].take()
    }

    /// Sends a notify.
    pub(crate) async fn notify(&mut self, route: &str, body: Value) {
        self.say(&serde_json::json!({"notify": route, "body": body}))
            .await;
    }

    /// Waits for a push.
    pub(crate) async fn push(&mut self, route: &str) -> Value {
        self.find(|line| line["push"] == route).await["body"].take()
    }

    /// Waits for the end of the connection.
    pub(crate) async fn closed(&mut self) {
        self.find(|line| line["closed"] == true).await;
    }

    async fn say(&mut self, line: &Value) {
        let line = format!("{line}\n");
        self.input
            .write_all(line.as_bytes())
            .await
            .expect("it listens");
    }

    async fn find(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(position) = self.kept.iter().position(&wanted) {
            return self.kept.remove(position);
        }
        loop {
            let line = self.line().await;
            if wanted(&line) {
                return line;
            }
            self.kept.push(line);
        }
    }

    async fn line(&mut self) -> Value {
        let line = timeout(SOON, self.lines.next_line()).await;
        let line = line.expect("it says something in time").expect("a pipe");
        serde_json::from_str(&line.expect("it has not ended")).expect("a line of JSON")
    }
}

/// Waits until a server of ours has heard of another one of this type.
pub(crate) async fn listed(server: &TestServer, server_type: &str) {
    let listed = async {
        let own = server.server_id().map(str::to_owned);
        while !server
            .members()
            .of_type(server_type)
            .iter()
            .any(|member| Some(&member.id) != own.as_ref())
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(SOON, listed).await.expect("it is listed");
}
