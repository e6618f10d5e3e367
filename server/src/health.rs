//! Readiness and liveness over HTTP, for load balancers and process managers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use pitaya_protocol::SerializerSet;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::handle::{Handle, WeakHandle};
use crate::transport::bind::{Bound, Rest};

/// Requests at one time; further connections are closed. Those who ask are few, and ask every few seconds.
const CONNECTIONS: usize = 32;
/// Time for a request and its answer: a probe sends its head at once.
const TIME: Duration = Duration::from_secs(5);
/// Largest head of a request. That of a probe has some hundred bytes.
const HEAD: usize = 4 * 1024;
/// Most headers in it.
const HEADERS: usize = 64;

impl<S: SerializerSet> Handle<S> {
    /// Answers until the server has ended, or another process does in its place.
    pub(crate) fn answer_probes(&self, bound: Bound) {
        let address = bound.address();
        // A server has one builder, and that at most one such listener.
        let _ = self.life().health.set(address);
        #[cfg(unix)]
        self.life().lent.lend(&bound);
        tracing::info!(%address, "readiness is answered");
        let server = self.downgrade();
        let replaced = self.life().replaced.clone();
        let stop = async move {
            replaced.cancelled().await;
            Rest::Leave
        };
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        self.spawn(async move {
            let mut answering = JoinSet::new();
            let accepted = |stream: TcpStream, _: SocketAddr| {
                while answering.try_join_next().is_some() {}
                let Ok(place) = places.clone().try_acquire_owned() else {
                    return;
                };
                let server = server.clone();
                answering.spawn(async move {
                    // Who asks and does not listen gets nothing; there is nobody to tell.
                    let _ = tokio::time::timeout(TIME, attend(stream, &server)).await;
                    drop(place);
                });
            };
            bound.accept_loop(accepted, stop).await;
            while answering.join_next().await.is_some() {}
        });
    }
}

async fn attend<S: SerializerSet>(
    mut stream: TcpStream,
    server: &WeakHandle<S>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    let answer = loop {
        if let Some(answer) = answer(&head, server) {
            break answer;
        }
        let limit = (HEAD - head.len()) as u64;
        if (&mut stream).take(limit).read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    };
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    // A socket that is closed with unread input is reset, and the answer with it.
    let mut rest = [0; 512];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}

/// The answer to a whole head; `None` to a part of one.
fn answer<S: SerializerSet>(head: &[u8], server: &WeakHandle<S>) -> Option<String> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let plain = |status: &str| Some(response(status, status, true));
    match request.parse(head) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) if head.len() < HEAD => return None,
        Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => {
            return plain("431 Request Header Fields Too Large");
        }
        Err(_) => return plain("400 Bad Request"),
    }
    let with_body = match request.method {
        Some("GET") => true,
        Some("HEAD") => false,
        _ => return plain("405 Method Not Allowed"),
    };
    let path = request.path.unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    let server = server.upgrade();
    let (well, text) = match path {
        "/ready" => {
            let readiness = server.as_ref().map(Handle::ready);
            let text = readiness.as_ref().map(ToString::to_string);
            (
                readiness.is_some_and(|readiness| readiness.is_ready()),
                text,
            )
        }
        "/live" => {
            let live = server.as_ref().is_some_and(Handle::live);
            (live, live.then(|| "live".to_owned()))
        }
        _ => return plain("404 Not Found"),
    };
    let status = if well {
        "200 OK"
    } else {
        "503 Service Unavailable"
    };
    let text = text.unwrap_or_else(|| "the server has ended".to_owned());
    Some(response(status, &text, with_body))
}

fn response(status: &str, text: &str, with_body: bool) -> String {
    let (length, body) = (text.len() + 1, if with_body { text } else { "" });
    let end = if with_body { "\n" } else { "" };
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {length}\r\n\
         cache-control: no-store\r\nconnection: close\r\n\r\n{body}{end}"
    )
}
