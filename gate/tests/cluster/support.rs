//! Engines, the program, and Go's programs.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pitaya_client::Client;
use pitaya_engines::{Etcd, Nats};
use pitaya_server::cluster::{
    Bus, Cluster, EtcdBindings, EtcdConfig, EtcdDiscovery, GrpcBus, GrpcConfig, NatsBus, NatsConfig,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// Longer than anything takes; only a test that fails waits so long.
const SOON: Duration = Duration::from_secs(30);

/// What the servers of one cluster meet over, and the file that says so in Go Pitaya's keys.
pub(crate) struct Engines {
    nats: Option<Nats>,
    etcd: Etcd,
    _folder: TempDir,
    file: PathBuf,
}

impl Engines {
    pub(crate) async fn nats() -> Self {
        Self::over(Some(Nats::start().await.expect("NATS"))).await
    }

    pub(crate) async fn grpc() -> Self {
        Self::over(None).await
    }

    async fn over(nats: Option<Nats>) -> Self {
        let etcd = Etcd::start().await.expect("etcd");
        let endpoint = etcd.endpoint().trim_start_matches("http://").to_owned();
        let url = nats
            .as_ref()
            .map_or_else(|| "nats://127.0.0.1:1".to_owned(), Nats::url);
        let text = format!(
            "pitaya:\n  heartbeat: {{interval: 20s}}\n  session: {{unique: true}}\n  handler: {{messages: {{compression: false}}}}\n  \
             modules: {{bindingstorage: {{etcd: {{endpoints: [\"{endpoint}\"], prefix: game/}}}}}}\n  cluster:\n    \
             rpc:\n      client: {{nats: {{connect: \"{url}\"}}}}\n      server: {{nats: {{connect: \"{url}\"}}}}\n    \
             sd: {{etcd: {{endpoints: [\"{endpoint}\"], prefix: game/}}}}\n"
        );
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("pitaya.yaml");
        std::fs::write(&file, text).expect("written");
        Self {
            nats,
            etcd,
            _folder: folder,
            file,
        }
    }

    /// The place of a backend of this process.
    pub(crate) fn backend(&self, id: &str) -> Cluster {
        let mut config = EtcdConfig::default();
        config.endpoints = vec![self.etcd.endpoint()];
        config.prefix = "game/".to_owned();
        let bus: Arc<dyn Bus> = if let Some(nats) = &self.nats {
            Arc::new(NatsBus::new(NatsConfig::new(nats.url())))
        } else {
            let mut grpc = GrpcConfig::default();
            grpc.port = 0;
            let bindings = Arc::new(EtcdBindings::new(config.clone()));
            Arc::new(GrpcBus::new(grpc, bindings).expect("a port"))
        };
        Cluster::over(bus, Arc::new(EtcdDiscovery::new(config)), false).id(id)
    }

    /// Starts the program with the file, a free port for TCP and further keys.
    pub(crate) async fn gate(&self, keys: &[&str]) -> Gate {
        let mut gate = self.gate_that_starts(keys);
        let ready = gate.line("in the cluster").await;
        let addresses = ready["addresses"].as_str().expect("addresses");
        let addresses = addresses.trim_matches(['[', ']']).split(", ");
        gate.addresses = addresses
            .map(|address| address.parse().expect("an address"))
            .collect();
        gate
    }

    /// The same, and does not wait.
    pub(crate) fn gate_that_starts(&self, keys: &[&str]) -> Gate {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pitaya-gate"));
        command.arg("--config").arg(&self.file);
        let own = ["gate.listen.tcp=127.0.0.1:0", "gate.log.format=json"];
        let over_grpc: &[&str] = match self.nats {
            Some(_) => &[],
            None => &["gate.bus=grpc", "gate.grpc.port=0"],
        };
        for key in own.iter().chain(over_grpc).chain(keys) {
            command.arg("--set").arg(key);
        }
        let mut child = command
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program");
        let lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        Gate {
            child,
            lines,
            addresses: Vec::new(),
        }
    }

    /// Starts a server of Go Pitaya with the same file, and says what it said when it was ready.
    pub(crate) async fn go(&self, arguments: &[&str]) -> (Peer, Value) {
        let file = self.file.to_str().expect("text");
        let mut all = vec!["-config", file];
        if self.nats.is_none() {
            all.push("-grpc");
        }
        all.extend(arguments);
        let mut peer = Peer::start("peer-v3", &all);
        let ready = peer.line().await;
        assert_eq!(ready["ready"], true, "{ready}");
        (peer, ready)
    }
}

/// The program. It is killed when this is dropped.
pub(crate) struct Gate {
    child: Child,
    lines: Lines<BufReader<ChildStderr>>,
    addresses: Vec<SocketAddr>,
}

impl Gate {
    /// Where it listens for TCP.
    pub(crate) fn address(&self) -> String {
        self.addresses[0].to_string()
    }

    /// The URL of one of its listeners: those for TCP come first, then those for WebSockets, TLS, and WebSockets over TLS.
    pub(crate) fn url(&self, scheme: &str, place: usize) -> String {
        format!("{scheme}://{}", self.addresses[place])
    }

    pub(crate) async fn client(&self) -> Client {
        connected(&self.url("tcp", 0)).await
    }

    /// Waits until it logs this message.
    pub(crate) async fn line(&mut self, message: &str) -> Value {
        self.find(message, |said| said == message).await
    }

    /// Waits until it logs a message that begins so.
    pub(crate) async fn line_with(&mut self, start: &str) -> Value {
        self.find(start, |said| said.starts_with(start)).await
    }

    async fn find(&mut self, wanted: &str, fits: impl Fn(&str) -> bool) -> Value {
        let mut heard = Vec::new();
        loop {
            let Some(line) = next(&mut self.lines).await else {
                panic!("it has ended without `{wanted}`: {heard:#?}");
            };
            let line: Value = serde_json::from_str(&line).expect("a line of JSON");
            if line["message"].as_str().is_some_and(&fits) {
                return line;
            }
            heard.push(line);
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = self.child.id().expect("it was not waited for");
        kill(Pid::from_raw(id.try_into().expect("an id")), signal).expect("it runs");
    }

    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let ended = timeout(SOON, self.child.wait()).await;
        ended.expect("it ends in time").expect("a status")
    }
}

pub(crate) async fn connected(url: &str) -> Client {
    let connecting = Client::builder(url).connect();
    let client = timeout(SOON, connecting).await.expect("in time");
    client.expect("connected")
}

/// A program of Go, which takes a line and says lines. It is killed when this is dropped, and ends when its input does.
pub(crate) struct Peer {
    child: Child,
    input: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
    /// What it has said and nobody has asked for yet.
    kept: Vec<Value>,
}

impl Peer {
    /// Go Pitaya's own client.
    pub(crate) async fn client(address: &str) -> Self {
        let mut client = Self::start("client", &[address]);
        assert_eq!(client.line().await["connected"], true);
        client
    }

    fn start(program: &str, arguments: &[&str]) -> Self {
        let folder = std::env::var_os("PITAYA_GO_PEERS")
            .expect("PITAYA_GO_PEERS names the folder that `cargo xtask interop` prints");
        let mut child = Command::new(Path::new(&folder).join(program))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{program} did not start: {error}"));
        Self {
            input: child.stdin.take(),
            lines: BufReader::new(child.stdout.take().expect("piped")).lines(),
            child,
            kept: Vec::new(),
        }
    }

    /// Sends a request and waits for its answer.
    pub(crate) async fn request(&mut self, route: &str, body: Value) -> Value {
        let line = format!("{}\n", json!({"request": route, "body": body}));
        let input = self.input.as_mut().expect("it was not ended");
        input.write_all(line.as_bytes()).await.expect("it listens");
        self.find(|line| line["response"] == route).await["body"].take()
    }

    /// Waits, as a client, until Go's backend knows so many gates: it hears of them a moment after they are ready.
    pub(crate) async fn listed(&mut self, gates: usize) {
        let frontends = json!({"type": "connector"});
        loop {
            let known = self.request("hall.game.servers", frontends.clone()).await;
            if known["servers"].as_array().map_or(0, Vec::len) == gates {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for a push.
    pub(crate) async fn push(&mut self, route: &str) -> Value {
        self.find(|line| line["push"] == route).await["body"].take()
    }

    /// Waits for the end of the connection.
    pub(crate) async fn closed(&mut self) {
        self.find(|line| line["closed"] == true).await;
    }

    /// Ends it in order, and waits until it has.
    pub(crate) async fn end(mut self) {
        self.input = None;
        let ended = timeout(SOON, self.child.wait()).await;
        ended.expect("it ends in time").expect("a status");
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
        let line = next(&mut self.lines).await.expect("it has not ended");
        serde_json::from_str(&line).expect("a line of JSON")
    }
}

async fn next<R: AsyncBufRead + Unpin>(lines: &mut Lines<R>) -> Option<String> {
    let line = timeout(SOON, lines.next_line()).await;
    line.expect("it says something in time").expect("a pipe")
}

/// Asks over HTTP; the whole answer.
pub(crate) async fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("somebody listens");
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

/// Asks until the answer is as wanted.
pub(crate) async fn until<T>(ask: impl AsyncFn() -> T, wanted: impl Fn(&T) -> bool) -> T {
    let asking = async {
        loop {
            let answer = ask().await;
            if wanted(&answer) {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(SOON, asking).await.expect("it comes to that")
}
