//! Time as a value that the driver hands in.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::ops::{Add, Mul, Sub};
use std::time::Duration;

/// A point in time: microseconds since an origin that the driver chooses.
///
/// The machines read no clock. A driver passes the same kind of time to every call and never one that
/// lies before an earlier one; a test passes whatever it likes.
// A float holds every microsecond of 285 years. Where a page runs the client as JavaScript there are no 64-bit integers, and each
// operation on one would be a dozen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
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
        Duration::from_micros((self.0 - earlier.0) as u64)
    }
}

impl Eq for Timestamp {}

// Comparing floats is one instruction, comparing orderings of them is ten.
impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }

    fn lt(&self, other: &Self) -> bool {
        self.0 < other.0
    }

    fn le(&self, other: &Self) -> bool {
        self.0 <= other.0
    }

    fn gt(&self, other: &Self) -> bool {
        self.0 > other.0
    }

    fn ge(&self, other: &Self) -> bool {
        self.0 >= other.0
    }
}

// No timestamp is made that is not a number.
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

impl Add<Span> for Timestamp {
    type Output = Self;

    fn add(self, span: Span) -> Self {
        Self(self.0 + span.0)
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    /// [`Duration::MAX`] later is [`NEVER`](Self::NEVER).
    fn add(self, duration: Duration) -> Self {
        self + Span::from(duration)
    }
}

impl Sub for Timestamp {
    type Output = Span;

    /// Negative if the other is later.
    fn sub(self, earlier: Self) -> Span {
        Span(self.0 - earlier.0)
    }
}

/// A length of time as the machines count it: microseconds, in a float for the reason that [`Timestamp`] gives. Everywhere else it is a [`Duration`],
/// and each is made of the other with `from`.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Span(f64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0.0);
    /// Time without end.
    pub const ENDLESS: Self = Self(f64::INFINITY);

    /// So many seconds.
    #[must_use]
    pub const fn from_secs(secs: u32) -> Self {
        Self(secs as f64 * 1e6)
    }

    /// So many milliseconds, with fractions; what has no end is [`ENDLESS`](Self::ENDLESS).
    #[must_use]
    pub const fn from_millis(millis: f64) -> Self {
        Self(millis * 1e3)
    }

    /// Milliseconds, with fractions.
    #[must_use]
    pub const fn as_millis(self) -> f64 {
        self.0 / 1e3
    }

    /// The shorter of the two.
    #[must_use]
    pub const fn min(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }

    /// The longer of the two.
    #[must_use]
    pub const fn max(self, other: Self) -> Self {
        Self(self.0.max(other.0))
    }

    /// In whole microseconds, rounded down.
    #[must_use]
    pub fn whole(self) -> Self {
        Self(self.0.floor())
    }
}

// No span is made that is not a number.
impl Eq for Span {}

impl Add for Span {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Span {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Mul<f64> for Span {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        Self(self.0 * factor)
    }
}

impl From<Duration> for Span {
    /// [`Duration::MAX`] is [`ENDLESS`](Self::ENDLESS).
    fn from(duration: Duration) -> Self {
        if duration == Duration::MAX {
            return Self::ENDLESS;
        }
        Self(duration.as_secs() as f64 * 1e6 + f64::from(duration.subsec_nanos()) / 1e3)
    }
}

impl From<Span> for Duration {
    /// Whole nanoseconds; a negative length is zero, and one without end is [`Duration::MAX`].
    fn from(span: Span) -> Self {
        if span == Span::ENDLESS {
            return Self::MAX;
        }
        Self::from_nanos((span.0 * 1e3).round() as u64)
    }
}
