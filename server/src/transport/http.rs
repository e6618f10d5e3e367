//! The HTTP request that becomes a WebSocket.

use std::{io, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri, Version, header};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    time::timeout,
};
use tokio_tungstenite::tungstenite::{
    self,
    error::ProtocolError,
    handshake::server::{create_response, write_response},
};

use super::{End, poll_end};
use crate::limits::Limits;

/// A WebSocket was agreed on.
#[derive(Debug)]
pub(crate) struct Upgraded {
    /// The request as it came, without what follows it.
    pub(crate) head: Box<[u8]>,
    /// What the client sent behind its request.
    pub(crate) leftover: Vec<u8>,
}

/// Why a connection did not become a WebSocket.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum UpgradeError {
    /// The client ended before its request was complete.
    #[error("ended before its HTTP request was complete")]
    Closed,
    /// The socket broke.
    #[error("HTTP request: {0}")]
    Io(#[from] io::Error),
    /// The client got an HTTP answer that says no.
    #[error("HTTP request refused: {} {}", .0.status(), .0.text())]
    Refused(Refusal),
}

/// The answers that say no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Not HTTP/1.1, or not a WebSocket request that RFC 6455, 4.2.1 allows.
    Malformed(&'static str),
    /// A page of another site wants in.
    ForeignOrigin,
    /// A WebSocket begins with GET.
    Method,
    /// The client is slower than [`Limits::upgrade_timeout`].
    Slow,
    /// A request, but not for a WebSocket (of version 13).
    NotWebSocket,
    /// Larger than [`Limits::upgrade_bytes`].
    TooLarge,
}

impl Refusal {
    pub(crate) const fn status(self) -> u16 {
        match self {
            Self::Malformed(_) => 400,
            Self::ForeignOrigin => 403,
            Self::Method => 405,
            Self::Slow => 408,
            Self::NotWebSocket => 426,
            Self::TooLarge => 431,
        }
    }

    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Malformed(what) => what,
            Self::ForeignOrigin => "this origin may not connect",
            Self::Method => "a WebSocket begins with GET",
            Self::Slow => "the request did not arrive in time",
            Self::NotWebSocket => "this is a WebSocket server",
            Self::TooLarge => "the request's headers are too large",
        }
    }

    fn answer(self) -> String {
        let (phrase, header) = match self {
            Self::Malformed(_) => ("Bad Request", ""),
            Self::ForeignOrigin => ("Forbidden", ""),
            Self::Method => ("Method Not Allowed", "Allow: GET\r\n"),
            Self::Slow => ("Request Timeout", ""),
            // RFC 9110, 15.5.22 and RFC 6455, 4.4.
            Self::NotWebSocket => (
                "Upgrade Required",
                "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
            ),
            Self::TooLarge => ("Request Header Fields Too Large", ""),
        };
        let (status, text) = (self.status(), self.text());
        let connection = if self == Self::NotWebSocket {
            "close, Upgrade"
        } else {
            "close"
        };
        format!(
            "HTTP/1.1 {status} {phrase}\r\nConnection: {connection}\r\n{header}\
             Content-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\r\n{text}\n",
            text.len() + 1,
        )
    }
}

/// Reads the request, of which `start` was read already, and answers it.
///
/// Every refusal is an HTTP answer. `origins` are the web origins that may connect, all if there are none; a client without an
/// `Origin` header is no browser and always may.
pub(crate) async fn upgrade<IO: AsyncRead + AsyncWrite + Unpin>(
    io: &mut IO,
    start: Vec<u8>,
    origins: &[Box<str>],
    limits: &Limits,
) -> Result<Upgraded, UpgradeError> {
    let work = async {
        let (request, upgraded) = read_head(io, start, limits.upgrade_bytes).await?;
        let response = respond(&request, origins).map_err(UpgradeError::Refused)?;
        let mut answer = Vec::with_capacity(160);
        write_response(&mut answer, &response)
            .map_err(|_| UpgradeError::Refused(Refusal::Malformed(MALFORMED)))?;
        io.write_all(&answer).await?;
        io.flush().await?;
        Ok(upgraded)
    };
    let result = timeout(limits.upgrade_timeout, work)
        .await
        .unwrap_or(Err(UpgradeError::Refused(Refusal::Slow)));
    if let Err(UpgradeError::Refused(refusal)) = &result {
        refuse(io, *refusal, limits.close_timeout).await;
    }
    result
}

/// Answers and ends the connection, within the time that the end of a connection may take.
async fn refuse<IO: AsyncRead + AsyncWrite + Unpin>(io: &mut IO, refusal: Refusal, time: Duration) {
    let work = async {
        io.write_all(refusal.answer().as_bytes()).await?;
        io.flush().await?;
        let mut end = End::default();
        std::future::poll_fn(|cx| poll_end(io, &mut end, cx)).await
    };
    // A client that is gone, or takes no answer, gets none.
    let _: Result<io::Result<()>, _> = timeout(time, work).await;
}

async fn read_head<IO: AsyncRead + Unpin>(
    io: &mut IO,
    mut bytes: Vec<u8>,
    limit: usize,
) -> Result<(Request<()>, Upgraded), UpgradeError> {
    let mut searched = 0;
    loop {
        if let Some(end) = find_end(&bytes, searched) {
            if end > limit {
                return Err(UpgradeError::Refused(Refusal::TooLarge));
            }
            let leftover = bytes.split_off(end);
            let (request, _) = parse_head(&bytes)
                .map_err(UpgradeError::Refused)?
                .ok_or(UpgradeError::Refused(Refusal::Malformed(MALFORMED)))?;
            return Ok((
                request,
                Upgraded {
                    head: bytes.into_boxed_slice(),
                    leftover,
                },
            ));
        }
        if bytes.len() >= limit {
            return Err(UpgradeError::Refused(Refusal::TooLarge));
        }
        searched = bytes.len();
        bytes.reserve(1024);
        if io.read_buf(&mut bytes).await? == 0 {
            return Err(UpgradeError::Closed);
        }
        // A packet or a TLS hello is told apart by its first byte; nothing that follows could make it HTTP.
        if !bytes[0].is_ascii_alphabetic() {
            return Err(UpgradeError::Refused(Refusal::Malformed(MALFORMED)));
        }
    }
}

/// Where the empty line ends, looking at what came after `searched`.
fn find_end(bytes: &[u8], searched: usize) -> Option<usize> {
    const END: &[u8] = b"\r\n\r\n";
    let from = searched.saturating_sub(END.len() - 1);
    bytes[from..]
        .windows(END.len())
        .position(|window| window == END)
        .map(|at| from + at + END.len())
}

const MALFORMED: &str = "the request is not HTTP/1.1";

/// The request in `bytes` and its length, or nothing if it goes on.
pub(crate) fn parse_head(bytes: &[u8]) -> Result<Option<(Request<()>, usize)>, Refusal> {
    // One copy that all header values share.
    let shared = Bytes::copy_from_slice(bytes);
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Request::new(&mut headers);
    let length = match head.parse(&shared) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(Refusal::TooLarge),
        Err(_) => return Err(Refusal::Malformed(MALFORMED)),
    };
    if head.version != Some(1) {
        return Err(Refusal::Malformed(MALFORMED));
    }
    build(&head, &shared)
        .map(|request| Some((request, length)))
        .ok_or(Refusal::Malformed(MALFORMED))
}

/// The request, with its header values as slices of `shared`, from which it was parsed.
fn build(head: &httparse::Request<'_, '_>, shared: &Bytes) -> Option<Request<()>> {
    let mut headers = HeaderMap::with_capacity(head.headers.len());
    for line in head.headers.iter() {
        let name = HeaderName::from_bytes(line.name.as_bytes()).ok()?;
        let value = shared.slice_ref(line.value);
        headers.append(name, HeaderValue::from_maybe_shared(value).ok()?);
    }
    let mut request = Request::new(());
    *request.method_mut() = Method::from_bytes(head.method?.as_bytes()).ok()?;
    *request.uri_mut() = head.path?.parse::<Uri>().ok()?;
    *request.version_mut() = Version::HTTP_11;
    *request.headers_mut() = headers;
    Some(request)
}

/// The answer 101 to a request for a WebSocket, or why there is none. Any path will do (wire 1.3).
pub(crate) fn respond(
    request: &Request<()>,
    origins: &[Box<str>],
) -> Result<Response<()>, Refusal> {
    if request.method() != Method::GET {
        return Err(Refusal::Method);
    }
    let response = create_response(request).map_err(|error| match error {
        tungstenite::Error::Protocol(
            ProtocolError::MissingConnectionUpgradeHeader
            | ProtocolError::MissingUpgradeWebSocketHeader
            | ProtocolError::MissingSecWebSocketVersionHeader,
        ) => Refusal::NotWebSocket,
        _ => Refusal::Malformed("the request's WebSocket key is missing or wrong"),
    })?;
    if !origin_allowed(request.headers(), origins) {
        return Err(Refusal::ForeignOrigin);
    }
    Ok(response)
}

fn origin_allowed(headers: &HeaderMap, origins: &[Box<str>]) -> bool {
    // All of them, so that a second header cannot hide the first.
    origins.is_empty()
        || headers.get_all(header::ORIGIN).iter().all(|given| {
            origins
                .iter()
                .any(|origin| given.as_bytes().eq_ignore_ascii_case(origin.as_bytes()))
        })
}
