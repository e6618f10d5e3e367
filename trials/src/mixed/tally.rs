//! What players have seen.

use std::time::Duration;

#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) later: usize,
    pub(super) crossing: usize,
    pub(super) apart: usize,
    pub(super) requests: usize,
    pub(super) pushes: usize,
    pub(super) slowest: Option<Duration>,
    pub(super) refused: Vec<String>,
    pub(super) doubled: Vec<String>,
    pub(super) orphaned: Vec<String>,
    pub(super) outlived: Vec<String>,
    pub(super) lost: Vec<String>,
    pub(super) unanswered: Vec<String>,
    pub(super) mispushed: Vec<String>,
}

impl Tally {
    /// This player's and another's.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.later += other.later;
        self.crossing += other.crossing;
        self.apart += other.apart;
        self.requests += other.requests;
        self.pushes += other.pushes;
        self.slowest = self.slowest.max(other.slowest);
        self.refused.extend(other.refused);
        self.doubled.extend(other.doubled);
        self.orphaned.extend(other.orphaned);
        self.outlived.extend(other.outlived);
        self.lost.extend(other.lost);
        self.unanswered.extend(other.unanswered);
        self.mispushed.extend(other.mispushed);
        self
    }
}
