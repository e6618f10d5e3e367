//! A request or a notify on its way from the host, read and checked.

use std::time::Duration;

use pitaya_client_core::{Offline, QueueLimits};

use super::fault::Fault;
use super::numbers::*;
use super::options::{PitayaCall, duration};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Request,
    Notify,
}

impl Kind {
    /// The event that such a call ends with.
    pub(crate) const fn end(self) -> u32 {
        match self {
            Self::Request => PITAYA_EVENT_ANSWER,
            Self::Notify => PITAYA_EVENT_SENT,
        }
    }
}

/// See the [module docs](self).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) kind: Kind,
    pub(crate) route: &'a str,
    pub(crate) body: &'a [u8],
    /// `None` is the client's own.
    pub(crate) timeout: Option<Duration>,
    pub(crate) offline: Offline<'a>,
}

impl<'a> Call<'a> {
    /// Reads a call.
    ///
    /// # Safety
    /// What `call` points to can be read, and nobody writes to it for as long as the result is used.
    #[expect(unsafe_code, reason = "the memory is the host's")]
    pub(crate) unsafe fn read(kind: Kind, call: &'a PitayaCall) -> Result<Self, Fault> {
        // SAFETY: handed on to the caller of this function.
        let (route, body, key) =
            unsafe { (call.route.text()?, call.body.bytes()?, call.key.text()?) };
        let offline = match call.queue {
            PITAYA_QUEUE_FAIL => Offline::Fail,
            PITAYA_QUEUE_WAIT => Offline::Queue(QueueLimits::new(
                call.queue_items as usize,
                call.queue_bytes as usize,
                duration(call.queue_age_ms),
            )),
            PITAYA_QUEUE_LATEST => Offline::LatestOnly { key },
            other => return Err(Fault::argument(format!("{other} is no PITAYA_QUEUE_*"))),
        };
        let timeout = (call.timeout_ms != 0).then(|| duration(call.timeout_ms));
        Ok(Self {
            kind,
            route,
            body,
            timeout,
            offline,
        })
    }
}
