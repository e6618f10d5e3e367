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
        let doubled = 2_u32.saturating_pow(self.attempt);
        let ceiling = self
            .backoff
            .base
            .saturating_mul(doubled)
            .min(self.backoff.max);
        self.attempt = self.attempt.saturating_add(1);
        let not_before = now + close.retry_after.unwrap_or_default();
        Some(Due {
            at: not_before + self.jitter(ceiling),
            not_before,
        })
    }

    /// A time up to `ceiling`, of which the share that the jitter says is random.
    fn jitter(&mut self, ceiling: Duration) -> Duration {
        let random = ceiling.saturating_mul(self.backoff.jitter.min(100).into()) / 100;
        let micros = u64::try_from(random.as_micros()).unwrap_or(u64::MAX);
        let scaled = u128::from(self.next_random()) * (u128::from(micros) + 1);
        ceiling - random + Duration::from_micros((scaled >> 64) as u64)
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
