//! How fast one connection may send: above the limit it is read later, and closed when it does not stop.

use std::time::Duration;

use pitaya_protocol::Timestamp;

const SECOND: u64 = 1_000_000;

/// A bucket that holds one second's packets.
#[derive(Debug)]
pub(super) struct Rate {
    /// Packets that were paid for.
    spent: u64,
    /// Microseconds that one packet costs.
    cost: u64,
    /// When the bucket is full again, if nothing more comes.
    full: Timestamp,
    /// Since when the connection is delayed, and until when it is not read.
    delayed: Option<(Timestamp, Timestamp)>,
    /// Whether it was delayed when it was last let through; a pause in sending ends that.
    since: Option<Timestamp>,
    grace: Duration,
}

impl Rate {
    pub(super) fn new(per_second: u32, grace: Duration) -> Self {
        let cost = SECOND / u64::from(per_second.max(1));
        Self {
            spent: 0,
            cost,
            full: Timestamp::ZERO,
            delayed: None,
            since: None,
            grace,
        }
    }

    /// This many packets have come so far.
    pub(super) fn spend(&mut self, packets: u64, now: Timestamp) {
        let new = packets - std::mem::replace(&mut self.spent, packets);
        if new == 0 {
            return;
        }
        if self.full <= now {
            // The bucket was full: whatever delay there was is over.
            self.full = now;
            self.since = None;
        }
        self.full = self.full + Duration::from_micros(self.cost.saturating_mul(new));
        let ahead = self.full.saturating_since(now);
        let second = Duration::from_micros(SECOND);
        if ahead > second {
            let since = *self.since.get_or_insert(now);
            self.delayed = Some((since, now + (ahead - second)));
        }
    }

    pub(super) const fn is_delayed(&self) -> bool {
        self.delayed.is_some()
    }

    /// When the connection may be read again, or has been delayed for too long.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let grace = self.grace + Duration::from_micros(1);
        self.delayed.map(|(since, until)| until.min(since + grace))
    }

    /// Time has passed. Whether the connection was delayed for longer than the grace.
    pub(super) fn elapse(&mut self, now: Timestamp) -> bool {
        let Some((since, until)) = self.delayed else {
            return false;
        };
        if now >= until {
            self.delayed = None;
        }
        now.saturating_since(since) > self.grace
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(1_000_000 + millis)
    }

    #[test]
    fn a_seconds_burst_passes_and_the_next_packet_waits() {
        let mut rate = Rate::new(10, Duration::from_secs(5));
        for packets in 1..=10 {
            rate.spend(packets, at(0));
            assert!(!rate.is_delayed());
        }
        rate.spend(11, at(0));
        assert_eq!(rate.deadline(), Some(at(100)));
        assert!(!rate.elapse(at(100)));
        assert!(!rate.is_delayed());
    }

    #[test]
    fn many_at_once_wait_as_long_as_one_by_one() {
        let mut rate = Rate::new(10, Duration::from_secs(5));
        rate.spend(25, at(0));
        assert_eq!(rate.deadline(), Some(at(1_500)));
    }

    #[test]
    fn a_flood_is_cut_after_the_grace_and_a_pause_forgives() {
        let mut rate = Rate::new(10, Duration::from_secs(5));
        let (mut now, mut packets) = (0, 11);
        rate.spend(packets, at(now));
        while now < 5_000 {
            now += 100;
            packets += 1;
            assert!(!rate.elapse(at(now)));
            rate.spend(packets, at(now));
        }
        assert!(rate.elapse(at(now + 100)));

        rate.spend(packets + 1, at(now + 60_000));
        assert!(!rate.is_delayed());
        assert!(!rate.elapse(at(now + 60_001)));
    }
}
