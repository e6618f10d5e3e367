//! A bounded queue between the driver and one reader, which counts what it had to drop.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Holds a bounded number of items; the oldest make room for the newest and are counted.
#[derive(Debug)]
pub(crate) struct Buffer<T> {
    capacity: usize,
    state: Mutex<State<T>>,
}

#[derive(Debug)]
struct State<T> {
    items: VecDeque<T>,
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
    /// An empty buffer for `capacity` items, at least one.
    pub(crate) fn new(capacity: usize) -> Self {
        let state = State {
            items: VecDeque::new(),
            missed: 0,
            ended: false,
            reader: None,
        };
        Self {
            capacity: capacity.max(1),
            state: Mutex::new(state),
        }
    }

    /// A poisoned lock is as good as any: nothing in here panics between two changes.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn push(&self, item: T) {
        let mut state = self.lock();
        if state.items.len() == self.capacity {
            state.items.pop_front();
            state.missed += 1;
        }
        state.items.push_back(item);
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
            Some(item) => Poll::Ready(Next::Item(item)),
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
