//! The machine's time, counted from the making of a client.

use std::time::Duration;

use pitaya_protocol::Timestamp;
use tokio::time::Instant;

/// Translates between tokio's time and the machine's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    origin: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self {
            origin: Instant::now(),
        }
    }

    pub(crate) fn now(self) -> Timestamp {
        Timestamp::ZERO + self.origin.elapsed()
    }

    pub(crate) fn instant(self, at: Timestamp) -> Instant {
        self.origin + Duration::from_micros(at.as_micros()).min(FAR)
    }
}

/// Beyond what any clock can say, and not too far to be added to it.
const FAR: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
