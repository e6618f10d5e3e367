//! When to come back: capped exponential backoff with full jitter, and never before the server's advice.

use pitaya_protocol::{Close, Span};

use crate::Timestamp;
use crate::config::Backoff;

/// Counts attempts and says when the next one is due.
#[derive(Debug)]
pub(crate) struct Schedule {
    random: u32,
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
    pub(crate) const fn new(seed: u64) -> Self {
        Self {
            random: seed as u32 ^ (seed >> 32) as u32,
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

    /// The attempt after this close; `None` when there are none left.
    pub(crate) fn next(&mut self, now: Timestamp, close: &Close, backoff: &Backoff) -> Option<Due> {
        if backoff.attempts.is_some_and(|most| self.attempt >= most) {
            return None;
        }
        // Above 2^20 times the base every cap is reached.
        let doubled = f64::from(1 << self.attempt.min(20));
        let ceiling = (backoff.base * doubled).min(backoff.max);
        self.attempt = self.attempt.saturating_add(1);
        let not_before = now + close.retry_after().unwrap_or_default();
        Some(Due {
            at: self.jitter(not_before, ceiling, backoff.jitter),
            not_before,
        })
    }

    /// A time up to `ceiling` later, of which so many percent are random.
    fn jitter(&mut self, from: Timestamp, ceiling: Span, percent: u8) -> Timestamp {
        let random = ceiling * (f64::from(percent.min(100)) / 100.0);
        let share = f64::from(self.next_random()) / f64::from(u32::MAX);
        from + (ceiling - random * share).whole()
    }

    /// SplitMix (Steele, Lea, Flood 2014) in 32 bits, which is all that a jitter needs: any seed will do.
    const fn next_random(&mut self) -> u32 {
        self.random = self.random.wrapping_add(0x9E37_79B9);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 16)).wrapping_mul(0x85EB_CA6B);
        mixed = (mixed ^ (mixed >> 13)).wrapping_mul(0xC2B2_AE35);
        mixed ^ (mixed >> 16)
    }
}
