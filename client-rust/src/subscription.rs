//! Pushes of one route as a stream.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_core::Stream;
use pitaya_protocol::{DeserializeError, Serializer};
use thiserror::Error;

/// The pushes of one route, from the moment of subscribing until the client is closed or the stream is dropped.
///
/// A stream outlives reconnects. It holds a bounded number of pushes; when its reader falls behind, the oldest are dropped
/// and the next item is [`PushError::Lagged`], so that a gap is never silent. Several subscriptions of one route each get
/// every push.
///
/// [`next`](Self::next) needs no further crate; with `futures` or `tokio-stream` it is a [`Stream`] like any other.
#[must_use = "pushes only arrive while the subscription is kept"]
pub struct Subscription<T> {
    buffer: Arc<Buffer>,
    decode: fn(Serializer, &Bytes) -> Result<T, DeserializeError>,
}

impl<T> Subscription<T> {
    pub(crate) fn new(buffer: Arc<Buffer>, decode: fn(Serializer, &Bytes) -> Result<T, DeserializeError>) -> Self {
        Self { buffer, decode }
    }

    /// The next push; `None` when the client is closed and everything was read.
    ///
    /// Dropping the returned future loses nothing.
    pub async fn next(&mut self) -> Option<Result<T, PushError>> {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<Result<T, PushError>>> {
        let mut state = self.buffer.lock();
        if state.missed > 0 {
            let missed = std::mem::take(&mut state.missed);
            return Poll::Ready(Some(Err(PushError::Lagged { missed })));
        }
        match state.pushes.pop_front() {
            Some((serializer, body)) => {
                drop(state);
                Poll::Ready(Some((self.decode)(serializer, &body).map_err(PushError::Decode)))
            }
            None if state.ended => Poll::Ready(None),
            None => {
                state.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
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
        f.debug_struct("Subscription").field("waiting", &self.buffer.lock().pushes.len()).finish_non_exhaustive()
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

/// What a subscription has not read yet.
#[derive(Debug)]
pub(crate) struct Buffer {
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    pushes: VecDeque<(Serializer, Bytes)>,
    missed: u64,
    ended: bool,
    reader: Option<Waker>,
}

impl Buffer {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), state: Mutex::default() }
    }

    /// Poisoning cannot leave the state half changed: nothing in here panics between two changes.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn push(&self, serializer: Serializer, body: Bytes) {
        let mut state = self.lock();
        if state.pushes.len() == self.capacity {
            state.pushes.pop_front();
            state.missed += 1;
        }
        state.pushes.push_back((serializer, body));
        wake(state);
    }

    fn end(&self) {
        let mut state = self.lock();
        state.ended = true;
        wake(state);
    }
}

fn wake(mut state: MutexGuard<'_, State>) {
    let reader = state.reader.take();
    drop(state);
    if let Some(reader) = reader {
        reader.wake();
    }
}

/// Who listens to which route. Subscriptions that were dropped are forgotten when their route is next used.
#[derive(Debug, Default)]
pub(crate) struct Subscribers {
    routes: Vec<(String, Weak<Buffer>)>,
    ended: bool,
}

impl Subscribers {
    /// A buffer that receives the pushes of `route` from now on.
    pub(crate) fn add(&mut self, route: &str, capacity: usize) -> Arc<Buffer> {
        let buffer = Arc::new(Buffer::new(capacity));
        if self.ended {
            buffer.end();
            return buffer;
        }
        self.routes.retain(|(_, buffer)| buffer.strong_count() > 0);
        self.routes.push((route.to_owned(), Arc::downgrade(&buffer)));
        buffer
    }

    /// Whether anybody listens to `route`.
    pub(crate) fn listen_to(&self, route: &str) -> bool {
        self.routes.iter().any(|(of, buffer)| of == route && buffer.strong_count() > 0)
    }

    /// Hands a push to everyone who listens to its route.
    pub(crate) fn deliver(&self, route: &str, serializer: Serializer, body: &Bytes) {
        for (_, buffer) in self.routes.iter().filter(|(of, _)| of == route) {
            if let Some(buffer) = buffer.upgrade() {
                buffer.push(serializer, body.clone());
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
