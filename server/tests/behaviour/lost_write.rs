//! A connection whose writes fail has ended, also while nothing is read from it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use pitaya_server::protocol::{CloseCode, Request};
use pitaya_server::{Functions, Peer, Server, Session};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

use crate::support::{Client, Gate, Hello, Link, Rig, Via, until};

/// A stream that breaks on command: nothing comes any more, and writes fail.
struct Breaks {
    io: DuplexStream,
    broken: Arc<AtomicBool>,
}

impl Breaks {
    fn is_broken(&self) -> bool {
        self.broken.load(Ordering::SeqCst)
    }
}

impl AsyncRead for Breaks {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_broken() {
            return Poll::Pending;
        }
        Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Breaks {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_broken() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

/// Waiting messages, of which as many are read ahead as may be; then the line breaks, and a push finds out.
async fn breaks_with(waiting: usize, grace: Duration) {
    let gate = Gate::new();
    let waits = gate.clone();
    let game = Functions::new("game").request(
        Request::new("game.wait"),
        move |session: Session, (): ()| {
            let gate = waits.clone();
            async move {
                gate.pass().await;
                session.dropped().await;
                Ok(1)
            }
        },
    );
    let builder = Server::builder().register(game).configure(|config| {
        config.limits.read_ahead = 1;
        config.grace = grace;
    });
    let rig = Rig::start(Via::Memory, builder).await;
    let (client, io) = tokio::io::duplex(4096);
    let broken = Arc::new(AtomicBool::new(false));
    let breaks = Breaks {
        io,
        broken: broken.clone(),
    };
    let handle = rig.clone();
    let served = tokio::spawn(async move { handle.serve_connection(breaks, Peer::memory()).await });
    let mut client = Client::open(Link::Bytes(Box::new(client)), Hello::ours())
        .await
        .expect("let in");
    client.ready().await;
    for _ in 0..waiting {
        client.send_json("game.wait", &());
    }
    client.flush().await;
    gate.reached(waiting.min(1) as u32).await;
    gate.open(1);
    broken.store(true, Ordering::SeqCst);
    let session = rig.session(1).expect("a session");
    session.push_to("onNews", &1).expect("queued");
    session.dropped().await;
    if !grace.is_zero() {
        // The session is still there, but no connection is counted.
        until(|| rig.connection_count() == 0).await;
        assert!(!session.is_ended());
        return;
    }
    session.ended().await;
    served.await.expect("served to its end");
    let closed = rig.newest_close(1).await.closed;
    assert_eq!(closed.close.code, CloseCode::TRANSPORT);
    assert_eq!((rig.session_count(), rig.connection_count()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn it_ends_the_session() {
    let began = tokio::time::Instant::now();
    breaks_with(0, Duration::ZERO).await;
    assert!(began.elapsed().is_zero());
}

#[tokio::test(start_paused = true)]
async fn it_frees_the_connections_place_while_the_session_waits() {
    breaks_with(0, Duration::from_secs(60)).await;
}

#[tokio::test(start_paused = true)]
async fn it_ends_the_session_also_while_a_handler_holds_up_the_reading() {
    let began = tokio::time::Instant::now();
    breaks_with(3, Duration::ZERO).await;
    assert!(began.elapsed().is_zero());
}
