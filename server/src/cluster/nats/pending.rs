//! Calls that wait for their answers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use foldhash::fast::RandomState;
use metrics::Gauge;
use tokio::sync::oneshot;

/// Callers of several threads seldom meet in one of so many parts.
const SHARDS: usize = 16;

/// How a call ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// With these bytes.
    Answer(Bytes),
    /// Nobody took it.
    Gone,
    /// The connection that carried it was lost.
    Lost,
}

/// The table of them. Each has a number, which is the end of its reply subject.
#[derive(Debug)]
pub(super) struct Pending {
    shards: [Mutex<Shard>; SHARDS],
    next: AtomicU64,
    count: AtomicUsize,
    limit: usize,
    gauge: Gauge,
}

type Shard = HashMap<u64, Waiting, RandomState>;

#[derive(Debug)]
struct Waiting {
    connection: u64,
    tell: oneshot::Sender<Outcome>,
}

impl Pending {
    pub(super) fn new(limit: usize, gauge: Gauge) -> Self {
        Self {
            shards: Default::default(),
            next: AtomicU64::new(1),
            count: AtomicUsize::new(0),
            limit,
            gauge,
        }
    }

    /// Enters a call that goes out over this connection. `None` when the table is full.
    pub(super) fn enter(self: &Arc<Self>, connection: u64) -> Option<Entry> {
        if self.count.fetch_add(1, Ordering::Relaxed) >= self.limit {
            self.count.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        self.gauge.increment(1);
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (tell, outcome) = oneshot::channel();
        let waiting = Waiting { connection, tell };
        self.shard(number).insert(number, waiting);
        Some(Entry {
            table: self.clone(),
            number,
            outcome,
        })
    }

    /// Ends a call. Returns whether it was there.
    pub(super) fn settle(&self, number: u64, outcome: Outcome) -> bool {
        let waiting = self.shard(number).remove(&number);
        waiting.is_some_and(|waiting| {
            self.left(1);
            // The caller may have gone in this moment.
            let _ = waiting.tell.send(outcome);
            true
        })
    }

    /// Ends the calls that went out over this connection or an earlier one.
    pub(super) fn lose(&self, connection: u64) {
        for shard in &self.shards {
            let mut shard = lock(shard);
            let lost = shard.extract_if(|_, waiting| waiting.connection <= connection);
            let mut count = 0;
            for (_, waiting) in lost {
                count += 1;
                let _ = waiting.tell.send(Outcome::Lost);
            }
            self.left(count);
        }
    }

    fn left(&self, count: usize) {
        self.count.fetch_sub(count, Ordering::Relaxed);
        self.gauge.decrement(count as f64);
    }

    fn shard(&self, number: u64) -> MutexGuard<'_, Shard> {
        lock(&self.shards[number as usize % SHARDS])
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A place in the table, left when this is dropped.
#[derive(Debug)]
pub(super) struct Entry {
    table: Arc<Pending>,
    pub(super) number: u64,
    outcome: oneshot::Receiver<Outcome>,
}

impl Entry {
    /// Waits for the end of the call.
    pub(super) async fn outcome(&mut self) -> Outcome {
        // The table sends before it forgets a call.
        (&mut self.outcome).await.unwrap_or(Outcome::Lost)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let removed = self.table.shard(self.number).remove(&self.number);
        if removed.is_some() {
            self.table.left(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(limit: usize) -> Arc<Pending> {
        Arc::new(Pending::new(limit, Gauge::noop()))
    }

    #[tokio::test]
    async fn a_call_ends_once() {
        let table = table(8);
        let mut call = table.enter(1).expect("room");
        let answer = || Outcome::Answer(Bytes::from_static(b"a"));
        assert!(table.settle(call.number, answer()));
        assert!(!table.settle(call.number, answer()));
        assert_eq!(call.outcome().await, answer());
    }

    #[test]
    fn a_dropped_call_makes_room() {
        let table = table(1);
        let call = table.enter(1).expect("room");
        assert!(table.enter(1).is_none());
        drop(call);
        let call = table.enter(1).expect("room again");
        assert!(table.settle(call.number, Outcome::Gone));
        drop(call);
        assert_eq!(table.count.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn calls_of_later_connections_are_not_lost() {
        let table = table(8);
        let mut first = table.enter(1).expect("room");
        let second = table.enter(2).expect("room");
        table.lose(1);
        assert_eq!(first.outcome().await, Outcome::Lost);
        assert!(table.settle(second.number, Outcome::Gone));
    }
}
