//! Requests at a steady rate, whatever becomes of them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use pitaya_client::RequestError;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, MissedTickBehavior};

use crate::fleet::Fleet;
use crate::game::{LOCAL, REMOTE, Work};

/// How long who asks again goes on with it, and the pause between.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);

/// No work of a trial has another's number.
static NUMBER: AtomicU64 = AtomicU64::new(1);

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ask {
    /// The gate.
    Local,
    /// A room, which takes so many milliseconds.
    Remote(u64),
    /// The same by clients that wait for their connection, and ask again where that can help.
    Retried(u64),
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The answer: of a room its id.
    Answered(String),
    /// The server's error code.
    Refused(String),
    /// There was no answer, or no way to ask.
    Failed(String),
}

/// A request and its end, in the time of the fleet.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) began: Duration,
    pub(crate) ended: Duration,
    pub(crate) outcome: Outcome,
}

impl Exchange {
    pub(crate) const fn answered(&self) -> bool {
        matches!(self.outcome, Outcome::Answered(_))
    }

    pub(crate) fn took(&self) -> Duration {
        self.ended.saturating_sub(self.began)
    }

    /// What went wrong, in a few words.
    pub(crate) fn fault(&self) -> String {
        match &self.outcome {
            Outcome::Answered(_) => String::new(),
            Outcome::Refused(code) => code.clone(),
            Outcome::Failed(why) => why.clone(),
        }
    }
}

/// A load that runs.
#[derive(Debug)]
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    done: Arc<Mutex<Vec<Exchange>>>,
    task: JoinHandle<()>,
}

impl Load {
    /// Asks `rate` times a second, one client after another.
    pub(crate) fn start(fleet: &Arc<Fleet>, rate: u32, ask: Ask) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let done = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn(keep_asking(
            Arc::clone(fleet),
            rate,
            ask,
            Arc::clone(&stop),
            Arc::clone(&done),
        ));
        Self { stop, done, task }
    }

    /// The first request that began at or after `since` and for which `wanted` holds.
    pub(crate) async fn until(
        &self,
        since: Duration,
        limit: Duration,
        wanted: impl Fn(&Exchange) -> bool,
    ) -> Option<Exchange> {
        let look = async {
            loop {
                let found = lock(&self.done)
                    .iter()
                    .find(|exchange| exchange.began >= since && wanted(exchange))
                    .cloned();
                if let Some(found) = found {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(limit, look).await.ok()
    }

    /// Asks nothing more and waits for what is under way.
    pub(crate) async fn stop(self) -> Result<Requests> {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.context("a request panicked")?;
        let mut all = std::mem::take(&mut *lock(&self.done));
        all.sort_by_key(|exchange| exchange.began);
        Ok(Requests(all))
    }
}

async fn keep_asking(
    fleet: Arc<Fleet>,
    rate: u32,
    ask: Ask,
    stop: Arc<AtomicBool>,
    done: Arc<Mutex<Vec<Exchange>>>,
) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut open = JoinSet::new();
    while !stop.load(Ordering::Relaxed) {
        ticks.tick().await;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let (fleet, done) = (Arc::clone(&fleet), Arc::clone(&done));
        open.spawn(async move {
            let began = fleet.now();
            let outcome = exchange(&fleet, number, ask).await;
            let ended = fleet.now();
            lock(&done).push(Exchange {
                began,
                ended,
                outcome,
            });
        });
        while open.try_join_next().is_some() {}
    }
    open.join_all().await;
}

async fn exchange(fleet: &Fleet, number: u64, ask: Ask) -> Outcome {
    let client = fleet.client(number);
    match ask {
        Ask::Local => outcome(client.request(LOCAL, &number).await.map(|_| String::new())),
        Ask::Remote(millis) => {
            let work = Work { number, millis };
            outcome(client.request(REMOTE, &work).await)
        }
        Ask::Retried(millis) => {
            let work = Work { number, millis };
            let deadline = Instant::now() + PATIENCE;
            loop {
                match client.request(REMOTE, &work).queued().await {
                    Err(error) if error.is_retryable() && Instant::now() < deadline => {
                        tokio::time::sleep(PAUSE).await;
                    }
                    ended => return outcome(ended),
                }
            }
        }
    }
}

fn outcome(ended: Result<String, RequestError>) -> Outcome {
    match ended {
        Ok(answer) => Outcome::Answered(answer),
        Err(RequestError::Server(error)) => Outcome::Refused(error.code),
        Err(error) => Outcome::Failed(error.to_string()),
    }
}

/// Requests in the order in which they began.
#[derive(Debug)]
pub(crate) struct Requests(Vec<Exchange>);

impl Requests {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Exchange> {
        self.0.iter()
    }

    /// Those without an answer.
    pub(crate) fn failed(&self) -> impl Iterator<Item = &Exchange> {
        self.iter().filter(|exchange| !exchange.answered())
    }

    /// Those that had begun and not ended at a moment.
    pub(crate) fn in_flight(&self, at: Duration) -> usize {
        let under_way = |exchange: &&Exchange| exchange.began <= at && exchange.ended > at;
        self.iter().filter(under_way).count()
    }

    /// When everything was answered again: the beginning of the last failed request after `since`, counted from there.
    pub(crate) fn last_failure(&self, since: Duration) -> Duration {
        let last = self.failed().map(|exchange| exchange.began).max();
        last.unwrap_or_default().saturating_sub(since)
    }

    /// Failures by what went wrong, for people.
    pub(crate) fn faults(&self) -> String {
        let mut faults = BTreeMap::<String, usize>::new();
        for exchange in self.failed() {
            *faults.entry(exchange.fault()).or_default() += 1;
        }
        if faults.is_empty() {
            return "none".to_owned();
        }
        let each = faults
            .iter()
            .map(|(fault, count)| format!("{count} x {fault}"));
        each.collect::<Vec<_>>().join(", ")
    }

    /// The time that this share of the answers did not exceed, in percent.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let answered = self.iter().filter(|exchange| exchange.answered());
        let mut took: Vec<_> = answered.map(Exchange::took).collect();
        took.sort_unstable();
        let at = (took.len() * percent / 100).min(took.len().saturating_sub(1));
        took.get(at).copied().unwrap_or_default()
    }
}

fn lock(done: &Mutex<Vec<Exchange>>) -> std::sync::MutexGuard<'_, Vec<Exchange>> {
    done.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(began: u64, ended: u64, outcome: Outcome) -> Exchange {
        Exchange {
            began: Duration::from_millis(began),
            ended: Duration::from_millis(ended),
            outcome,
        }
    }

    fn requests() -> Requests {
        Requests(vec![
            exchange(0, 10, Outcome::Answered("room".to_owned())),
            exchange(5, 30, Outcome::Refused("PIT-503".to_owned())),
            exchange(20, 25, Outcome::Failed("not connected".to_owned())),
            exchange(30, 50, Outcome::Answered("room".to_owned())),
        ])
    }

    #[test]
    fn what_is_under_way_at_a_moment_is_counted() {
        let at = |millis| requests().in_flight(Duration::from_millis(millis));
        assert_eq!([at(0), at(7), at(22), at(30), at(50)], [1, 2, 2, 1, 0]);
    }

    #[test]
    fn the_last_failure_is_counted_from_a_moment() {
        let after = |millis| requests().last_failure(Duration::from_millis(millis));
        assert_eq!(after(8), Duration::from_millis(12));
        assert_eq!(after(40), Duration::ZERO);
    }

    #[test]
    fn failures_are_told_by_their_causes() {
        assert_eq!(requests().faults(), "1 x PIT-503, 1 x not connected");
        assert_eq!(requests().percentile(50), Duration::from_millis(20));
    }
}
