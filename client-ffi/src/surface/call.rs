//! What a request or a notify may say beside its route and body.

use std::time::Duration;

use pitaya_client::{NotifyCall, QueueLimits, RequestCall};

/// Settings of one call.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct CallOptions {
    /// How long a request waits for its answer, in milliseconds, with the time that it waits for a connection. Default: the client's
    /// `request_timeout_ms`. A notify has no answer to wait for.
    #[uniffi(default = None)]
    pub timeout_ms: Option<u64>,
    /// What becomes of the call while there is no connection. Default: it fails at once.
    #[uniffi(default = None)]
    pub offline: Option<Offline>,
}

/// What becomes of a call that cannot be sent now.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Offline {
    /// It fails at once.
    Fail,
    /// It waits for the connection. What has no value has its default.
    Wait {
        /// Most calls that wait. Default: 64.
        items: Option<u32>,
        /// Most bytes of routes and bodies that wait. Default: 65,536.
        bytes: Option<u32>,
        /// How long it waits at most, in milliseconds. Default: 30,000.
        age_ms: Option<u64>,
    },
    /// It waits, in place of the older call of the same kind, route and key that waits.
    LatestOnly {
        /// Tells the values of one route apart; empty where there is one.
        key: String,
    },
}

/// Limits with the defaults where nothing is said.
fn limits(items: Option<u32>, bytes: Option<u32>, age_ms: Option<u64>) -> QueueLimits {
    let mut limits = QueueLimits::default();
    if let Some(items) = items {
        limits.items = items as usize;
    }
    if let Some(bytes) = bytes {
        limits.bytes = bytes as usize;
    }
    if let Some(age) = age_ms {
        limits.age = Duration::from_millis(age).into();
    }
    limits
}

impl CallOptions {
    pub(super) fn of_request<T>(self, mut call: RequestCall<T>) -> RequestCall<T> {
        if let Some(timeout) = self.timeout_ms {
            call = call.timeout(Duration::from_millis(timeout));
        }
        match self.offline {
            None | Some(Offline::Fail) => call,
            Some(Offline::Wait {
                items,
                bytes,
                age_ms,
            }) => call.queued_within(limits(items, bytes, age_ms)),
            Some(Offline::LatestOnly { key }) => call.latest_only(key),
        }
    }

    pub(super) fn of_notify(self, call: NotifyCall) -> NotifyCall {
        match self.offline {
            None | Some(Offline::Fail) => call,
            Some(Offline::Wait {
                items,
                bytes,
                age_ms,
            }) => call.queued_within(limits(items, bytes, age_ms)),
            Some(Offline::LatestOnly { key }) => call.latest_only(key),
        }
    }
}
