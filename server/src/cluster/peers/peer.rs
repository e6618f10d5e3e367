//! One of the other servers.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pitaya_protocol::cluster::Member;
use tokio::time::Instant;

use super::Common;

/// How long a task that has chosen an ejected server may take to call it. Normally that is a few instructions later; one that never calls (a
/// message that wants no answer is no trial) keeps others from trying for that long.
const CLAIM: Duration = Duration::from_secs(1);

/// In the place of a time: not before a trial under way has ended.
const NEVER: u64 = u64::MAX;

/// What is known of a server. What each call touches is atomic; the rest is behind a lock that only calls to an ejected server take.
#[derive(Debug)]
pub(super) struct Peer {
    server_type: String,
    kind: Arc<Kind>,
    common: Arc<Common>,
    in_flight: AtomicUsize,
    /// Calls in a row without an answer.
    silent: AtomicU32,
    /// Counts ejections and readmissions: odd while ejected.
    era: AtomicU64,
    /// When it is tried again, and when it is tried if no other server is left. Microseconds since the origin; of no meaning while it is admitted.
    due: AtomicU64,
    last_resort: AtomicU64,
    state: Mutex<State>,
}

/// The servers of one type.
#[derive(Debug, Default)]
pub(super) struct Kind {
    total: AtomicUsize,
    ejected: AtomicUsize,
}

#[derive(Debug)]
struct State {
    entry: Arc<Member>,
    left: bool,
    ejection: Option<Ejection>,
}

#[derive(Debug)]
struct Ejection {
    since: Instant,
    /// Trials without an answer.
    failed: u32,
    trial: Trial,
}

#[derive(Debug)]
enum Trial {
    None,
    /// Somebody has chosen it to try it, and is about to call.
    Claimed,
    UnderWay,
}

impl Peer {
    pub(super) fn new(member: &Arc<Member>, kind: &Arc<Kind>, common: &Arc<Common>) -> Self {
        Self {
            server_type: member.server_type.clone(),
            kind: kind.clone(),
            common: common.clone(),
            in_flight: AtomicUsize::new(0),
            silent: AtomicU32::new(0),
            era: AtomicU64::new(0),
            due: AtomicU64::new(0),
            last_resort: AtomicU64::new(0),
            state: Mutex::new(State {
                entry: member.clone(),
                left: false,
                ejection: None,
            }),
        }
    }

    pub(super) fn server_type(&self) -> &str {
        &self.server_type
    }

    pub(super) const fn kind(&self) -> &Arc<Kind> {
        &self.kind
    }

    pub(super) fn shortest_timeout(&self) -> Duration {
        self.common.config.shortest_timeout
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    pub(super) fn is_admitted(&self) -> bool {
        self.era.load(Ordering::Acquire).is_multiple_of(2)
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.micros(now) >= self.due.load(Ordering::Acquire)
    }

    pub(super) fn may_be_tried(&self, now: Instant) -> bool {
        self.micros(now) >= self.last_resort.load(Ordering::Acquire)
    }

    /// Takes the right to try it, if it is ejected and nobody else does.
    pub(super) fn claim(&self, now: Instant) -> bool {
        if self.is_admitted() {
            return true;
        }
        let mut state = self.state();
        let Some(ejection) = &mut state.ejection else {
            return true;
        };
        if !self.may_be_tried(now) {
            return false;
        }
        ejection.trial = Trial::Claimed;
        let lapses = self.micros(now + CLAIM);
        self.next_trial(lapses, lapses);
        true
    }

    /// A call begins: its era, and whether it is the trial of an ejected server.
    pub(super) fn begin(&self) -> (u64, bool) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        if self.is_admitted() {
            return (self.era.load(Ordering::Acquire), false);
        }
        let mut state = self.state();
        let claimed = state
            .ejection
            .as_mut()
            .filter(|ejection| matches!(ejection.trial, Trial::Claimed));
        let tries = claimed.is_some();
        if let Some(ejection) = claimed {
            ejection.trial = Trial::UnderWay;
            self.next_trial(NEVER, NEVER);
        }
        (self.era.load(Ordering::Acquire), tries)
    }

    pub(super) fn end(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    /// A call was answered. While the server is ejected that readmits it, if the call began after the ejection.
    pub(super) fn answered(&self, era: u64) {
        // Looked at first: a write for each answer would take the line away from other threads.
        if self.silent.load(Ordering::Relaxed) > 0 {
            self.silent.store(0, Ordering::Relaxed);
        }
        if !era.is_multiple_of(2) {
            let mut state = self.state();
            if self.is_in(era) {
                self.readmit(&mut state, Instant::now());
            }
        }
    }

    pub(super) fn is_gone(&self, era: u64, now: Instant) {
        let mut state = self.state();
        if self.may_be_ejected(&state, era) {
            self.kind.ejected.fetch_add(1, Ordering::Relaxed);
            self.common.gone.increment(1);
            self.eject(&mut state, now, "it is gone");
        }
    }

    pub(super) fn is_silent(&self, era: u64) {
        let Some(limit) = self.common.config.silent_calls else {
            return;
        };
        if !self.is_in(era) || self.silent.fetch_add(1, Ordering::Relaxed) + 1 < limit.get() {
            return;
        }
        let mut state = self.state();
        let percent = self.common.config.silent_percent;
        if self.may_be_ejected(&state, era) && self.kind.can_spare_one(percent) {
            self.common.silent.increment(1);
            self.eject(&mut state, Instant::now(), "it does not answer");
        }
    }

    /// The call that tried it had no answer.
    pub(super) fn tried_in_vain(&self, era: u64, now: Instant) {
        let mut state = self.state();
        if let Some(ejection) = state.ejection.as_mut().filter(|_| self.is_in(era)) {
            ejection.failed = ejection.failed.saturating_add(1);
            ejection.trial = Trial::None;
            self.wait(ejection.failed, now);
        }
    }

    /// The call that should have tried it did not, or was given up: another one may, at once.
    pub(super) fn not_tried(&self, era: u64) {
        let mut state = self.state();
        if let Some(ejection) = state.ejection.as_mut().filter(|_| self.is_in(era)) {
            ejection.trial = Trial::None;
            self.next_trial(0, 0);
        }
    }

    /// Discovery shows it; readmits it if this is a new entry.
    pub(super) fn entered(&self, member: &Arc<Member>, now: Instant) {
        let mut state = self.state();
        if !Arc::ptr_eq(&state.entry, member) {
            state.entry = member.clone();
            self.silent.store(0, Ordering::Relaxed);
            self.readmit(&mut state, now);
        }
    }

    /// Discovery does not show it any more. Calls that are still under way change nothing.
    pub(super) fn left(&self) {
        let mut state = self.state();
        state.left = true;
        if state.ejection.take().is_some() {
            self.uncount();
        }
    }

    fn may_be_ejected(&self, state: &State, era: u64) -> bool {
        !state.left && era.is_multiple_of(2) && self.is_in(era)
    }

    fn eject(&self, state: &mut State, now: Instant, cause: &str) {
        state.ejection = Some(Ejection {
            since: now,
            failed: 0,
            trial: Trial::None,
        });
        self.silent.store(0, Ordering::Relaxed);
        self.wait(0, now);
        self.era.fetch_add(1, Ordering::AcqRel);
        self.common.ejected.fetch_add(1, Ordering::AcqRel);
        let (id, server_type) = (&*state.entry.id, &*self.server_type);
        tracing::warn!(id, server_type, cause, "a server is avoided");
    }

    fn readmit(&self, state: &mut State, now: Instant) {
        let Some(ejection) = state.ejection.take() else {
            return;
        };
        self.uncount();
        self.era.fetch_add(1, Ordering::AcqRel);
        self.common.readmitted.increment(1);
        let (id, server_type) = (&*state.entry.id, &*self.server_type);
        let after = now.saturating_duration_since(ejection.since);
        tracing::info!(id, server_type, ?after, "a server is back");
    }

    fn uncount(&self) {
        self.kind.ejected.fetch_sub(1, Ordering::Relaxed);
        self.common.ejected.fetch_sub(1, Ordering::AcqRel);
    }

    fn wait(&self, failed: u32, now: Instant) {
        let part = 0.5 + fastrand::f64() / 2.0;
        let now = self.micros(now);
        let after = |wait: Duration| now.saturating_add((wait.as_secs_f64() * part * 1e6) as u64);
        let config = &self.common.config;
        self.next_trial(after(config.wait(failed)), after(config.first_wait));
    }

    fn next_trial(&self, due: u64, last_resort: u64) {
        self.due.store(due, Ordering::Release);
        self.last_resort.store(last_resort, Ordering::Release);
    }

    fn is_in(&self, era: u64) -> bool {
        self.era.load(Ordering::Acquire) == era
    }

    fn micros(&self, time: Instant) -> u64 {
        let since = time.saturating_duration_since(self.common.origin);
        u64::try_from(since.as_micros()).unwrap_or(NEVER - 1)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kind {
    pub(super) fn set_total(&self, total: usize) {
        self.total.store(total, Ordering::Relaxed);
    }

    /// Counts one more as ejected, unless too many would be.
    fn can_spare_one(&self, percent: u8) -> bool {
        let most = self.total.load(Ordering::Relaxed) * usize::from(percent) / 100;
        let spare = |ejected| (ejected < most).then_some(ejected + 1);
        self.ejected
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, spare)
            .is_ok()
    }
}
