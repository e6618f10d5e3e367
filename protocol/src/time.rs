//! Time as a value that the driver hands in.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::ops::Add;
use std::time::Duration;

/// A point in time: microseconds since an origin that the driver chooses.
///
/// The machines read no clock. A driver passes the same kind of time to every call and never one that
/// lies before an earlier one; a test passes whatever it likes.
// A float holds every microsecond of 285 years. Where a page runs the client as JavaScript there are no 64-bit integers, and each
// operation on one would be a dozen.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Timestamp(f64);

impl Timestamp {
    /// The driver's origin.
    pub const ZERO: Self = Self(0.0);
    /// A time that never comes: a deadline that there is not.
    pub const NEVER: Self = Self(f64::INFINITY);

    /// The point `micros` microseconds after the origin.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros as f64)
    }

    /// The point `millis` milliseconds after the origin.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis as f64 * 1_000.0)
    }

    /// The point of a clock that counts milliseconds with fractions, as a browser's does. What is not a number, or before the origin, is the origin.
    #[must_use]
    pub const fn from_millis_f64(millis: f64) -> Self {
        Self((millis * 1_000.0).max(0.0))
    }

    /// Microseconds since the origin; those of [`NEVER`](Self::NEVER) are `u64::MAX`.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0 as u64
    }

    /// Milliseconds since the origin, with fractions.
    #[must_use]
    pub const fn as_millis_f64(self) -> f64 {
        self.0 / 1_000.0
    }

    /// Microseconds with fractions from `earlier` to this point; negative if `earlier` is later.
    #[must_use]
    pub const fn micros_since(self, earlier: Self) -> f64 {
        self.0 - earlier.0
    }

    /// The point `micros` microseconds after this one.
    #[must_use]
    pub const fn after_micros(self, micros: f64) -> Self {
        Self(self.0 + micros)
    }

    /// This point as a deadline: `None` where it never comes.
    #[must_use]
    pub const fn deadline(self) -> Option<Self> {
        if self.0 == f64::INFINITY {
            None
        } else {
            Some(self)
        }
    }

    /// The time from `earlier` to this point; zero if `earlier` is later.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        // Casting a negative number gives zero.
        Duration::from_micros(self.micros_since(earlier) as u64)
    }
}

impl Eq for Timestamp {}

#[expect(
    clippy::derive_ord_xor_partial_ord,
    reason = "no timestamp is made that is not a number"
)]
impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }

    fn min(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }

    fn max(self, other: Self) -> Self {
        Self(self.0.max(other.0))
    }
}

impl Hash for Timestamp {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    /// [`Duration::MAX`] later is [`NEVER`](Self::NEVER).
    fn add(self, duration: Duration) -> Self {
        self.after_micros(micros(duration))
    }
}

/// Microseconds; those of [`Duration::MAX`] have no end.
#[must_use]
#[inline(never)]
pub const fn micros(duration: Duration) -> f64 {
    if duration.as_secs() == u64::MAX {
        return f64::INFINITY;
    }
    duration.as_secs() as f64 * 1_000_000.0 + duration.subsec_micros() as f64
}
