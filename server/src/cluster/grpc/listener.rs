//! The port that other servers connect to.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::config::GrpcConfig;
use super::metrics::Place;
use super::receiver::{Receiver, Streams};

/// How long a connection may say nothing at its beginning. Servers speak at once.
const FIRST_BYTE: Duration = Duration::from_secs(5);

/// After how long without a word the other side is asked whether it is there, and how long it may take to say so.
const PING_INTERVAL: Duration = Duration::from_secs(15);
const PING_TIMEOUT: Duration = Duration::from_secs(5);

/// The pause after an accept that failed, which is when files or memory have run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Takes the port, so that it is known before anyone is told of it.
pub(super) fn bind(config: &GrpcConfig) -> io::Result<(StdListener, u16)> {
    let listener = StdListener::bind(SocketAddr::new(config.listen, config.port))?;
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

/// When a listener and its connections end.
#[derive(Clone, Debug, Default)]
pub(super) struct Ending {
    /// No more connections and no more requests; what is under way goes on.
    pub(super) leave: CancellationToken,
    /// Everything ends.
    pub(super) end: CancellationToken,
}

/// Serves the connections that come until it is told to leave.
pub(super) async fn serve(
    listener: TcpListener,
    receiver: Arc<Receiver>,
    ending: Ending,
    tasks: TaskTracker,
) {
    let limits = receiver.limits();
    let places = Arc::new(Semaphore::new(limits.connections));
    let mut http = http2::Builder::new(TokioExecutor::new());
    // Streams above the limit of requests are answered that it is reached, and not left waiting; what exceeds that by far waits at the caller.
    let streams = u32::try_from(limits.taken_requests.saturating_mul(2)).unwrap_or(u32::MAX);
    http.timer(TokioTimer::new())
        .max_concurrent_streams(streams)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT);
    loop {
        let accepted = tokio::select! {
            biased;
            () = ending.leave.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                // One too many is closed at once.
                let gauge = &receiver.metrics().connections;
                if let Some(place) = Place::take(&places, Some(gauge)) {
                    let connection =
                        connection(stream, http.clone(), receiver.clone(), ending.clone());
                    tasks.spawn(async move {
                        connection.await;
                        drop(place);
                    });
                } else {
                    tracing::debug!("a connection more than the limit allows");
                }
            }
            Err(error) => {
                tracing::warn!(%error, "no connection can be accepted from other servers");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    http: http2::Builder<TokioExecutor>,
    receiver: Arc<Receiver>,
    ending: Ending,
) {
    let mut first = [0];
    let began = tokio::select! {
        began = timeout(FIRST_BYTE, stream.peek(&mut first)) => matches!(began, Ok(Ok(1))),
        () = ending.leave.cancelled() => false,
    };
    if !began || stream.set_nodelay(true).is_err() {
        return;
    }
    let streams = Streams::new(receiver);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), streams));
    let mut leaving = false;
    loop {
        tokio::select! {
            result = &mut connection => {
                if let Err(error) = result {
                    tracing::debug!(%error, "a connection of another server ended");
                }
                return;
            }
            () = ending.leave.cancelled(), if !leaving => {
                leaving = true;
                connection.as_mut().graceful_shutdown();
            }
            () = ending.end.cancelled() => return,
        }
    }
}
