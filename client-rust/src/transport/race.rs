//! Several attempts at once: each starts when its predecessor failed or has taken too long, and the first success wins.

use std::future::Future;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, sleep_until};

/// Runs `attempts` in order, the next one `delay` after its predecessor started or as soon as one failed.
///
/// The others are dropped when one succeeds. If all fail, every error comes back in the order of failing.
pub(super) async fn race<T, E>(
    attempts: impl IntoIterator<Item = impl Future<Output = Result<T, E>>>,
    delay: Duration,
) -> Result<T, Vec<E>> {
    let mut waiting = attempts.into_iter().fuse();
    let mut running = FuturesUnordered::new();
    let mut failures = Vec::new();
    running.extend(waiting.next());
    let mut next_start = Instant::now() + delay;
    let mut all_started = false;
    loop {
        tokio::select! {
            finished = running.next() => match finished {
                Some(Ok(winner)) => return Ok(winner),
                Some(Err(error)) => failures.push(error),
                None => return Err(failures),
            },
            () = sleep_until(next_start), if !all_started => {}
        }
        match waiting.next() {
            Some(attempt) if !all_started => {
                running.push(attempt);
                next_start = Instant::now() + delay;
            }
            _ => all_started = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::time::sleep;

    use super::*;

    const RACE: Duration = Duration::from_millis(300);

    async fn attempt(
        started: &Cell<u32>,
        takes: u64,
        result: Result<u32, u32>,
    ) -> Result<u32, u32> {
        started.set(started.get() + 1);
        sleep(Duration::from_millis(takes)).await;
        result
    }

    #[tokio::test(start_paused = true)]
    async fn a_quick_first_attempt_keeps_the_second_from_starting() {
        let started = Cell::new(0);
        let attempts = [attempt(&started, 299, Ok(1)), attempt(&started, 0, Ok(2))];
        assert_eq!(race(attempts, RACE).await, Ok(1));
        assert_eq!(started.get(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_first_attempt_is_overtaken() {
        let started = Cell::new(0);
        let begin = Instant::now();
        let attempts = [
            attempt(&started, 60_000, Ok(1)),
            attempt(&started, 100, Ok(2)),
            attempt(&started, 0, Ok(3)),
        ];
        assert_eq!(race(attempts, RACE).await, Ok(2));
        assert_eq!(begin.elapsed(), Duration::from_millis(400));
        assert_eq!(started.get(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_may_still_win_after_the_second_started() {
        let started = Cell::new(0);
        let attempts = [attempt(&started, 350, Ok(1)), attempt(&started, 100, Ok(2))];
        assert_eq!(race(attempts, RACE).await, Ok(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_starts_the_next_at_once() {
        let started = Cell::new(0);
        let begin = Instant::now();
        let attempts = [attempt(&started, 10, Err(1)), attempt(&started, 10, Ok(2))];
        assert_eq!(race(attempts, RACE).await, Ok(2));
        assert_eq!(begin.elapsed(), Duration::from_millis(20));
    }

    #[tokio::test(start_paused = true)]
    async fn every_failure_is_reported() {
        let started = Cell::new(0);
        let attempts = [
            attempt(&started, 400, Err(1)),
            attempt(&started, 10, Err(2)),
            attempt(&started, 500, Err(3)),
        ];
        assert_eq!(race(attempts, RACE).await, Err(vec![2, 1, 3]));
        let nothing: [std::future::Ready<Result<(), ()>>; 0] = [];
        assert_eq!(race(nothing, RACE).await, Err(vec![]));
    }
}
