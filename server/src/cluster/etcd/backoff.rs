//! The waits between attempts to reach etcd.

use std::time::Duration;

use tokio::time::Instant;

/// The first wait: an etcd that is only restarted is back soon.
const FIRST: Duration = Duration::from_millis(50);

/// No wait is longer, so that a cluster is whole again within a second of etcd's return. A thousand servers then ask etcd about 2,500 times a
/// second, which it bears.
const LONGEST: Duration = Duration::from_millis(500);

/// A connection that lasts so long was a good one.
const LASTS: Duration = Duration::from_secs(5);

/// Doubles up to the longest wait. Each is cut by a random part of up to a half, so that servers do not ask all at once.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
    reached: Option<Instant>,
}

impl Backoff {
    pub(super) fn wait(&mut self) -> Duration {
        let wait = LONGEST.min(FIRST * 2u32.pow(self.failures.min(8)));
        self.failures = self.failures.saturating_add(1);
        wait.mul_f64(0.5 + fastrand::f64() / 2.0)
    }

    /// etcd answers.
    pub(super) fn reached(&mut self) {
        self.reached = Some(Instant::now());
    }

    /// etcd is away. Returns whether that is news: one that answers and is lost at once, again and again, is not asked without a wait.
    pub(super) fn lost(&mut self) -> bool {
        let lasted = self.reached.take().is_some_and(|at| at.elapsed() >= LASTS);
        if lasted {
            self.failures = 0;
        }
        self.failures == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_are_never_long() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..1_000).map(|_| backoff.wait()).collect();
        assert!(waits[0] <= FIRST && waits[0] >= FIRST / 2, "{:?}", waits[0]);
        assert!(waits.iter().all(|wait| *wait <= LONGEST));
        assert!(waits[999] >= LONGEST / 2);
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_lasted_is_forgotten() {
        let mut backoff = Backoff::default();
        assert!(backoff.lost());
        for _ in 0..20 {
            backoff.wait();
            backoff.reached();
            assert!(!backoff.lost());
        }
        assert!(backoff.wait() >= LONGEST / 2);
        backoff.reached();
        tokio::time::advance(LASTS).await;
        assert!(backoff.lost());
        assert!(backoff.wait() <= FIRST);
    }
}
