//! A bounded queue between the driver and one reader, which counts what it had to drop.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// How much a buffer holds. One item is always held, whatever its size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Capacity {
    pub(crate) items: usize,
    pub(crate) bytes: usize,
}

/// Holds a bounded number of items, and of bytes in them; the oldest make room for the newest and are counted.
#[derive(Debug)]
pub(crate) struct Buffer<T> {
    capacity: Capacity,
    state: Mutex<State<T>>,
}

#[derive(Debug)]
struct State<T> {
    /// Each with its size in bytes.
    items: VecDeque<(T, usize)>,
    bytes: usize,
    missed: u64,
    ended: bool,
    reader: Option<Waker>,
}

/// What a reader finds.
#[derive(Debug)]
pub(crate) enum Next<T> {
    /// The oldest item.
    Item(T),
    /// This many items were dropped before the oldest that is left.
    Missed(u64),
    /// Nothing is left and nothing will come.
    End,
}

impl<T> Buffer<T> {
    pub(crate) fn new(capacity: Capacity) -> Self {
        let state = State {
            items: VecDeque::new(),
            bytes: 0,
            missed: 0,
            ended: false,
            reader: None,
        };
        Self {
            capacity,
            state: Mutex::new(state),
        }
    }

    /// A poisoned lock is as good as any: nothing in here panics between two changes.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn push(&self, item: T, size: usize) {
        let mut state = self.lock();
        let Capacity { items, bytes } = self.capacity;
        while state.items.len() >= items.max(1) || state.bytes + size > bytes {
            let Some((_, dropped)) = state.items.pop_front() else {
                break;
            };
            state.bytes -= dropped;
            state.missed += 1;
        }
        state.items.push_back((item, size));
        state.bytes += size;
        wake(state);
    }

    pub(crate) fn end(&self) {
        let mut state = self.lock();
        state.ended = true;
        wake(state);
    }

    pub(crate) fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Next<T>> {
        let mut state = self.lock();
        if state.missed > 0 {
            return Poll::Ready(Next::Missed(std::mem::take(&mut state.missed)));
        }
        match state.items.pop_front() {
            Some((item, size)) => {
                state.bytes -= size;
                Poll::Ready(Next::Item(item))
            }
            None if state.ended => Poll::Ready(Next::End),
            None => {
                state.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().items.len()
    }
}

/// Wakes outside of the lock, as a waker may run the reader at once.
fn wake<T>(mut state: MutexGuard<'_, State<T>>) {
    let reader = state.reader.take();
    drop(state);
    if let Some(reader) = reader {
        reader.wake();
    }
}
