//! The calls that have not ended: those that wait for a connection, and those that were written to the present one.

use pitaya_protocol::{Closed, MessageKind};

use crate::Timestamp;
use crate::call::{CallError, CallId, Offline};
use crate::config::Config;
use crate::fifo::Fifo;
use crate::output::Event;

/// Ids stay in 31 bits: clients and servers of the family hold them in a signed word, and 0 is never answered (wire 6.2).
const MAX_ID: u32 = 0x7FFF_FFFF;
/// How many given-up ids are remembered, 4 bytes each. It matters only when the ids have gone round within one connection.
const MAX_ABANDONED: usize = 1024;

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

/// A call that has not ended.
#[derive(Debug)]
pub(crate) struct Pending {
    call: CallId,
    kind: MessageKind,
    /// When a request times out.
    deadline: Timestamp,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Waiting(Box<Waiting>),
    /// It was written at `since`; a notify has no id, which is 0 then, and ends when it is handed to the transport.
    Written {
        id: u32,
        /// How many times had been transmitted then; once more, and it was sent.
        round: u32,
        since: Timestamp,
    },
}

/// What a call that waits has a copy of.
#[derive(Debug)]
struct Waiting {
    route: Box<str>,
    body: Box<[u8]>,
    /// When it has waited long enough.
    expires: Timestamp,
    /// Set where only the latest counts.
    key: Option<Box<str>>,
}

impl Pending {
    /// It as a call again, if it waits.
    pub(crate) fn as_call(&self) -> Option<Call<'_>> {
        let Stage::Waiting(waiting) = &self.stage else {
            return None;
        };
        Some(Call {
            id: self.call,
            kind: self.kind,
            route: &waiting.route,
            body: &waiting.body,
            deadline: self.deadline,
            offline: Offline::Fail,
        })
    }

    /// Whether it was handed to the transport before this round.
    const fn is_sent(&self, now: u32) -> bool {
        matches!(self.stage, Stage::Written { round, .. } if round != now)
    }

    /// When its time is over.
    fn end(&self) -> Timestamp {
        match &self.stage {
            Stage::Waiting(waiting) => self.deadline.min(waiting.expires),
            Stage::Written { .. } => self.deadline,
        }
    }

    /// Whether it waits and `call` takes its place.
    fn gives_way(&self, call: &Call<'_>) -> bool {
        let (Stage::Waiting(waiting), Offline::LatestOnly { key }) = (&self.stage, call.offline)
        else {
            return false;
        };
        self.kind == call.kind
            && waiting.key.as_deref() == Some(key)
            && *waiting.route == *call.route
    }
}

/// The calls that have not ended.
#[derive(Debug)]
pub(crate) struct Calls {
    /// Those that wait stand in the order in which they came, those that were written in the order of that, which is mostly that of the
    /// answers: searches begin in front.
    list: Vec<Pending>,
    /// How many of them wait.
    waiting: usize,
    /// How many notifies were written and not handed to the transport yet.
    notifies: usize,
    /// How many times everything that was written went to the transport.
    round: u32,
    /// Ids whose answer may still come, though no one waits for it.
    abandoned: Vec<u32>,
    max_in_flight: usize,
    max_items: usize,
    max_bytes: usize,
    next_id: u32,
    /// Whether ids of this connection have gone round, so that one may be taken.
    wrapped: bool,
    /// No call ends by itself before this. It is not moved when one ends otherwise: an answer costs no search.
    earliest: Timestamp,
}

impl Calls {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            list: Vec::new(),
            waiting: 0,
            notifies: 0,
            round: 0,
            abandoned: Vec::new(),
            max_in_flight: config.max_in_flight,
            max_items: config.queue_items,
            max_bytes: config.queue_bytes,
            next_id: config.first_request_id.clamp(1, MAX_ID),
            wrapped: false,
            earliest: Timestamp::NEVER,
        }
    }

    /// Whether there are as many requests or notifies in flight as there may be.
    pub(crate) fn is_full(&self) -> bool {
        // Nearly always; it is asked for every call.
        if self.list.len() < self.max_in_flight {
            return false;
        }
        let (mut requests, mut notifies) = (0, 0);
        for pending in &self.list {
            match pending.stage {
                Stage::Waiting(_) => {}
                Stage::Written { id: 0, .. } => notifies += 1,
                Stage::Written { .. } => requests += 1,
            }
        }
        requests >= self.max_in_flight || notifies >= self.max_in_flight
    }

    /// Whether a call waits.
    pub(crate) const fn is_waiting(&self) -> bool {
        self.waiting > 0
    }

    /// The id that the next request gets.
    pub(crate) fn free_id(&mut self) -> u32 {
        while self.wrapped && self.is_taken(self.next_id) {
            self.advance();
        }
        self.next_id
    }

    fn is_taken(&self, id: u32) -> bool {
        self.abandoned_at(id).is_some() || self.find(id).is_some()
    }

    fn abandoned_at(&self, id: u32) -> Option<usize> {
        self.abandoned.iter().position(|other| *other == id)
    }

    fn find(&self, wanted: u32) -> Option<usize> {
        self.list
            .iter()
            .position(|pending| matches!(pending.stage, Stage::Written { id, .. } if id == wanted))
    }

    const fn advance(&mut self) {
        if self.next_id == MAX_ID {
            self.next_id = 1;
            self.wrapped = true;
        } else {
            self.next_id += 1;
        }
    }

    fn add(&mut self, call: &Call<'_>, stage: Stage) {
        let pending = Pending {
            call: call.id,
            kind: call.kind,
            deadline: call.deadline,
            stage,
        };
        self.earliest = self.earliest.min(pending.end());
        self.list.push(pending);
    }

    /// A call was written, a request with [`free_id`](Self::free_id).
    pub(crate) fn written(&mut self, call: &Call<'_>, now: Timestamp) {
        let mut id = 0;
        if call.kind == MessageKind::Request {
            id = self.next_id;
            self.advance();
        } else {
            self.notifies += 1;
        }
        self.add(
            call,
            Stage::Written {
                id,
                round: self.round,
                since: now,
            },
        );
    }

    /// Keeps a call for later, as its policy says; `refusal` is for those that do not wait.
    pub(crate) fn wait(
        &mut self,
        now: Timestamp,
        call: &Call<'_>,
        refusal: CallError,
        events: &mut Fifo<Event<'static>>,
    ) -> Result<(), CallError> {
        let (mut max_items, mut max_bytes) = (self.max_items, self.max_bytes);
        let (mut expires, mut key) = (Timestamp::NEVER, None);
        match call.offline {
            Offline::Fail => return Err(refusal),
            Offline::Queue(limits) => {
                max_items = max_items.min(limits.items);
                max_bytes = max_bytes.min(limits.bytes);
                expires = now + limits.age;
            }
            Offline::LatestOnly { key: name } => key = Some(Box::from(name)),
        }
        let waiting = Waiting {
            route: call.route.into(),
            body: call.body.into(),
            expires,
            key,
        };
        let (mut items, mut bytes) = (1, waiting.size());
        for pending in &self.list {
            if let Stage::Waiting(waiting) = &pending.stage
                && !pending.gives_way(call)
            {
                items += 1;
                bytes += waiting.size();
            }
        }
        if items > max_items || bytes > max_bytes {
            return Err(CallError::QueueFull);
        }
        self.supersede(call, events);
        self.waiting += 1;
        self.add(call, Stage::Waiting(Box::new(waiting)));
        Ok(())
    }

    /// Takes out the call that waits longest.
    pub(crate) fn next_waiting(&mut self) -> Option<Pending> {
        let waits = |pending: &Pending| matches!(pending.stage, Stage::Waiting(_));
        let index = self.list.iter().position(waits)?;
        self.waiting -= 1;
        Some(self.list.remove(index))
    }

    /// Everything that was written is with the transport now.
    pub(crate) fn transmitted(&mut self, events: &mut Fifo<Event<'static>>) {
        self.round = self.round.wrapping_add(1);
        // They were written last, mostly: a search for each begins where the one before has ended.
        let mut index = 0;
        while self.notifies > 0 {
            if let Stage::Written { id: 0, .. } = self.list[index].stage {
                self.notifies -= 1;
                events.push(Event::Sent(self.list.remove(index).call));
            } else {
                index += 1;
            }
        }
    }

    /// The request that this id answers, and when it was written; or whether it is late.
    pub(crate) fn answered(&mut self, id: u64) -> Result<(CallId, Timestamp), bool> {
        // Nothing has the id 0, and nothing one of over 31 bits.
        let id = u32::try_from(id).unwrap_or_default();
        if let Some(index) = self.find(id).filter(|_| id > 0)
            && let Pending {
                call,
                stage: Stage::Written { since, .. },
                ..
            } = self.list.remove(index)
        {
            return Ok((call, since));
        }
        let late = self.abandoned_at(id);
        if let Some(index) = late {
            self.abandoned.remove(index);
        }
        Err(late.is_some())
    }

    /// Ends the calls for which `why` holds.
    fn sweep(&mut self, events: &mut Fifo<Event<'static>>, why: &Over<'_>) {
        self.earliest = Timestamp::NEVER;
        for pending in std::mem::take(&mut self.list) {
            let Some(error) = why.ends(&pending, self.round) else {
                self.earliest = self.earliest.min(pending.end());
                self.list.push(pending);
                continue;
            };
            match pending.stage {
                Stage::Waiting(_) => self.waiting -= 1,
                Stage::Written { id: 0, .. } => self.notifies -= 1,
                Stage::Written { id, .. } => self.abandon(id),
            }
            let call = pending.call;
            events.push(Event::Failed { call, error });
        }
    }

    /// Remembers an id whose answer may still come; the oldest is forgotten for it.
    fn abandon(&mut self, id: u32) {
        if self.abandoned.len() == MAX_ABANDONED {
            self.abandoned.remove(0);
        }
        self.abandoned.push(id);
    }

    /// Gives a call up. A notify that was written cannot be taken back.
    pub(crate) fn cancel(&mut self, call: CallId, events: &mut Fifo<Event<'static>>) {
        self.sweep(events, &Over::Cancelled(call));
    }

    /// Ends the waiting call whose place this one takes.
    pub(crate) fn supersede(&mut self, call: &Call<'_>, events: &mut Fifo<Event<'static>>) {
        if let Offline::LatestOnly { .. } = call.offline {
            self.sweep(events, &Over::Superseded(call));
        }
    }

    /// Ends the calls whose time is over.
    pub(crate) fn expire(&mut self, now: Timestamp, events: &mut Fifo<Event<'static>>) {
        if now >= self.earliest {
            self.sweep(events, &Over::Late(now));
        }
    }

    /// When to look for calls whose time is over.
    pub(crate) const fn deadline(&self) -> Timestamp {
        if self.list.is_empty() {
            Timestamp::NEVER
        } else {
            self.earliest
        }
    }

    /// Ends what was written to a connection with it, and what waits as well where there will be no other.
    pub(crate) fn disconnected(
        &mut self,
        closed: &Closed,
        for_good: bool,
        events: &mut Fifo<Event<'static>>,
    ) {
        self.sweep(events, &Over::Disconnected(closed, for_good));
        self.abandoned.clear();
        self.wrapped = false;
    }
}

/// Why calls end that nobody has answered.
enum Over<'a> {
    Cancelled(CallId),
    Superseded(&'a Call<'a>),
    Late(Timestamp),
    /// What was written, and for good what waits as well.
    Disconnected(&'a Closed, bool),
}

impl Over<'_> {
    fn ends(&self, pending: &Pending, round: u32) -> Option<CallError> {
        let sent = pending.is_sent(round);
        let written = matches!(pending.stage, Stage::Written { .. });
        let (ends, error) = match *self {
            Self::Cancelled(call) => {
                let gone = matches!(pending.stage, Stage::Written { id: 0, .. });
                (pending.call == call && !gone, CallError::Cancelled)
            }
            Self::Superseded(call) => (pending.gives_way(call), CallError::Superseded),
            Self::Late(now) if pending.deadline <= now => (true, CallError::Timeout { sent }),
            Self::Late(now) => (pending.end() <= now, CallError::Expired),
            Self::Disconnected(closed, for_good) => {
                let closed = closed.clone();
                (
                    for_good || written,
                    CallError::Disconnected { sent, closed },
                )
            }
        };
        ends.then_some(error)
    }
}

impl Waiting {
    fn size(&self) -> usize {
        self.route.len() + self.body.len() + self.key.as_ref().map_or(0, |key| key.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls() -> Calls {
        Calls::new(&Config::new(1))
    }

    fn request(calls: &mut Calls, call: u32) -> u32 {
        let id = calls.free_id();
        let call = Call {
            id: CallId(call),
            kind: MessageKind::Request,
            route: "a.b",
            body: b"",
            deadline: Timestamp::from_millis(call.into()),
            offline: Offline::Fail,
        };
        calls.written(&call, Timestamp::ZERO);
        id
    }

    #[test]
    fn an_id_that_has_gone_round_skips_those_whose_answer_may_still_come() {
        let mut calls = calls();
        assert_eq!([1, 2, 3].map(|call| request(&mut calls, call)), [1, 2, 3]);
        // The second times out, the third is cancelled: their answers may come, and must not answer others.
        calls.list[0].deadline = Timestamp::NEVER;
        let mut events = Fifo::new();
        calls.expire(Timestamp::from_millis(2), &mut events);
        calls.cancel(CallId(3), &mut events);
        assert_eq!(calls.list.len(), 1);
        calls.next_id = MAX_ID;
        let ids = [4, 5, 6].map(|call| request(&mut calls, call));
        assert_eq!(ids, [MAX_ID, 4, 5]);
        assert_eq!(calls.answered(2), Err(true));
        assert_eq!(calls.answered(3), Err(true));
        assert_eq!(calls.answered(1), Ok((CallId(1), Timestamp::ZERO)));
        // What was answered is free again.
        calls.next_id = MAX_ID;
        let ids = [7, 8].map(|call| request(&mut calls, call));
        assert_eq!(ids, [1, 2]);
    }

    #[test]
    fn a_notify_that_was_written_is_not_taken_back() {
        let mut calls = calls();
        let notify = Call {
            id: CallId(7),
            kind: MessageKind::Notify,
            route: "a.b",
            body: b"",
            deadline: Timestamp::NEVER,
            offline: Offline::Fail,
        };
        calls.written(&notify, Timestamp::ZERO);
        let mut events = Fifo::new();
        calls.cancel(CallId(7), &mut events);
        assert!(events.pop().is_none());
        calls.transmitted(&mut events);
        assert!(matches!(events.pop(), Some(Event::Sent(CallId(7)))));
    }

    #[test]
    fn ids_given_up_are_remembered_up_to_a_bound() {
        let mut calls = calls();
        for call in 0..=MAX_ABANDONED as u32 {
            request(&mut calls, call);
            calls.cancel(CallId(call), &mut Fifo::new());
            assert!(calls.list.is_empty());
        }
        assert_eq!(calls.abandoned.len(), MAX_ABANDONED);
        assert_eq!(calls.answered(1), Err(false));
        assert_eq!(calls.answered(2), Err(true));
    }
}
