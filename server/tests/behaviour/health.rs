//! Readiness and liveness, asked over HTTP from the start to the end.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use pitaya_server::{
    BoxFuture, Call, Component, Endpoint, Handle, NotReady, Reply, Result, Server, tcp,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn say(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(bytes).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

/// Status and text.
async fn ask(address: SocketAddr, path: &str) -> (u16, String) {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let answer = say(address, request.as_bytes()).await;
    let (head, text) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).expect("a status");
    let length = format!("content-length: {}\r\n", text.len());
    assert!(head.contains(&length), "{answer:?}");
    (status.parse().expect("a number"), text.to_owned())
}

type Seen = Arc<Mutex<Vec<(u16, String)>>>;

/// Asks when it is started and when it is told of the end.
struct Asks(Seen);

impl Asks {
    fn ask<'a>(&'a self, server: &'a Handle) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let address = server.health_address().expect("an address");
            for path in ["/ready", "/live"] {
                let answer = ask(address, path).await;
                self.0.lock().expect("no panic").push(answer);
            }
            Ok(())
        })
    }
}

impl Component for Asks {
    fn name(&self) -> Cow<'static, str> {
        "asks".into()
    }

    fn endpoints(&self) -> Vec<Endpoint> {
        vec![Endpoint::request("nothing")]
    }

    fn call(self: Arc<Self>, _: usize, call: Call) -> BoxFuture<'static, Reply> {
        Box::pin(async move { call.reply(&()) })
    }

    fn init<'a>(&'a self, server: &'a Handle) -> BoxFuture<'a, Result<()>> {
        assert_eq!(server.ready().reasons(), [NotReady::Starting]);
        self.ask(server)
    }

    fn before_shutdown<'a>(&'a self, server: &'a Handle) -> BoxFuture<'a, Result<()>> {
        assert_eq!(server.ready().reasons(), [NotReady::Draining]);
        self.ask(server)
    }
}

#[tokio::test]
async fn it_is_answered_from_the_start_to_the_end() {
    let seen = Seen::default();
    let server = Server::builder()
        .register(Asks(seen.clone()))
        .listen(tcp("127.0.0.1:0"))
        .health("127.0.0.1:0")
        .start()
        .await
        .expect("a server");
    let address = server.health_address().expect("an address");
    assert_eq!(server.addresses().len(), 1, "it is no listener for clients");
    assert!(server.ready().is_ready() && server.live());
    assert_eq!(ask(address, "/ready").await, (200, "ready\n".to_owned()));
    assert_eq!(ask(address, "/ready?verbose").await.0, 200);
    server.shutdown().await;
    assert!(!server.live());
    assert!(TcpStream::connect(address).await.is_err(), "it is closed");
    let expected = [
        (503, "the server is starting\n"),
        (200, "live\n"),
        (503, "the server is draining\n"),
        (200, "live\n"),
    ];
    let expected = expected.map(|(status, text)| (status, text.to_owned()));
    assert_eq!(*seen.lock().expect("no panic"), expected);
}

#[tokio::test]
async fn what_is_no_question_is_refused() {
    let builder = Server::builder().health("127.0.0.1:0");
    let server = builder.start().await.expect("a server");
    let address = server.health_address().expect("an address");
    let large = format!("GET /ready HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(8_000));
    let many = format!("GET /ready HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(100));
    let cases = [
        ("GET / HTTP/1.1\r\n\r\n", "404"),
        ("POST /ready HTTP/1.1\r\n\r\n", "405"),
        ("\u{1}\u{2}\u{3}\r\n\r\n", "400"),
        (&large, "431"),
        (&many, "431"),
    ];
    for (question, status) in cases {
        let answer = say(address, question.as_bytes()).await;
        let expected = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&expected), "{question:?}: {answer}");
    }
    let head = say(address, b"HEAD /ready HTTP/1.1\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.ends_with("\r\n\r\n"), "no body: {head}");
    server.shutdown().await;
}

/// A head may come in pieces. Who does not finish it is closed in time, who is one too many at once.
#[tokio::test(start_paused = true)]
async fn nobody_holds_it_up() {
    let builder = Server::builder().health("127.0.0.1:0");
    let server = builder.start().await.expect("a server");
    let address = server.health_address().expect("an address");
    let mut silent = Vec::new();
    for _ in 0..40 {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        stream.write_all(b"GET /re").await.expect("sent");
        silent.push(stream);
    }
    for mut stream in silent {
        let mut answer = Vec::new();
        // Closed, or reset as what it has sent was not read.
        let _ = stream.read_to_end(&mut answer).await;
        assert_eq!(answer, b"");
    }
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    for piece in ["GET /re", "ady HTTP/1.1\r\n", "\r\n"] {
        stream.write_all(piece.as_bytes()).await.expect("sent");
        tokio::task::yield_now().await;
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    server.shutdown().await;
}
