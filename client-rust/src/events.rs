//! What happens beside answers and pushes, for logs and screens.

use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use futures_core::Stream;
use pitaya_client_core::RoundTrip;

use crate::buffer::{Buffer, Capacity, Next};
use crate::state::State;
use crate::transport::Unreachable;

/// Events that a reader may be behind by. They are rare: a screen that misses this many has stopped drawing.
const CAPACITY: Capacity = Capacity {
    items: 64,
    bytes: usize::MAX,
};

/// Something that happened to a client.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// It is in another state.
    State(State),
    /// An attempt reached no server. The state that this leads to comes next.
    Unreachable(Arc<Unreachable>),
    /// A push came on a route that nobody subscribes to.
    Unhandled {
        /// The route.
        route: String,
    },
    /// An answer came that no request waits for.
    Unmatched {
        /// Whether its request had timed out or was cancelled; otherwise the server made the id up.
        late: bool,
    },
    /// The round trip was measured anew.
    RoundTrip(RoundTrip),
    /// The reader was too slow: this many events, all older than the next one, were dropped.
    Lagged {
        /// How many.
        missed: u64,
    },
}

/// The [`Event`]s of a client, from the moment of asking until the client is closed.
#[derive(Debug)]
#[must_use = "events only arrive while the stream is kept"]
pub struct Events {
    buffer: Arc<Buffer<Event>>,
}

impl Events {
    /// The next event; `None` when the client is closed and everything was read.
    ///
    /// Dropping the returned future loses nothing.
    pub async fn next(&mut self) -> Option<Event> {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.buffer.poll_next(cx).map(|next| match next {
            Next::Item(event) => Some(event),
            Next::Missed(missed) => Some(Event::Lagged { missed }),
            Next::End => None,
        })
    }
}

impl Stream for Events {
    type Item = Event;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.poll(cx)
    }
}

/// Who listens to events.
#[derive(Debug, Default)]
pub(crate) struct Listeners {
    buffers: Vec<Weak<Buffer<Event>>>,
    ended: bool,
}

impl Listeners {
    pub(crate) fn add(&mut self) -> Events {
        let buffer = Arc::new(Buffer::new(CAPACITY));
        if self.ended {
            buffer.end();
        } else {
            self.buffers.push(Arc::downgrade(&buffer));
        }
        Events { buffer }
    }

    /// Hands an event to everyone who listens; it is only made when somebody does.
    pub(crate) fn tell(&mut self, event: impl Fn() -> Event) {
        self.buffers.retain(|buffer| match buffer.upgrade() {
            Some(buffer) => {
                buffer.push(event(), 0);
                true
            }
            None => false,
        });
    }

    pub(crate) fn end(&mut self) {
        self.ended = true;
        for buffer in self.buffers.drain(..).filter_map(|buffer| buffer.upgrade()) {
            buffer.end();
        }
    }
}
