//! What waits to be sent to one session: pushed to from any thread, emptied by the connection's task.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use bytes::Bytes;
use pitaya_protocol::Close;

use crate::transport::SendBuffer;

/// Shared packets up to this size are copied: a reference costs as much as they do.
const COPY: usize = 512;

/// Packets on their way to one session, bounded by its user in bytes, and orders to its task.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// Bytes that wait; written under the lock.
    bytes: AtomicUsize,
    /// Whether the task is at work and will look here before it rests: nobody has to wake it.
    attended: AtomicBool,
    /// Whether there is an order; written under the lock. The task sees it at the latest in [`rest`](Self::rest).
    ordered: AtomicBool,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    segments: VecDeque<Segment>,
    waker: Option<Waker>,
    order: Option<Order>,
    closed: bool,
}

#[derive(Debug)]
enum Segment {
    Copied(Vec<u8>),
    Shared(Bytes),
}

/// What the task is told from outside.
#[derive(Debug)]
pub(crate) enum Order {
    /// Close the connection, after what is queued.
    Close(Box<Close>),
    /// Finish what is in flight, take nothing new, then close like that.
    Drain(Box<Close>),
    /// Drop everything: the shutdown's time is over.
    Abandon,
}

/// Why packets were not queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The session has ended.
    Closed,
    /// The limit is reached.
    Full,
}

impl Outbox {
    /// Bytes that wait.
    pub(crate) fn len(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Queues what `write` appends, unless `limit` bytes or more are waiting.
    pub(crate) fn push(
        &self,
        limit: usize,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), Refused> {
        let mut queue = self.open(limit)?;
        if !matches!(queue.segments.back(), Some(Segment::Copied(_))) {
            queue.segments.push_back(Segment::Copied(Vec::new()));
        }
        let Some(Segment::Copied(last)) = queue.segments.back_mut() else {
            unreachable!("the last segment was just checked")
        };
        let before = last.len();
        write(last);
        let added = last.len() - before;
        self.added(queue, added);
        Ok(())
    }

    /// Queues packets that other sessions get as well.
    pub(crate) fn push_shared(&self, limit: usize, packets: &Bytes) -> Result<(), Refused> {
        if packets.len() <= COPY {
            return self.push(limit, |out| out.extend_from_slice(packets));
        }
        let mut queue = self.open(limit)?;
        queue.segments.push_back(Segment::Shared(packets.clone()));
        self.added(queue, packets.len());
        Ok(())
    }

    /// Gives the task an order. The first close counts, so that no other reason takes the place of a kick; only [`Order::Abandon`] is stronger.
    pub(crate) fn order(&self, order: Order) {
        let mut queue = self.lock();
        let stays = match (&queue.order, &order) {
            (Some(Order::Abandon), _) => true,
            (Some(Order::Close(_)), order) => !matches!(order, Order::Abandon),
            _ => false,
        };
        if !stays {
            queue.order = Some(order);
            self.ordered.store(true, Ordering::Relaxed);
        }
        self.wake(queue);
    }

    /// The task begins to work.
    pub(crate) fn attend(&self) {
        self.attended.store(true, Ordering::Relaxed);
    }

    /// The task wants to rest. Whether there is nothing to do; else it must go on.
    pub(crate) fn rest(&self, waker: &Waker, may_send: bool) -> bool {
        let mut queue = self.lock();
        if queue.order.is_some() || (may_send && !queue.segments.is_empty()) {
            return false;
        }
        if !queue
            .waker
            .as_ref()
            .is_some_and(|known| known.will_wake(waker))
        {
            queue.waker = Some(waker.clone());
        }
        self.attended.store(false, Ordering::Relaxed);
        true
    }

    /// Takes the order that was given, if one was.
    pub(crate) fn take_order(&self) -> Option<Order> {
        if !self.ordered.load(Ordering::Relaxed) {
            return None;
        }
        let mut queue = self.lock();
        self.ordered.store(false, Ordering::Relaxed);
        queue.order.take()
    }

    /// Moves everything that waits to the end of `out`.
    pub(crate) fn move_to(&self, out: &mut SendBuffer) {
        if self.len() == 0 {
            return;
        }
        let segments = {
            let mut queue = self.lock();
            self.bytes.store(0, Ordering::Relaxed);
            std::mem::take(&mut queue.segments)
        };
        for segment in segments {
            match segment {
                Segment::Copied(packets) => out.push(&packets),
                Segment::Shared(packets) => out.push(&packets),
            }
        }
    }

    /// The session has ended: nothing is taken any more, what waits is forgotten.
    pub(crate) fn close(&self) {
        let mut queue = self.lock();
        queue.closed = true;
        queue.segments = VecDeque::new();
        self.bytes.store(0, Ordering::Relaxed);
    }

    fn open(&self, limit: usize) -> Result<MutexGuard<'_, Queue>, Refused> {
        let queue = self.lock();
        if queue.closed {
            return Err(Refused::Closed);
        }
        if self.len() >= limit {
            return Err(Refused::Full);
        }
        Ok(queue)
    }

    fn added(&self, queue: MutexGuard<'_, Queue>, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.wake(queue);
    }

    /// Wakes the task unless it is at work: it looks here, under the lock, before it rests.
    fn wake(&self, queue: MutexGuard<'_, Queue>) {
        if self.attended.load(Ordering::Relaxed) {
            return;
        }
        let waker = queue.waker.clone();
        drop(queue);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing in here panics while it holds the lock but an encoder, and then no segment is half written.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
