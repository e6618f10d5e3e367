//! Who waits for one source of a client and puts what comes into the inbox.
//!
//! The Rust client wakes whoever waits while it does what happened, in the order in which it happened. A [`Watcher`] reads at that very
//! moment, on that thread, so that answers, pushes and states of one client come out in one order.

use std::collections::HashMap;
use std::fmt;
use std::future::{Future, IntoFuture as _};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use bytes::Bytes;
use pitaya_client::{
    Event, Events, NotifyCall, NotifyError, NotifyFuture, RequestCall, RequestError, RequestFuture,
    State, Subscription, TlsFailure, TransportError, Unreachable,
};
use tokio::time::Instant;

use super::call::Kind;
use super::event::Record;
use super::inbox::Inbox;
use super::numbers::*;

/// Where something comes from.
pub(crate) enum Source {
    Events {
        stream: Events,
        /// Why the last attempt failed, until the state comes of it.
        unreachable: Option<Arc<Unreachable>>,
    },
    Pushes {
        route: String,
        stream: Subscription<Bytes>,
    },
    Request {
        id: u64,
        future: RequestFuture<Bytes>,
    },
    Notify {
        id: u64,
        future: NotifyFuture,
    },
}

/// What a source has.
enum Next {
    /// Something that may be no event of the host, and more may come.
    Record(Option<Record>),
    /// The end of a call.
    Last(Record),
    /// Nothing will come any more.
    End,
}

impl Source {
    pub(crate) const fn events(stream: Events) -> Self {
        Self::Events {
            stream,
            unreachable: None,
        }
    }

    pub(crate) fn request(id: u64, call: RequestCall<Bytes>) -> Self {
        Self::Request {
            id,
            future: call.into_future(),
        }
    }

    pub(crate) fn notify(id: u64, call: NotifyCall) -> Self {
        Self::Notify {
            id,
            future: call.into_future(),
        }
    }

    /// Of a call.
    pub(crate) const fn kind(&self) -> Option<Kind> {
        match self {
            Self::Events { .. } | Self::Pushes { .. } => None,
            Self::Request { .. } => Some(Kind::Request),
            Self::Notify { .. } => Some(Kind::Notify),
        }
    }

    const fn id(&self) -> Option<u64> {
        match self {
            Self::Events { .. } | Self::Pushes { .. } => None,
            Self::Request { id, .. } | Self::Notify { id, .. } => Some(*id),
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        match self {
            Self::Events {
                stream,
                unreachable,
            } => pin!(stream.next()).poll(cx).map(|event| match event {
                Some(event) => Next::Record(of_event(event, unreachable)),
                None => Next::End,
            }),
            Self::Pushes { route, stream } => pin!(stream.next()).poll(cx).map(|push| match push {
                Some(Ok(body)) => Next::Record(Some(Record::push(route, None, body))),
                // The watcher reads at once: nothing is missed here, and bytes need no decoding.
                Some(Err(_)) => Next::Record(None),
                None => Next::End,
            }),
            Self::Request { id, future } => Pin::new(future).poll(cx).map(|ended| {
                Next::Last(match ended {
                    Ok(body) => Record::answer(*id, None, body),
                    Err(error) => of_request(*id, error),
                })
            }),
            Self::Notify { id, future } => Pin::new(future).poll(cx).map(|ended| {
                Next::Last(match ended {
                    Ok(()) => Record::sent(*id),
                    Err(error) => of_notify(*id, &error),
                })
            }),
        }
    }
}

/// Calls that go on, by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watchers(Arc<Mutex<HashMap<u64, Arc<Watcher>>>>);

impl Watchers {
    fn with<R>(&self, work: impl FnOnce(&mut HashMap<u64, Arc<Watcher>>) -> R) -> R {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn remove(&self, id: u64) -> Option<Arc<Watcher>> {
        self.with(|calls| calls.remove(&id))
    }

    /// Gives up all calls.
    pub(crate) fn clear(&self) {
        // Outside of the lock: giving a call up asks the client.
        for watcher in self.with(std::mem::take).into_values() {
            watcher.stop();
        }
    }
}

/// See the [module docs](self).
pub(crate) struct Watcher {
    source: Mutex<Option<Source>>,
    inbox: Arc<Inbox>,
    calls: Watchers,
}

impl Watcher {
    /// Starts to watch; a call is sent by that.
    pub(crate) fn start(source: Source, inbox: &Arc<Inbox>, calls: &Watchers) -> Arc<Self> {
        let id = source.id();
        let watcher = Arc::new(Self {
            source: Mutex::new(Some(source)),
            inbox: Arc::clone(inbox),
            calls: calls.clone(),
        });
        if let Some(id) = id {
            calls.with(|calls| calls.insert(id, Arc::clone(&watcher)));
        }
        Arc::clone(&watcher).wake();
        watcher
    }

    /// Stops watching. The source is dropped by the caller, outside of any lock; nothing if it had ended.
    pub(crate) fn stop(&self) -> Option<Source> {
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        source.take()
    }
}

impl Wake for Watcher {
    /// Reads everything that is there.
    fn wake(self: Arc<Self>) {
        let waker = Waker::from(Arc::clone(&self));
        let mut cx = Context::from_waker(&waker);
        let mut place = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(source) = place.as_mut()
            && let Poll::Ready(next) = source.poll(&mut cx)
        {
            match next {
                Next::Record(Some(record)) => self.inbox.push(record),
                Next::Record(None) => {}
                Next::Last(record) => {
                    if let Some(id) = source.id() {
                        self.calls.remove(id);
                    }
                    *place = None;
                    self.inbox.push(record);
                }
                Next::End => *place = None,
            }
        }
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher").finish_non_exhaustive()
    }
}

fn of_event(event: Event, unreachable: &mut Option<Arc<Unreachable>>) -> Option<Record> {
    match event {
        Event::State(state) => of_state(&state).map(|record| match unreachable.take() {
            Some(cause) => record.unreachable(of_unreachable(&cause), cause.is_retryable()),
            None => record,
        }),
        Event::Unreachable(cause) => {
            *unreachable = Some(cause);
            None
        }
        Event::Unhandled { route } => Some(Record::unhandled(&route)),
        Event::Unmatched { late } => Some(Record::unmatched(late)),
        Event::RoundTrip(round_trip) => Some(Record::round_trip(round_trip)),
        _ => None,
    }
}

fn of_state(state: &State) -> Option<Record> {
    match state {
        State::Connected => Some(Record::state(PITAYA_STATE_CONNECTED)),
        State::Reconnecting {
            attempt,
            next,
            cause,
        } => {
            let next = next.map(|next| next.saturating_duration_since(Instant::now()));
            Some(Record::reconnecting(*attempt, next, cause))
        }
        State::Closed(ended) => Some(Record::closed(&ended.closed, ended.exhausted)),
        // Whoever started the client has told that it connects.
        _ => None,
    }
}

/// Of several endpoints the first that decides: one that is worth trying again, if there is any.
fn of_unreachable(unreachable: &Unreachable) -> i32 {
    let retryable = unreachable.is_retryable();
    let mut errors = unreachable.failures.iter().map(|(_, error)| error);
    match errors.find(|error| error.is_retryable() == retryable) {
        Some(TransportError::PinMismatch { .. }) => PITAYA_ERROR_PIN,
        Some(TransportError::TlsSettings(_)) => PITAYA_ERROR_TLS,
        Some(TransportError::Tls { kind, .. }) => match kind {
            TlsFailure::UnknownIssuer
            | TlsFailure::WrongHost
            | TlsFailure::Expired
            | TlsFailure::Revoked
            | TlsFailure::BadCertificate => PITAYA_ERROR_CERTIFICATE,
            _ => PITAYA_ERROR_TLS,
        },
        Some(TransportError::UpgradeRefused { .. } | TransportError::UpgradeFailed { .. }) => {
            PITAYA_ERROR_UPGRADE
        }
        _ => PITAYA_ERROR_UNREACHABLE,
    }
}

fn of_request(id: u64, error: RequestError) -> Record {
    let (sent, retryable) = (error.sent(), error.is_retryable());
    let status = match &error {
        RequestError::Server(_) => PITAYA_ERROR_SERVER,
        RequestError::Timeout { .. } => PITAYA_ERROR_TIMEOUT,
        RequestError::Disconnected { .. } => PITAYA_ERROR_DISCONNECTED,
        RequestError::Expired => PITAYA_ERROR_EXPIRED,
        RequestError::Superseded => PITAYA_ERROR_SUPERSEDED,
        RequestError::QueueFull => PITAYA_ERROR_QUEUE_FULL,
        RequestError::Cancelled => PITAYA_ERROR_CANCELLED,
        RequestError::TooLarge(_) => PITAYA_ERROR_TOO_LARGE,
        RequestError::Inflate(_) => PITAYA_ERROR_INFLATE,
        RequestError::Route(_) => PITAYA_ERROR_ROUTE,
        RequestError::Encode(_) => PITAYA_ERROR_ENCODE,
        RequestError::Decode(_) => PITAYA_ERROR_DECODE,
        _ => PITAYA_ERROR_NOT_CONNECTED,
    };
    let record = Record::failed(Kind::Request.end(), id, status, error.to_string());
    let record = match error {
        RequestError::Server(payload) => record.server_error(payload),
        RequestError::Timeout { after, .. } => record.after(after),
        RequestError::Disconnected { closed, .. } => record.because(&closed),
        _ => record,
    };
    record
        .with_flag(PITAYA_FLAG_SENT, sent && status != PITAYA_ERROR_SERVER)
        .with_flag(PITAYA_FLAG_RETRYABLE, retryable)
}

fn of_notify(id: u64, error: &NotifyError) -> Record {
    let status = match error {
        NotifyError::Disconnected(_) => PITAYA_ERROR_DISCONNECTED,
        NotifyError::Expired => PITAYA_ERROR_EXPIRED,
        NotifyError::Superseded => PITAYA_ERROR_SUPERSEDED,
        NotifyError::QueueFull => PITAYA_ERROR_QUEUE_FULL,
        NotifyError::Cancelled => PITAYA_ERROR_CANCELLED,
        NotifyError::TooLarge(_) => PITAYA_ERROR_TOO_LARGE,
        NotifyError::Route(_) => PITAYA_ERROR_ROUTE,
        NotifyError::Encode(_) => PITAYA_ERROR_ENCODE,
        _ => PITAYA_ERROR_NOT_CONNECTED,
    };
    let record = Record::failed(Kind::Notify.end(), id, status, error.to_string());
    let record = match error {
        NotifyError::Disconnected(closed) => record.because(closed),
        _ => record,
    };
    record.with_flag(PITAYA_FLAG_RETRYABLE, error.is_retryable())
}
