//! Time as a value that the driver hands in.

use std::ops::Add;
use std::time::Duration;

/// A point in time: microseconds since an origin that the driver chooses.
///
/// The machines read no clock. A driver passes the same kind of time to every call and never one that
/// lies before an earlier one; a test passes whatever it likes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The driver's origin.
    pub const ZERO: Self = Self(0);
    /// A time that never comes: a deadline that there is not.
    pub const NEVER: Self = Self(u64::MAX);

    /// The point `micros` microseconds after the origin.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// The point `millis` milliseconds after the origin.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// Microseconds since the origin.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// The point `micros` microseconds after this one; saturates at [`NEVER`](Self::NEVER).
    #[must_use]
    pub const fn after_micros(self, micros: u64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// This point as a deadline: `None` where it never comes.
    #[must_use]
    pub const fn deadline(self) -> Option<Self> {
        if self.0 == Self::NEVER.0 {
            None
        } else {
            Some(self)
        }
    }

    /// The time from `earlier` to this point; zero if `earlier` is later.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    /// Saturates at [`NEVER`](Self::NEVER).
    fn add(self, duration: Duration) -> Self {
        self.after_micros(micros(duration))
    }
}

/// Whole microseconds, saturating. [`Duration::as_micros`] counts in 128 bits, which a browser's processor does not have.
#[must_use]
#[inline(never)]
pub const fn micros(duration: Duration) -> u64 {
    if duration.as_secs() >= u64::MAX / 1_000_000 {
        return u64::MAX;
    }
    duration.as_secs() * 1_000_000 + duration.subsec_micros() as u64
}
