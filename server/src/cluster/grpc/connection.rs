//! A connection to another server, and what became of a request that was put on it.

use std::error::Error as StdError;
use std::io;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::future::BoxFuture;
use http::Uri;
use hyper::body::Incoming;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tonic::body::Body;
use tonic::{Code, Status};
use tower_service::Service;

use super::address::Address;
use super::config::GrpcConfig;

/// After how long without a word the kernel asks whether the other machine is still there. Pings of HTTP/2 are no way to find out: a server in
/// Go closes the connection of who sends more than one in five minutes.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// Requests put on it are on their way in that order. A cheap handle; the connection ends with the last one.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    streams: SendRequest<Body>,
    origin: Uri,
}

/// What became of a request that has no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Broken {
    /// It certainly was not handled.
    #[error("it was not taken: {0}")]
    NotTaken(String),
    /// It may have been handled.
    #[error("the connection was lost: {0}")]
    Lost(String),
    /// The other server answered with a status instead of a message.
    #[error("rpc error: code = {code:?} desc = {message}")]
    Refused { code: Code, message: String },
}

impl Connection {
    pub(super) async fn open(address: Address<'_>, config: &GrpcConfig) -> io::Result<Self> {
        let no_address = || io::Error::new(io::ErrorKind::InvalidInput, "this is no address");
        let target = address.socket().ok_or_else(no_address)?;
        let origin = address.origin().ok_or_else(no_address)?;
        let opened = timeout(config.connect_timeout, async {
            let stream = TcpStream::connect(target).await?;
            tune(&stream, config)?;
            let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
            handshake.await.map_err(io::Error::other)
        });
        let (streams, connection) = opened.await??;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to another server ended");
            }
        });
        Ok(Self { streams, origin })
    }

    pub(super) fn is_open(&self) -> bool {
        !self.streams.is_closed()
    }

    pub(super) fn origin(&self) -> Uri {
        self.origin.clone()
    }
}

fn tune(stream: &TcpStream, config: &GrpcConfig) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE)
        .with_interval(Duration::from_secs(1));
    socket.set_tcp_keepalive(&keepalive)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(config.stalled_timeout))?;
    #[cfg(not(target_os = "linux"))]
    let _ = config.stalled_timeout;
    Ok(())
}

impl Service<http::Request<Body>> for Connection {
    type Response = http::Response<Incoming>;
    type Error = Broken;
    type Future = BoxFuture<'static, Result<Self::Response, Broken>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        // Not in the future: this is where the order is made.
        let answer = self.streams.send_request(request);
        Box::pin(async move {
            let response = answer.await.map_err(|error| Broken::by(&error))?;
            match Status::from_header_map(response.headers()) {
                Some(status) if status.code() != Code::Ok => Err(Broken::Refused {
                    code: status.code(),
                    message: status.message().to_owned(),
                }),
                _ => Ok(response),
            }
        })
    }
}

impl Broken {
    /// What a failed exchange says of its request; the status itself when the answer's bytes are to blame.
    pub(super) fn read(status: &Status) -> Option<Self> {
        let first = status.source();
        let mut causes = std::iter::successors(first, |&cause| cause.source());
        causes.find_map(|cause| {
            if let Some(hyper) = cause.downcast_ref::<hyper::Error>() {
                return Some(Self::by(hyper));
            }
            cause.downcast_ref::<Self>().cloned()
        })
    }

    fn by(error: &hyper::Error) -> Self {
        let h2 = error
            .source()
            .and_then(|cause| cause.downcast_ref::<h2::Error>());
        // A server that leaves says which streams it still takes, and may send back others.
        let was_sent_back = h2.is_some_and(|h2| {
            (h2.is_go_away() && h2.is_remote()) || h2.reason() == Some(h2::Reason::REFUSED_STREAM)
        });
        if error.is_canceled() || was_sent_back {
            Self::NotTaken(error.to_string())
        } else {
            Self::Lost(error.to_string())
        }
    }
}
