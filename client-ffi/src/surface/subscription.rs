//! Pushes of one route.

use std::sync::Arc;

use bytes::Bytes;
use pitaya_client as rust;
use tokio::sync::Mutex;

use super::cancel::CancelHandle;

/// What a subscription delivers.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Push {
    /// A push.
    Message {
        /// Its payload, inflated.
        body: Vec<u8>,
    },
    /// The reader was too slow: this many pushes, all older than the next one, were dropped.
    Lagged {
        /// How many.
        missed: u64,
    },
}

/// The pushes of one route, from the moment of subscribing until the client is closed or the subscription is dropped.
///
/// It outlives reconnects, and holds a bounded number of pushes: the oldest make room for the newest and are counted. Several subscriptions of one
/// route each get every push. It does not keep the client alive.
#[derive(Debug, uniffi::Object)]
pub struct Subscription {
    source: Mutex<rust::Subscription<Bytes>>,
    stopped: CancelHandle,
}

impl Subscription {
    pub(super) fn new(source: rust::Subscription<Bytes>) -> Arc<Self> {
        Arc::new(Self {
            source: Mutex::new(source),
            stopped: CancelHandle::default(),
        })
    }
}

#[uniffi::export]
impl Subscription {
    /// The next push; nothing when the client is closed and everything was read, or after [`stop`](Self::stop).
    pub async fn next(&self) -> Option<Push> {
        let next = async { self.source.lock().await.next().await };
        let next = self.stopped.unless(next).await.flatten()?;
        Some(match next {
            Ok(body) => Push::Message { body: body.into() },
            Err(rust::PushError::Lagged { missed }) => Push::Lagged { missed },
            // Bytes have no other form; whatever else went wrong cost this one push.
            Err(_) => Push::Lagged { missed: 1 },
        })
    }

    /// Ends the subscription, and whoever waits for its next push.
    pub fn stop(&self) {
        self.stopped.cancel();
    }
}
