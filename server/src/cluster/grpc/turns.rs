//! The order in which requests of one connection are taken.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

/// How long a request waits for earlier ones whose bytes do not come. Longer than a message is on its way in a network that works; one peer's
/// stuck request does not hold up its others for good.
const PATIENCE: Duration = Duration::from_secs(1);

/// Hands out turns in the order in which streams were opened, and calls them in that order. HTTP/2 itself keeps none between streams, and
/// each is read by a task of its own.
#[derive(Debug, Default)]
pub(super) struct Turns(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// The number of the next stream.
    opened: u64,
    /// Whose turn it is.
    now: u64,
    /// Later ones that have given their turn back.
    done: BTreeSet<u64>,
    waiting: HashMap<u64, oneshot::Sender<()>>,
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
    /// Waits until all earlier ones were taken or have gone.
    pub(super) async fn come(&self) {
        let called = {
            let mut state = lock(&self.state);
            if state.now == self.number {
                return;
            }
            let (call, called) = oneshot::channel();
            state.waiting.insert(self.number, call);
            called
        };
        if tokio::time::timeout(PATIENCE, called).await.is_err() {
            tracing::debug!("requests of one connection are taken out of their order");
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut guard = lock(&self.state);
        let state = &mut *guard;
        state.waiting.remove(&self.number);
        state.done.insert(self.number);
        while state.done.remove(&state.now) {
            state.now += 1;
        }
        if let Some(next) = state.waiting.remove(&state.now) {
            // One that has gone has no turn to use.
            let _ = next.send(());
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
    async fn a_stuck_request_holds_up_others_for_a_second() {
        let turns = Turns::default();
        let (stuck, other) = (turns.take(), turns.take());
        let began = tokio::time::Instant::now();
        other.come().await;
        assert_eq!(began.elapsed(), PATIENCE);
        drop(other);
        drop(stuck);
        turns.take().come().await;
        assert_eq!(began.elapsed(), PATIENCE);
    }
}
