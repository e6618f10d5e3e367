//! Pushes of one route as a stream.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use pitaya_protocol::{DeserializeError, Serializer};
use thiserror::Error;

use crate::buffer::{Buffer, Capacity, Next};

/// A push as it waits: the serializer of the connection that it came over, and its payload.
type Waiting = (Serializer, Bytes);

/// The pushes of one route, from the moment of subscribing until the client is closed or the stream is dropped.
///
/// A stream outlives reconnects. It holds a bounded number of pushes; when its reader falls behind, the oldest are dropped
/// and the next item is [`PushError::Lagged`], so that a gap is never silent. Several subscriptions of one route each get
/// every push.
///
/// [`next`](Self::next) needs no further crate; with `futures` or `tokio-stream` it is a [`Stream`] like any other.
#[must_use = "pushes only arrive while the subscription is kept"]
pub struct Subscription<T> {
    buffer: Arc<Buffer<Waiting>>,
    decode: fn(Serializer, &Bytes) -> Result<T, DeserializeError>,
}

impl<T> Subscription<T> {
    pub(crate) fn new(
        buffer: Arc<Buffer<Waiting>>,
        decode: fn(Serializer, &Bytes) -> Result<T, DeserializeError>,
    ) -> Self {
        Self { buffer, decode }
    }

    /// The next push; `None` when the client is closed and everything was read.
    ///
    /// Dropping the returned future loses nothing.
    pub async fn next(&mut self) -> Option<Result<T, PushError>> {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<Result<T, PushError>>> {
        self.buffer.poll_next(cx).map(|next| match next {
            Next::Item((serializer, body)) => {
                Some((self.decode)(serializer, &body).map_err(PushError::Decode))
            }
            Next::Missed(missed) => Some(Err(PushError::Lagged { missed })),
            Next::End => None,
        })
    }
}

impl<T> Stream for Subscription<T> {
    type Item = Result<T, PushError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(cx)
    }
}

impl<T> fmt::Debug for Subscription<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("waiting", &self.buffer.len())
            .finish_non_exhaustive()
    }
}

/// A push that a subscription could not deliver. The stream goes on after it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PushError {
    /// The reader was too slow: this many pushes, all older than the next one, were dropped.
    #[error("{missed} pushes were dropped because they were not read in time")]
    Lagged {
        /// How many.
        missed: u64,
    },
    /// The payload is not what the route's type says.
    #[error("a push could not be decoded")]
    Decode(#[source] DeserializeError),
}

/// Who listens to which route. Subscriptions that were dropped are forgotten when their route is next used.
#[derive(Debug, Default)]
pub(crate) struct Subscribers {
    routes: Vec<(String, Weak<Buffer<Waiting>>)>,
    ended: bool,
}

impl Subscribers {
    /// A buffer that receives the pushes of `route` from now on.
    pub(crate) fn add(&mut self, route: &str, capacity: Capacity) -> Arc<Buffer<Waiting>> {
        let buffer = Arc::new(Buffer::new(capacity));
        if self.ended {
            buffer.end();
            return buffer;
        }
        self.routes.retain(|(_, buffer)| buffer.strong_count() > 0);
        self.routes
            .push((route.to_owned(), Arc::downgrade(&buffer)));
        buffer
    }

    /// Whether anybody listens to `route`.
    pub(crate) fn listen_to(&self, route: &str) -> bool {
        self.routes
            .iter()
            .any(|(of, buffer)| of == route && buffer.strong_count() > 0)
    }

    /// Hands a push to everyone who listens to its route.
    pub(crate) fn deliver(&self, route: &str, serializer: Serializer, body: &Bytes) {
        for (_, buffer) in self.routes.iter().filter(|(of, _)| of == route) {
            if let Some(buffer) = buffer.upgrade() {
                buffer.push((serializer, body.clone()), body.len());
            }
        }
    }

    /// Ends all streams: no push will come any more.
    pub(crate) fn end(&mut self) {
        self.ended = true;
        for (_, buffer) in self.routes.drain(..) {
            if let Some(buffer) = buffer.upgrade() {
                buffer.end();
            }
        }
    }
}
