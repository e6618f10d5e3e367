//! The calls in flight: request ids, deadlines, and what was handed to the transport.

use std::sync::Arc;

use pitaya_protocol::Closed;

use crate::Timestamp;
use crate::call::{CallError, CallId};
use crate::fifo::Fifo;
use crate::output::Event;

/// Ids stay in 31 bits: clients and servers of the family hold them in a signed word, and 0 is never answered (wire 6.2).
const MAX_ID: u32 = 0x7FFF_FFFF;
/// How many given-up ids are remembered, 4 bytes each. It matters only when the ids have gone round within one connection.
const MAX_ABANDONED: usize = 1024;

/// A request that waits for its answer.
#[derive(Debug)]
struct Waiting {
    id: u32,
    sent: bool,
    call: CallId,
    since: Timestamp,
    deadline: Timestamp,
}

/// The calls that were written to the present connection.
#[derive(Debug)]
pub(crate) struct InFlight {
    /// In the order they were written, which is mostly the order of the answers: the search begins in front.
    waiting: Vec<Waiting>,
    /// Notifies that were written and not handed out yet.
    unsent: Vec<CallId>,
    /// Ids whose answer may still come, though no one waits for it.
    abandoned: Vec<u32>,
    limit: usize,
    next_id: u32,
    /// Whether ids of this connection have gone round, so that one may be taken.
    wrapped: bool,
    /// No deadline lies before this. It is not moved when a request ends: an answer costs no search.
    earliest: Timestamp,
}

impl InFlight {
    pub(crate) fn new(limit: usize, first_id: u32) -> Self {
        Self {
            waiting: Vec::new(),
            unsent: Vec::new(),
            abandoned: Vec::new(),
            limit,
            next_id: first_id.clamp(1, MAX_ID),
            wrapped: false,
            earliest: Timestamp::NEVER,
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.waiting.len() >= self.limit || self.unsent.len() >= self.limit
    }

    /// The id that the next request gets.
    pub(crate) fn free_id(&mut self) -> u32 {
        while self.wrapped && self.is_taken(self.next_id) {
            self.advance();
        }
        self.next_id
    }

    fn is_taken(&self, id: u32) -> bool {
        self.abandoned.contains(&id) || self.waiting.iter().any(|waiting| waiting.id == id)
    }

    fn advance(&mut self) {
        if self.next_id == MAX_ID {
            self.next_id = 1;
            self.wrapped = true;
        } else {
            self.next_id += 1;
        }
    }

    /// A request was written with [`free_id`](Self::free_id).
    pub(crate) fn request(&mut self, call: CallId, now: Timestamp, deadline: Timestamp) {
        self.waiting.push(Waiting {
            id: self.next_id,
            sent: false,
            call,
            since: now,
            deadline,
        });
        self.earliest = self.earliest.min(deadline);
        self.advance();
    }

    /// A notify was written.
    pub(crate) fn notify(&mut self, call: CallId) {
        self.unsent.push(call);
    }

    /// Everything that was written is with the transport now.
    pub(crate) fn transmitted(&mut self, events: &mut Fifo<Event<'static>>) {
        for waiting in self.waiting.iter_mut().rev() {
            if std::mem::replace(&mut waiting.sent, true) {
                break;
            }
        }
        for call in self.unsent.drain(..) {
            events.push(Event::Sent(call));
        }
    }

    /// The request that this id answers, and when it was written; or whether it is late.
    pub(crate) fn answered(&mut self, id: u64) -> Result<(CallId, Timestamp), bool> {
        let found = self
            .waiting
            .iter()
            .position(|waiting| u64::from(waiting.id) == id);
        if let Some(waiting) = found.map(|index| self.waiting.remove(index)) {
            return Ok((waiting.call, waiting.since));
        }
        let late = self
            .abandoned
            .iter()
            .position(|abandoned| u64::from(*abandoned) == id);
        if let Some(index) = late {
            self.abandoned.remove(index);
        }
        Err(late.is_some())
    }

    /// Gives a request up; whether it was one.
    pub(crate) fn cancel(&mut self, call: CallId) -> bool {
        let found = self.waiting.iter().position(|waiting| waiting.call == call);
        if let Some(waiting) = found.map(|index| self.waiting.remove(index)) {
            abandon(&mut self.abandoned, waiting.id);
        }
        found.is_some()
    }

    /// Gives up the requests whose time is over.
    pub(crate) fn expire(&mut self, now: Timestamp, events: &mut Fifo<Event<'static>>) {
        if now < self.earliest {
            return;
        }
        let (abandoned, mut earliest) = (&mut self.abandoned, Timestamp::NEVER);
        self.waiting.retain(|waiting| {
            let over = waiting.deadline <= now;
            if over {
                abandon(abandoned, waiting.id);
                let error = CallError::Timeout { sent: waiting.sent };
                events.push(Event::Failed {
                    call: waiting.call,
                    error,
                });
            } else {
                earliest = earliest.min(waiting.deadline);
            }
            !over
        });
        self.earliest = earliest;
    }

    /// When to look for requests whose time is over.
    pub(crate) const fn deadline(&self) -> Timestamp {
        if self.waiting.is_empty() {
            Timestamp::NEVER
        } else {
            self.earliest
        }
    }

    /// Ends everything with the connection that it was written to.
    pub(crate) fn disconnected(&mut self, closed: &Arc<Closed>, events: &mut Fifo<Event<'static>>) {
        let mut fail = |call, sent| {
            let closed = Arc::clone(closed);
            let error = CallError::Disconnected { sent, closed };
            events.push(Event::Failed { call, error });
        };
        for waiting in self.waiting.drain(..) {
            fail(waiting.call, waiting.sent);
        }
        for call in self.unsent.drain(..) {
            fail(call, false);
        }
        self.abandoned.clear();
        self.wrapped = false;
        self.earliest = Timestamp::NEVER;
    }
}

/// Remembers an id whose answer may still come; the oldest is forgotten for it.
fn abandon(abandoned: &mut Vec<u32>, id: u32) {
    if abandoned.len() == MAX_ABANDONED {
        abandoned.remove(0);
    }
    abandoned.push(id);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(calls: &mut InFlight, call: u32) -> u32 {
        let id = calls.free_id();
        calls.request(
            CallId(call),
            Timestamp::ZERO,
            Timestamp::from_millis(call.into()),
        );
        id
    }

    #[test]
    fn an_id_that_has_gone_round_skips_those_whose_answer_may_still_come() {
        let mut calls = InFlight::new(8, 1);
        assert_eq!([1, 2, 3].map(|call| request(&mut calls, call)), [1, 2, 3]);
        // The second times out, the third is cancelled: their answers may come, and must not answer others.
        calls.waiting[0].deadline = Timestamp::NEVER;
        calls.expire(Timestamp::from_millis(2), &mut Fifo::new());
        assert!(calls.cancel(CallId(3)));
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
    fn ids_given_up_are_remembered_up_to_a_bound() {
        let mut calls = InFlight::new(1, 1);
        for call in 0..=MAX_ABANDONED as u32 {
            request(&mut calls, call);
            assert!(calls.cancel(CallId(call)));
        }
        assert_eq!(calls.abandoned.len(), MAX_ABANDONED);
        assert_eq!(calls.answered(1), Err(false));
        assert_eq!(calls.answered(2), Err(true));
    }
}
