//! Calls that wait for a connection.

use std::sync::Arc;

use pitaya_protocol::{Closed, MessageKind};

use crate::Timestamp;
use crate::call::{CallError, CallId, Offline};
use crate::fifo::Fifo;
use crate::output::Event;

/// A call, not written yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) id: CallId,
    pub(crate) kind: MessageKind,
    pub(crate) route: &'a str,
    pub(crate) body: &'a [u8],
    /// When a request times out.
    pub(crate) deadline: Timestamp,
    pub(crate) offline: Offline<'a>,
}

/// A call that waits, with its own copy of everything.
#[derive(Debug)]
struct Queued {
    id: CallId,
    kind: MessageKind,
    route: Box<str>,
    body: Box<[u8]>,
    deadline: Timestamp,
    /// When it has waited long enough.
    expires: Timestamp,
    /// Set where only the latest counts.
    key: Option<Box<str>>,
}

impl Queued {
    fn size(&self) -> usize {
        self.route.len() + self.body.len() + self.key.as_ref().map_or(0, |key| key.len())
    }

    /// Why it ends at `now`, if it does.
    fn over(&self, now: Timestamp) -> Option<CallError> {
        if self.deadline <= now {
            Some(CallError::Timeout { sent: false })
        } else if self.expires <= now {
            Some(CallError::Expired)
        } else {
            None
        }
    }
}

/// The calls that wait, in order.
#[derive(Debug)]
pub(crate) struct Queue {
    calls: Vec<Queued>,
    bytes: usize,
    max_items: usize,
    max_bytes: usize,
}

impl Queue {
    pub(crate) const fn new(max_items: usize, max_bytes: usize) -> Self {
        Self {
            calls: Vec::new(),
            bytes: 0,
            max_items,
            max_bytes,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Keeps a call for later, as its policy says; `refusal` is for those that do not wait.
    pub(crate) fn push(
        &mut self,
        now: Timestamp,
        call: &Call<'_>,
        refusal: CallError,
        events: &mut Fifo<Event<'static>>,
    ) -> Result<(), CallError> {
        let (mut max_items, mut max_bytes, mut expires, mut key) =
            (self.max_items, self.max_bytes, Timestamp::NEVER, None);
        match call.offline {
            Offline::Fail => return Err(refusal),
            Offline::Queue(limits) => {
                max_items = max_items.min(limits.items);
                max_bytes = max_bytes.min(limits.bytes);
                expires = now + limits.age;
            }
            Offline::LatestOnly { key: name } => key = Some(name),
        }
        let older = self.older(call);
        let (freed_items, freed_bytes) =
            older.map_or((0, 0), |index| (1, self.calls[index].size()));
        let size = call.route.len() + call.body.len() + key.map_or(0, str::len);
        if self.calls.len() - freed_items >= max_items
            || size > max_bytes.saturating_sub(self.bytes - freed_bytes)
        {
            return Err(CallError::QueueFull);
        }
        self.supersede(call, events);
        self.bytes += size;
        self.calls.push(Queued {
            id: call.id,
            kind: call.kind,
            route: call.route.into(),
            body: call.body.into(),
            deadline: call.deadline,
            expires,
            key: key.map(Into::into),
        });
        Ok(())
    }

    /// The waiting call whose place this one takes.
    fn older(&self, call: &Call<'_>) -> Option<usize> {
        let Offline::LatestOnly { key } = call.offline else {
            return None;
        };
        self.calls.iter().position(|queued| {
            queued.kind == call.kind
                && queued.key.as_deref() == Some(key)
                && *queued.route == *call.route
        })
    }

    /// Ends the waiting call whose place this one takes.
    pub(crate) fn supersede(&mut self, call: &Call<'_>, events: &mut Fifo<Event<'static>>) {
        if let Some(index) = self.older(call) {
            let call = self.remove(index);
            let error = CallError::Superseded;
            events.push(Event::Failed { call, error });
        }
    }

    /// Lets the calls go, in order, for as long as `go` takes them.
    pub(crate) fn release(&mut self, mut go: impl FnMut(&Call<'_>) -> bool) {
        let mut gone = 0;
        for queued in &self.calls {
            let call = Call {
                id: queued.id,
                kind: queued.kind,
                route: &queued.route,
                body: &queued.body,
                deadline: queued.deadline,
                offline: Offline::Fail,
            };
            if !go(&call) {
                break;
            }
            gone += 1;
            self.bytes -= queued.size();
        }
        self.calls.drain(..gone);
    }

    fn remove(&mut self, index: usize) -> CallId {
        let queued = self.calls.remove(index);
        self.bytes -= queued.size();
        queued.id
    }

    /// Drops a call; whether it was there.
    pub(crate) fn cancel(&mut self, call: CallId) -> bool {
        let found = self.calls.iter().position(|queued| queued.id == call);
        found.map(|index| self.remove(index)).is_some()
    }

    /// Ends the calls that have waited long enough.
    pub(crate) fn expire(&mut self, now: Timestamp, events: &mut Fifo<Event<'static>>) {
        let bytes = &mut self.bytes;
        self.calls.retain(|queued| {
            let over = queued.over(now);
            let stays = over.is_none();
            if let Some(error) = over {
                *bytes -= queued.size();
                let call = queued.id;
                events.push(Event::Failed { call, error });
            }
            stays
        });
    }

    /// When the next call has waited long enough.
    pub(crate) fn deadline(&self) -> Timestamp {
        self.calls.iter().fold(Timestamp::NEVER, |first, queued| {
            first.min(queued.deadline).min(queued.expires)
        })
    }

    /// Ends everything: there will be no connection.
    pub(crate) fn disconnected(&mut self, closed: &Arc<Closed>, events: &mut Fifo<Event<'static>>) {
        self.bytes = 0;
        for queued in self.calls.drain(..) {
            let (call, closed) = (queued.id, Arc::clone(closed));
            let error = CallError::Disconnected {
                sent: false,
                closed,
            };
            events.push(Event::Failed { call, error });
        }
    }
}
