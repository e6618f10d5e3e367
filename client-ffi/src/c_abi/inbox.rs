//! Where a client's events wait until its host polls: one queue, so that there is one order.

use std::collections::VecDeque;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::event::{PitayaEvent, Record};
use super::fault::Fault;
use super::numbers::*;

/// Events beside pushes and ends of calls that wait to be polled: a screen that misses this many has stopped drawing.
const NEWS: usize = 64;
/// Bytes of ended calls that wait to be polled, above which no further call is taken: one answer of the longest kind.
const ANSWERS: usize = 16 * 1024 * 1024;

/// How much may wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Pushes; the oldest are dropped and counted.
    pub(crate) pushes: usize,
    /// Bytes of pushes. One push is always held, whatever its size.
    pub(crate) push_bytes: usize,
    /// Calls that go on, or have ended and were not polled.
    pub(crate) calls: usize,
}

#[derive(Debug)]
struct Queue {
    records: VecDeque<Record>,
    limits: Limits,
    pushes: usize,
    push_bytes: usize,
    missed_pushes: u64,
    news: usize,
    missed_news: u64,
    /// Calls whose end was not polled yet.
    calls: usize,
    answer_bytes: usize,
    next_call: u64,
}

/// The events of the last poll, which the host may still read.
#[derive(Debug)]
struct Batch {
    records: Vec<Record>,
    /// The thread that polled.
    reader: usize,
}

/// See the [module docs](self).
#[derive(Debug)]
pub(crate) struct Inbox {
    queue: Mutex<Queue>,
    batch: Mutex<Batch>,
}

impl Inbox {
    pub(crate) fn new(limits: Limits) -> Self {
        let queue = Queue {
            records: VecDeque::new(),
            limits,
            pushes: 0,
            push_bytes: 0,
            missed_pushes: 0,
            news: 0,
            missed_news: 0,
            calls: 0,
            answer_bytes: 0,
            next_call: 1,
        };
        let batch = Batch {
            records: Vec::new(),
            reader: 0,
        };
        Self {
            queue: Mutex::new(queue),
            batch: Mutex::new(batch),
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Numbers a new call; nothing where too many of them, or too much of what came of them, wait for the host to poll.
    pub(crate) fn begin_call(&self) -> Option<u64> {
        let mut queue = self.queue();
        if queue.calls >= queue.limits.calls || queue.answer_bytes > ANSWERS {
            return None;
        }
        queue.calls += 1;
        let call = queue.next_call;
        queue.next_call += 1;
        Some(call)
    }

    pub(crate) fn push(&self, record: Record) {
        let mut queue = self.queue();
        match record.event.kind {
            PITAYA_EVENT_PUSH => queue.make_room_for_push(record.size()),
            PITAYA_EVENT_ANSWER | PITAYA_EVENT_SENT => {
                queue.answer_bytes += record.size();
                true
            }
            PITAYA_EVENT_HOST_CONNECT => queue.forget_connect(),
            // An order that the host has not seen needs no other that takes it back.
            PITAYA_EVENT_HOST_DISCONNECT if queue.forget_connect() => return,
            PITAYA_EVENT_HOST_DISCONNECT => false,
            kind => queue.make_room_for_news(kind),
        };
        queue.records.push_back(record);
    }

    /// Moves events to the host, at most as many as it has room for, and no further one once `budget` bytes were reached.
    /// `serializer` is what payloads are in whose record does not say it.
    pub(crate) fn poll(
        &self,
        events: &mut [MaybeUninit<PitayaEvent>],
        budget: usize,
        serializer: impl Fn() -> u32,
    ) -> Result<i32, Fault> {
        let mut batch = self.batch()?;
        batch.records.clear();
        let mut queue = self.queue();
        let (mut count, mut bytes) = (0, 0);
        while count < events.len().min(i32::MAX as usize)
            && (count == 0 || budget == 0 || bytes < budget)
            && let Some(record) = queue.pop()
        {
            bytes += record.size();
            batch.records.push(record);
            count += 1;
        }
        drop(queue);
        for (event, record) in events.iter_mut().zip(&batch.records) {
            let mut view = record.view();
            let payload = matches!(view.kind, PITAYA_EVENT_ANSWER | PITAYA_EVENT_PUSH);
            if payload && view.status == PITAYA_OK && view.serializer == 0 {
                view.serializer = serializer();
            }
            event.write(view);
        }
        batch.reader = if count == 0 { 0 } else { here() };
        Ok(count as i32)
    }

    /// The host has read everything.
    pub(crate) fn done(&self) -> Result<(), Fault> {
        let mut batch = self.batch()?;
        batch.records.clear();
        batch.reader = 0;
        Ok(())
    }

    /// Takes the body out of an event of the last poll.
    pub(crate) fn body(&self, index: usize) -> Result<Bytes, Fault> {
        let batch = self.batch()?;
        let record = batch.records.get(index);
        let record = record.ok_or_else(|| Fault::argument("the last poll had no such event"))?;
        Ok(record.body.clone())
    }

    /// The last batch, for the thread that may read it, and for any where nobody does.
    fn batch(&self) -> Result<MutexGuard<'_, Batch>, Fault> {
        // Held for as long as events are moved: who reads them is told at once whoever else asks in between.
        let batch = self.batch.lock().unwrap_or_else(PoisonError::into_inner);
        match batch.reader {
            0 => Ok(batch),
            reader if reader == here() => Ok(batch),
            _ => Err(Fault::new(
                PITAYA_BUSY,
                "another thread reads the events of this client",
            )),
        }
    }
}

impl Queue {
    fn pop(&mut self) -> Option<Record> {
        let mut record = self.records.pop_front()?;
        match record.event.kind {
            PITAYA_EVENT_PUSH => {
                self.pushes -= 1;
                self.push_bytes -= record.size();
                record.event.missed = std::mem::take(&mut self.missed_pushes);
            }
            PITAYA_EVENT_ANSWER | PITAYA_EVENT_SENT => {
                self.calls -= 1;
                self.answer_bytes -= record.size();
            }
            PITAYA_EVENT_HOST_CONNECT | PITAYA_EVENT_HOST_DISCONNECT => {}
            _ => {
                self.news -= 1;
                record.event.missed = std::mem::take(&mut self.missed_news);
            }
        }
        Some(record)
    }

    fn remove(&mut self, which: impl Fn(&Record) -> bool) -> Option<Record> {
        let index = self.records.iter().position(which)?;
        self.records.remove(index)
    }

    fn make_room_for_push(&mut self, size: usize) -> bool {
        let Limits {
            pushes, push_bytes, ..
        } = self.limits;
        while self.pushes > 0 && (self.pushes >= pushes || self.push_bytes + size > push_bytes) {
            let oldest = self.remove(|record| record.event.kind == PITAYA_EVENT_PUSH);
            self.push_bytes -= oldest.map_or(0, |oldest| oldest.size());
            self.pushes -= 1;
            self.missed_pushes += 1;
        }
        self.pushes += 1;
        self.push_bytes += size;
        true
    }

    /// Of round trips only the newest counts. Of the rest the oldest goes, states last.
    fn make_room_for_news(&mut self, kind: u32) -> bool {
        let measured = |record: &Record| record.event.kind == PITAYA_EVENT_ROUND_TRIP;
        if kind == PITAYA_EVENT_ROUND_TRIP && self.remove(measured).is_some() {
            return true;
        }
        if self.news >= NEWS {
            let rest = [
                PITAYA_EVENT_UNHANDLED,
                PITAYA_EVENT_UNMATCHED,
                PITAYA_EVENT_ROUND_TRIP,
            ];
            let oldest = self.remove(|record| rest.contains(&record.event.kind));
            if oldest.is_none() {
                self.remove(|record| record.event.kind == PITAYA_EVENT_STATE);
            }
            self.news -= 1;
            self.missed_news += 1;
        }
        self.news += 1;
        true
    }

    /// An order to connect that was not seen; tells whether there was one.
    fn forget_connect(&mut self) -> bool {
        self.remove(|record| record.event.kind == PITAYA_EVENT_HOST_CONNECT)
            .is_some()
    }
}

/// A number for this thread, which no other has while it runs. Never 0.
fn here() -> usize {
    thread_local! {
        static HERE: u8 = const { 0 };
    }
    HERE.with(|here| ptr::from_ref(here).addr())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inbox() -> Inbox {
        Inbox::new(Limits {
            pushes: 4,
            push_bytes: 1000,
            calls: 2,
        })
    }

    fn poll(inbox: &Inbox, max: usize, budget: usize) -> Vec<Record> {
        let mut events = vec![MaybeUninit::uninit(); max];
        let count = inbox
            .poll(&mut events, budget, || 0)
            .expect("nobody else polls");
        let batch = inbox.batch().expect("nobody else polls");
        assert_eq!(batch.records.len(), count as usize);
        batch.records.clone()
    }

    #[test]
    fn the_oldest_pushes_go_and_are_counted() {
        let inbox = inbox();
        for number in 0..10_u8 {
            inbox.push(Record::push("a", None, vec![number].into()));
        }
        let records = poll(&inbox, 100, 0);
        assert_eq!(records.len(), 4);
        assert_eq!((records[0].event.missed, &*records[0].body), (6, &[6][..]));
        assert_eq!(records[1].event.missed, 0);
    }

    #[test]
    fn pushes_are_bounded_in_bytes_and_one_is_always_held() {
        let inbox = inbox();
        inbox.push(Record::push("a", None, vec![0; 600].into()));
        inbox.push(Record::push("a", None, vec![0; 600].into()));
        inbox.push(Record::push("a", None, vec![0; 5000].into()));
        let records = poll(&inbox, 100, 0);
        assert_eq!((records.len(), records[0].event.missed), (1, 2));
    }

    #[test]
    fn calls_are_bounded_by_what_was_polled() {
        let inbox = inbox();
        let first = inbox.begin_call().expect("there is room");
        inbox.begin_call().expect("there is room");
        assert_eq!(inbox.begin_call(), None);
        inbox.push(Record::sent(first));
        assert_eq!(inbox.begin_call(), None, "its end was not polled");
        assert_eq!(poll(&inbox, 1, 0).len(), 1);
        assert!(inbox.begin_call().is_some());
    }

    #[test]
    fn the_newest_state_is_never_dropped() {
        let inbox = inbox();
        inbox.push(Record::state(PITAYA_STATE_CLOSED));
        for _ in 0..1000 {
            inbox.push(Record::unmatched(true));
        }
        let records = poll(&inbox, 2000, 0);
        assert_eq!(records.len(), NEWS);
        assert_eq!(records[0].event.state, PITAYA_STATE_CLOSED);
        assert_eq!(records[0].event.missed, 1000 + 1 - NEWS as u64);
    }

    #[test]
    fn orders_to_a_host_that_sleeps_do_not_pile_up() {
        let inbox = inbox();
        for _ in 0..100 {
            inbox.push(Record::new(PITAYA_EVENT_HOST_CONNECT));
            inbox.push(Record::new(PITAYA_EVENT_HOST_DISCONNECT));
        }
        assert!(poll(&inbox, 100, 0).is_empty());
    }

    #[test]
    fn a_budget_ends_a_poll_after_the_event_that_reaches_it() {
        let inbox = inbox();
        for _ in 0..3 {
            inbox.push(Record::push("a", None, vec![0; 99].into()));
        }
        assert_eq!(poll(&inbox, 100, 1).len(), 1);
        assert_eq!(poll(&inbox, 100, 150).len(), 2);
    }

    #[test]
    fn events_that_a_thread_reads_are_not_taken_from_under_it() {
        let inbox = inbox();
        inbox.push(Record::sent(1));
        inbox.push(Record::sent(2));
        let mut events = [MaybeUninit::uninit()];
        inbox.queue().calls = 2;
        inbox.poll(&mut events, 0, || 0).expect("nobody else polls");
        let poll_elsewhere = || {
            let mut events = [MaybeUninit::uninit()];
            inbox
                .poll(&mut events, 0, || 0)
                .map_err(|fault| fault.status)
        };
        std::thread::scope(|scope| {
            let other = scope.spawn(poll_elsewhere).join().expect("no panic");
            assert_eq!(other, Err(PITAYA_BUSY));
            inbox.done().expect("this thread polled");
            let other = scope.spawn(poll_elsewhere).join().expect("no panic");
            assert_eq!(other, Ok(1));
        });
    }
}
