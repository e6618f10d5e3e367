//! Requests: built, sent when awaited, given up when dropped.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use pitaya_client_core::{Input, QueueLimits};
use pitaya_protocol::{DeserializeError, ErrorPayload, Serializer};

use crate::call::{Offline, Ongoing, Outgoing};
use crate::error::RequestError;
use crate::shared::Outcome;

/// How the answer's bytes become the value.
pub(crate) type DecodeFn<T> = fn(Serializer, &Bytes) -> Result<T, DeserializeError>;

/// A request that is sent when it is awaited.
///
/// ```no_run
/// # use std::time::Duration;
/// # use pitaya_client::{Client, Request, RequestError};
/// # #[derive(serde::Serialize)] struct Join { name: String }
/// # #[derive(serde::Deserialize)] struct Joined { members: Vec<String> }
/// const JOIN: Request<Join, Joined> = Request::new("room.join");
///
/// async fn join(client: &Client, name: &str) -> Result<Joined, RequestError> {
///     client.request(JOIN, &Join { name: name.into() }).timeout(Duration::from_secs(3)).await
/// }
/// ```
#[must_use = "a request is only sent when it is awaited"]
pub struct RequestCall<T> {
    outgoing: Outgoing,
    timeout: Duration,
    decode: DecodeFn<T>,
}

impl<T> RequestCall<T> {
    pub(crate) fn new(outgoing: Outgoing, timeout: Duration, decode: DecodeFn<T>) -> Self {
        Self {
            outgoing,
            timeout,
            decode,
        }
    }

    /// How long to wait for the answer, with the time it may wait for a connection. Default: [`Builder::request_timeout`](crate::Builder::request_timeout).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// While there is no connection, waits for one, within the default [`QueueLimits`]. Without this it fails at once.
    pub fn queued(self) -> Self {
        self.queued_within(QueueLimits::default())
    }

    /// While there is no connection, waits for one, within these limits.
    pub fn queued_within(mut self, limits: QueueLimits) -> Self {
        self.outgoing.offline = Offline::Queue(limits);
        self
    }

    /// While there is no connection, waits for one, in place of the older request of the same route and key that waits.
    pub fn latest_only(mut self, key: impl Into<String>) -> Self {
        self.outgoing.offline = Offline::LatestOnly(key.into());
        self
    }
}

impl<T> IntoFuture for RequestCall<T> {
    type Output = Result<T, RequestError>;
    type IntoFuture = RequestFuture<T>;

    fn into_future(self) -> RequestFuture<T> {
        RequestFuture {
            timeout: self.timeout,
            decode: self.decode,
            state: State::New(self.outgoing),
        }
    }
}

impl<T> fmt::Debug for RequestCall<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestCall")
            .field("route", &self.outgoing.route)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// A request that was awaited. Dropping it gives the request up: the server may still act on it, its answer is dropped.
#[must_use = "a request is only sent when it is awaited"]
pub struct RequestFuture<T> {
    timeout: Duration,
    decode: DecodeFn<T>,
    state: State,
}

#[derive(Debug)]
enum State {
    New(Outgoing),
    Sent(Ongoing),
    Done,
}

impl<T> Future for RequestFuture<T> {
    type Output = Result<T, RequestError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let timeout = self.timeout;
        if matches!(self.state, State::New(_))
            && let State::New(outgoing) = std::mem::replace(&mut self.state, State::Done)
        {
            let Outgoing {
                shared,
                route,
                body,
                offline,
            } = outgoing;
            let body = body?;
            let call = shared.call(cx, |call| Input::Request {
                call,
                route: &route,
                body: &body,
                timeout: Some(timeout.into()),
                offline: offline.as_core(),
            });
            self.state = State::Sent(Ongoing::new(shared, call));
        }
        let State::Sent(ongoing) = &mut self.state else {
            panic!("a request was polled after its end")
        };
        let outcome = ready!(ongoing.poll(cx));
        self.state = State::Done;
        Poll::Ready(match outcome {
            Outcome::Answer {
                error: false,
                serializer,
                body,
            } => (self.decode)(serializer, &body).map_err(RequestError::Decode),
            Outcome::Answer {
                error: true,
                serializer,
                body,
            } => Err(RequestError::Server(ErrorPayload::read_lossy(
                serializer, &body,
            ))),
            Outcome::NotInflated(error) => Err(RequestError::Inflate(error)),
            Outcome::Failed(error) => Err(RequestError::of_call(error, timeout)),
            Outcome::Sent => Err(RequestError::Cancelled),
        })
    }
}

impl<T> fmt::Debug for RequestFuture<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestFuture")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
