use std::fmt;

/// The middle of `values`, the mean of the two middle ones for an even count; `None` for none.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        n if n % 2 == 1 => Some(sorted[middle]),
        _ => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
    }
}

/// The largest figure that counts as good; the unit is that of the figures compared with it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Goal(pub f64);

impl Goal {
    /// How far beyond the goal a figure may be before the run as a whole counts as failed.
    pub const TOLERANCE: f64 = 1.25;

    /// Judges `figure`: smaller is better, equal is met, and what is not a number has failed.
    #[must_use]
    pub fn judge(self, figure: f64) -> Verdict {
        if figure <= self.0 {
            Verdict::Met
        } else if figure <= self.0 * Self::TOLERANCE {
            Verdict::Missed
        } else {
            Verdict::Failed
        }
    }
}

/// What a figure is worth against its [`Goal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The goal is reached.
    Met,
    /// Worse than the goal, within [`Goal::TOLERANCE`].
    Missed,
    /// Worse than the tolerance allows.
    Failed,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Failed => "FAILED",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_of_odd_even_and_no_values() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn one_wild_sample_does_not_move_the_median() {
        assert_eq!(median(&[1.0, 1.1, 1.2, 1.3, 90.0]), Some(1.2));
    }

    #[test]
    fn goal_is_met_missed_within_tolerance_and_failed_beyond() {
        let goal = Goal(1.2);
        assert_eq!(goal.judge(1.2), Verdict::Met);
        assert_eq!(goal.judge(1.21), Verdict::Missed);
        assert_eq!(goal.judge(1.5), Verdict::Missed);
        assert_eq!(goal.judge(1.51), Verdict::Failed);
        assert_eq!(goal.judge(f64::NAN), Verdict::Failed);
    }
}
