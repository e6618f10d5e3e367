//! The waits between attempts to reach etcd.

use std::time::Duration;

/// The first wait: an etcd that is only restarted is back soon.
const FIRST: Duration = Duration::from_millis(50);

/// No wait is longer, so that a cluster is whole again within a second of etcd's return. A thousand servers then ask etcd about 2,500 times a
/// second, which it bears.
const LONGEST: Duration = Duration::from_millis(500);

/// Doubles up to the longest wait. Each is cut by a random part of up to a half, so that servers do not ask all at once.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    pub(super) fn wait(&mut self) -> Duration {
        let wait = LONGEST.min(FIRST * 2u32.pow(self.failures.min(8)));
        self.failures = self.failures.saturating_add(1);
        wait.mul_f64(0.5 + fastrand::f64() / 2.0)
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
}
