//! Orders of the page in the core's terms.

use std::time::Duration;

use pitaya_client_core::{Close, CloseCode, Offline, QueueLimits, Timestamp};

/// A point of the page's clock, which counts milliseconds.
pub(crate) fn timestamp(millis: f64) -> Timestamp {
    Timestamp::from_micros((millis * 1000.0) as u64)
}

/// The same for the page.
pub(crate) fn millis(time: Timestamp) -> f64 {
    time.as_micros() as f64 / 1000.0
}

/// A length of time in milliseconds; infinity is one that never ends.
pub(crate) fn duration(millis: f64) -> Duration {
    Duration::from_micros((millis * 1000.0) as u64)
}

/// A close that the page has read: negative and empty stand for what was not said.
pub(crate) fn close(code: u16, reason: String, retry_after: f64, endpoint: String) -> Close {
    let mut close = Close::new(CloseCode::from_number(code));
    if !reason.is_empty() {
        close.reason = reason.into();
    }
    if retry_after >= 0.0 {
        close.retry_after = Some(duration(retry_after));
    }
    if !endpoint.is_empty() {
        close.endpoint = Some(endpoint);
    }
    close
}

/// What becomes of a call without a connection.
pub(crate) fn offline<'a>(
    queue: u8,
    items: usize,
    bytes: usize,
    age: f64,
    key: &'a str,
) -> Offline<'a> {
    match queue {
        0 => Offline::Fail,
        1 => Offline::Queue(QueueLimits::new(items, bytes, duration(age))),
        _ => Offline::LatestOnly { key },
    }
}
