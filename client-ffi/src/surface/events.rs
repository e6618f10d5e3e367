//! What happens beside answers and pushes.

use std::sync::Arc;

use pitaya_client as rust;
use tokio::sync::Mutex;

use super::cancel::CancelHandle;
use super::state::{RoundTrip, State};

/// Something that happened to a client.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Event {
    /// It is in another state.
    State {
        /// Which.
        state: State,
    },
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
    RoundTrip {
        /// The measurement.
        rtt: RoundTrip,
    },
    /// The reader was too slow: this many events, all older than the next one, were dropped.
    Lagged {
        /// How many.
        missed: u64,
    },
    /// Something that this version of the surface has no name for.
    Other,
}

/// The events of a client, from the moment of asking until the client is closed. At most 64 wait to be read.
///
/// It does not keep the client alive.
#[derive(Debug, uniffi::Object)]
pub struct Events {
    source: Mutex<rust::Events>,
    stopped: CancelHandle,
}

impl Events {
    pub(super) fn new(source: rust::Events) -> Arc<Self> {
        Arc::new(Self {
            source: Mutex::new(source),
            stopped: CancelHandle::default(),
        })
    }
}

#[uniffi::export]
impl Events {
    /// The next event; nothing when the client is closed and everything was read, or after [`stop`](Self::stop).
    pub async fn next(&self) -> Option<Event> {
        let next = async { self.source.lock().await.next().await };
        self.stopped.unless(next).await.flatten().map(Event::from)
    }

    /// Ends the stream, and whoever waits for its next event.
    pub fn stop(&self) {
        self.stopped.cancel();
    }
}

impl From<rust::Event> for Event {
    fn from(event: rust::Event) -> Self {
        match event {
            rust::Event::State(state) => Self::State {
                state: (&state).into(),
            },
            rust::Event::Unhandled { route } => Self::Unhandled { route },
            rust::Event::Unmatched { late } => Self::Unmatched { late },
            rust::Event::RoundTrip(rtt) => Self::RoundTrip { rtt: rtt.into() },
            rust::Event::Lagged { missed } => Self::Lagged { missed },
            _ => Self::Other,
        }
    }
}
