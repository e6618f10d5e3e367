//! When to come back: capped exponential backoff with full jitter, and never before the server's advice.

use std::time::Duration;

use pitaya_protocol::Close;

use crate::Timestamp;
use crate::config::Backoff;

/// Counts attempts and says when the next one is due.
#[derive(Debug)]
pub(crate) struct Schedule {
    backoff: Backoff,
    random: u64,
    attempt: u32,
}

/// The next attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Due {
    /// When it starts by itself.
    pub(crate) at: Timestamp,
    /// Before this it does not start, whatever news of the network there is.
    pub(crate) not_before: Timestamp,
}

impl Schedule {
    pub(crate) const fn new(backoff: Backoff, seed: u64) -> Self {
        Self {
            backoff,
            random: seed,
            attempt: 0,
        }
    }

    /// Which attempt this is, from 1; 0 before the first loss.
    pub(crate) const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Counts anew, after a success.
    pub(crate) const fn reset(&mut self) {
        self.attempt = 0;
    }

    /// How long a connection must have been open to be a success.
    pub(crate) const fn stable(&self) -> Duration {
        self.backoff.stable
    }

    /// The attempt after this close; `None` when there are none left.
    pub(crate) fn next(&mut self, now: Timestamp, close: &Close) -> Option<Due> {
        if self
            .backoff
            .attempts
            .is_some_and(|most| self.attempt >= most)
        {
            return None;
        }
        // Above 2^20 times the base every cap is reached.
        let doubled = 1 << self.attempt.min(20);
        let ceiling = self.backoff.base.saturating_mul(doubled);
        let ceiling = ceiling.min(self.backoff.max);
        self.attempt = self.attempt.saturating_add(1);
        let not_before = now + close.retry_after.unwrap_or_default();
        Some(Due {
            at: self.jitter(not_before, ceiling),
            not_before,
        })
    }

    /// A time up to `ceiling` later, of which the share that the jitter says is random.
    fn jitter(&mut self, from: Timestamp, ceiling: Duration) -> Timestamp {
        let latest = from + ceiling;
        let span = latest.as_micros() - from.as_micros();
        let random = span / 100 * u64::from(self.backoff.jitter.min(100));
        // 53 random bits are as many as a float can hold, and as fine as a microsecond in 285 years.
        let share = (self.next_random() >> 11) as f64 / (1_u64 << 53) as f64;
        Timestamp::from_micros(latest.as_micros() - (random as f64 * share) as u64)
    }

    /// SplitMix64 (Steele, Lea, Flood 2014): any seed will do.
    const fn next_random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
