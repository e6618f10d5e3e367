//! The order in which requests of one connection are taken.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long requests wait for an earlier one whose bytes do not come, while no other is taken either. A message that is on its way at all is here
/// sooner; one stuck request of a peer does not hold up its others for good.
const PATIENCE: Duration = Duration::from_secs(5);

/// Hands out turns in the order in which streams were opened, and calls them in that order. HTTP/2 itself keeps none between streams, and
/// each is read by a task of its own.
#[derive(Debug, Default)]
pub(super) struct Turns(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// The number of the next stream.
    opened: u64,
    /// Whose turn it is. Those before have had theirs, or were stuck.
    now: u64,
    /// Later ones that have given their turn back.
    done: BTreeSet<u64>,
    waiting: BTreeMap<u64, oneshot::Sender<()>>,
}

/// The right to be taken. Dropping it lets the next one have its turn.
#[derive(Debug)]
pub(super) struct Turn {
    number: u64,
    state: Arc<Mutex<State>>,
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Turns {
    pub(super) fn take(&self) -> Turn {
        let mut state = lock(&self.0);
        let number = state.opened;
        state.opened += 1;
        Turn {
            number,
            state: self.0.clone(),
        }
    }
}

impl Turn {
    /// Waits until all earlier ones were taken or have gone, or are stuck.
    pub(super) async fn come(&self) {
        let (mut called, mut seen) = {
            let mut state = lock(&self.state);
            if state.now >= self.number {
                return;
            }
            let (call, called) = oneshot::channel();
            state.waiting.insert(self.number, call);
            (called, state.now)
        };
        while timeout(PATIENCE, &mut called).await.is_err() {
            let mut state = lock(&self.state);
            if state.now == seen {
                tracing::debug!("a request is stuck; later ones of its connection are taken");
                state.pass_over();
            }
            seen = state.now;
        }
    }
}

impl State {
    /// Gives the turn to the first one that can use it, or to the next that comes.
    fn pass_over(&mut self) {
        if let Some(first) = self.waiting.keys().next() {
            self.now = *first;
            self.done = self.done.split_off(first);
        }
        self.call();
    }

    fn call(&mut self) {
        while self.done.remove(&self.now) {
            self.now += 1;
        }
        if let Some(next) = self.waiting.remove(&self.now) {
            // One that has gone has no turn to use.
            let _ = next.send(());
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = lock(&self.state);
        state.waiting.remove(&self.number);
        if state.now <= self.number {
            state.done.insert(self.number);
            state.call();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::poll;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn turns_come_in_the_order_of_the_streams() {
        let turns = Turns::default();
        let [first, second, third] = [turns.take(), turns.take(), turns.take()];
        let mut waits = pin!(third.come());
        assert!(poll!(&mut waits).is_pending());
        // A stream that was given up does not let others pass those before it.
        drop(second);
        assert!(poll!(&mut waits).is_pending());
        first.come().await;
        drop(first);
        assert!(poll!(&mut waits).is_ready());
    }

    #[tokio::test(start_paused = true)]
    async fn a_stuck_request_does_not_hold_up_others_for_good() {
        let turns = Turns::default();
        let [stuck, other, third] = [turns.take(), turns.take(), turns.take()];
        let began = tokio::time::Instant::now();
        let mut waits = Box::pin(third.come());
        assert!(poll!(&mut waits).is_pending());
        other.come().await;
        assert_eq!(began.elapsed(), PATIENCE);
        assert!(poll!(&mut waits).is_pending());
        drop(other);
        waits.as_mut().await;
        drop(waits);
        assert_eq!(began.elapsed(), PATIENCE);
        // What was passed over is taken when it is here after all.
        stuck.come().await;
        drop(stuck);
        drop(third);
        turns.take().come().await;
        assert_eq!(began.elapsed(), PATIENCE);
        assert!(lock(&turns.0).done.is_empty());
    }
}
