//! When servers are ejected and admitted again, under paused time.

use std::num::NonZeroU32;
use std::time::Duration;

use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use tokio::time::advance;

use super::*;
use crate::cluster::CallError;

struct Rig {
    peers: Peers,
    members: Members,
}

/// Rooms with the ids `r1`, `r2`, ...
fn rooms(count: usize) -> Members {
    let ids = (1..=count).map(|number| format!("r{number}"));
    ids.map(|id| Arc::new(Member::new("room", id))).collect()
}

fn without(members: &Members, id: &str) -> Members {
    let others = members.iter().filter(|member| member.id != id);
    others.cloned().collect()
}

fn gone() -> CallError {
    CallError::Gone {
        server: String::new(),
    }
}

fn timeout() -> CallError {
    CallError::Timeout {
        server: String::new(),
        after: Duration::ZERO,
    }
}

fn lost() -> CallError {
    CallError::Lost {
        server: String::new(),
    }
}

fn unreadable() -> CallError {
    CallError::Unreadable {
        server: String::new(),
        reason: String::new(),
    }
}

impl Rig {
    fn new(count: usize) -> Self {
        Self::with(count, EjectionConfig::default())
    }

    fn with(count: usize, config: EjectionConfig) -> Self {
        let rig = Self {
            peers: Peers::new(config),
            members: rooms(count),
        };
        rig.seen();
        rig
    }

    fn seen(&self) {
        self.peers.seen(&self.members, Instant::now());
    }

    fn begin(&self, id: &str) -> Flight {
        self.peers.begin(self.members.get(id).expect("a member"))
    }

    fn fails(&self, id: &str, error: &CallError) {
        self.begin(id).ended(Err(error));
    }

    fn answers(&self, id: &str) {
        self.begin(id).ended(Ok(()));
    }

    fn is_ejected(&self, id: &str) -> bool {
        let admitted = self.peers.without_due(self.members.of_type("room"));
        !admitted.iter().any(|member| member.id == id)
    }

    /// Whether the server may be chosen now.
    fn is_candidate(&self, id: &str) -> bool {
        let members = self.members.of_type("room");
        let candidates = self.peers.with_due(members, Instant::now());
        candidates.iter().any(|member| member.id == id)
    }

    fn claim(&self, id: &str) -> bool {
        let member = self.members.get(id).expect("a member");
        self.peers.may_call(member, Instant::now())
    }

    /// Chooses an ejected server, as its time has come, and calls it.
    fn tries(&self, id: &str) -> Flight {
        assert!(self.is_candidate(id) && self.claim(id), "{id} is not due");
        self.begin(id)
    }

    fn in_flight(&self, id: &str) -> usize {
        self.peers
            .in_flight(self.members.get(id).expect("a member"))
    }
}

async fn millis(millis: u64) {
    advance(Duration::from_millis(millis)).await;
}

#[tokio::test(start_paused = true)]
async fn calls_count_until_they_are_dropped() {
    let rig = Rig::new(2);
    let (first, second) = (rig.begin("r1"), rig.begin("r1"));
    assert_eq!((rig.in_flight("r1"), rig.in_flight("r2")), (2, 0));
    first.ended(Ok(()));
    assert_eq!(rig.in_flight("r1"), 1);
    drop(second);
    assert_eq!(rig.in_flight("r1"), 0);
}

#[tokio::test(start_paused = true)]
async fn who_was_not_seen_is_not_counted() {
    let rig = Rig::new(1);
    let stranger = Arc::new(Member::new("room", "r9"));
    let flight = rig.peers.begin(&stranger);
    assert_eq!(rig.peers.in_flight(&stranger), 0);
    flight.ended(Err(&gone()));
    assert!(!rig.peers.any_is_ejected());
    assert!(rig.peers.may_call(&stranger, Instant::now()));
    assert_eq!(rig.peers.without_due(&[stranger]).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_gone_is_ejected_at_once() {
    let rig = Rig::new(1);
    assert!(!rig.peers.any_is_ejected());
    rig.fails("r1", &gone());
    assert!(rig.peers.any_is_ejected() && rig.is_ejected("r1"));
    assert!(!rig.is_candidate("r1"));
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_is_ejected_after_several_calls_in_a_row() {
    for silence in [timeout(), lost()] {
        let rig = Rig::new(2);
        for _ in 0..4 {
            rig.fails("r1", &silence);
        }
        rig.answers("r1");
        for _ in 0..4 {
            rig.fails("r1", &silence);
        }
        // An answer that cannot be read is one.
        rig.fails("r1", &unreadable());
        for _ in 0..4 {
            rig.fails("r1", &silence);
        }
        assert!(!rig.is_ejected("r1"));
        rig.fails("r1", &silence);
        assert!(rig.is_ejected("r1") && !rig.is_ejected("r2"));
    }
}

#[tokio::test(start_paused = true)]
async fn what_never_left_says_nothing_of_the_server() {
    let rig = Rig::new(2);
    let down = CallError::Down {
        reason: String::new(),
    };
    let unsendable = CallError::Unsendable(String::new());
    for _ in 0..4 {
        rig.fails("r1", &timeout());
    }
    for _ in 0..9 {
        for error in [&down, &unsendable, &CallError::Full] {
            rig.fails("r1", error);
        }
        drop(rig.begin("r1"));
    }
    assert!(!rig.is_ejected("r1"));
    // Nor was any of it an answer.
    rig.fails("r1", &timeout());
    assert!(rig.is_ejected("r1"));
}

#[tokio::test(start_paused = true)]
async fn silence_can_be_tolerated() {
    let config = EjectionConfig {
        silent_calls: None,
        ..EjectionConfig::default()
    };
    let rig = Rig::with(2, config);
    for _ in 0..100 {
        rig.fails("r1", &timeout());
    }
    assert!(!rig.is_ejected("r1"));
}

#[tokio::test(start_paused = true)]
async fn at_most_half_of_the_servers_are_out_for_silence() {
    let silence = |rig: &Rig, id: &str| (0..9).for_each(|_| rig.fails(id, &timeout()));
    let rig = Rig::new(1);
    silence(&rig, "r1");
    assert!(!rig.is_ejected("r1"));

    let rig = Rig::new(5);
    for id in ["r1", "r2", "r3", "r4", "r5"] {
        silence(&rig, id);
    }
    let out = |rig: &Rig| {
        let ids = ["r1", "r2", "r3", "r4", "r5"];
        ids.into_iter().filter(|id| rig.is_ejected(id)).count()
    };
    assert_eq!(out(&rig), 2);
    // Those that are known to be gone go all the same, and count.
    rig.fails("r3", &gone());
    assert_eq!(out(&rig), 3);
    silence(&rig, "r4");
    assert_eq!(out(&rig), 3);
    // Room again as soon as the others are back.
    millis(1000).await;
    for id in ["r1", "r2", "r3"] {
        rig.tries(id).ended(Ok(()));
    }
    assert_eq!(out(&rig), 0);
    silence(&rig, "r4");
    assert!(rig.is_ejected("r4"));
}

#[tokio::test(start_paused = true)]
async fn an_ejected_server_is_tried_after_the_first_wait() {
    for _ in 0..50 {
        let rig = Rig::new(2);
        rig.fails("r1", &gone());
        millis(499).await;
        assert!(!rig.is_candidate("r1"));
        millis(501).await;
        assert!(rig.is_candidate("r1") && rig.is_ejected("r1"));
    }
}

#[tokio::test(start_paused = true)]
async fn waits_differ() {
    let rig = Rig::new(100);
    for member in rig.members.iter().filter(|member| member.id != "r1") {
        rig.fails(&member.id, &gone());
    }
    millis(750).await;
    let due = rig
        .peers
        .with_due(rig.members.of_type("room"), Instant::now());
    assert!((20..80).contains(&due.len()), "{}", due.len());
}

#[tokio::test(start_paused = true)]
async fn one_call_tries_it_and_an_answer_readmits() {
    let rig = Rig::new(2);
    rig.fails("r1", &gone());
    millis(1000).await;
    assert!(rig.is_candidate("r1") && rig.claim("r1"));
    assert!(!rig.is_candidate("r1") && !rig.claim("r1"));
    let trial = rig.begin("r1");
    millis(3_600_000).await;
    assert!(!rig.is_candidate("r1") && !rig.claim("r1"));
    trial.ended(Ok(()));
    assert!(!rig.is_ejected("r1") && !rig.peers.any_is_ejected());
    assert!(rig.claim("r1") && rig.claim("r1"));
}

#[tokio::test(start_paused = true)]
async fn each_trial_in_vain_doubles_the_wait() {
    for error in [gone(), timeout(), lost()] {
        let rig = Rig::new(2);
        rig.fails("r1", &gone());
        let mut longest = 1000;
        for _ in 0..8 {
            millis(longest).await;
            rig.tries("r1").ended(Err(&error));
            longest = (longest * 2).min(30_000);
            millis(longest / 2 - 1).await;
            assert!(!rig.is_candidate("r1"), "{longest}");
        }
        // The next ejection begins anew.
        millis(longest).await;
        rig.tries("r1").ended(Ok(()));
        rig.fails("r1", &gone());
        millis(1000).await;
        assert!(rig.is_candidate("r1"));
    }
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_no_trial_do_not_prolong_the_wait() {
    let rig = Rig::new(2);
    rig.fails("r1", &gone());
    for _ in 0..20 {
        rig.fails("r1", &gone());
        rig.fails("r1", &timeout());
    }
    millis(1000).await;
    assert!(rig.is_candidate("r1"));
    // Yet an answer to one of them is an answer.
    rig.answers("r1");
    assert!(!rig.is_ejected("r1"));
}

#[tokio::test(start_paused = true)]
async fn a_trial_without_an_outcome_is_made_again_at_once() {
    let rig = Rig::new(2);
    rig.fails("r1", &gone());
    millis(1000).await;
    drop(rig.tries("r1"));
    rig.tries("r1").ended(Err(&CallError::Full));
    assert!(rig.is_candidate("r1") && rig.is_ejected("r1"));
}

#[tokio::test(start_paused = true)]
async fn a_trial_that_nobody_makes_lapses() {
    let rig = Rig::new(2);
    rig.fails("r1", &gone());
    millis(1000).await;
    assert!(rig.claim("r1"));
    millis(999).await;
    assert!(!rig.is_candidate("r1"));
    millis(1).await;
    rig.tries("r1").ended(Ok(()));
    assert!(!rig.is_ejected("r1"));
}

#[tokio::test(start_paused = true)]
async fn where_nobody_is_left_all_are_tried_after_the_first_wait() {
    let rig = Rig::new(2);
    rig.fails("r1", &gone());
    for wait in [1000, 2000, 4000, 8000] {
        millis(wait).await;
        rig.tries("r1").ended(Err(&gone()));
    }
    // Its own wait is 8 s at least.
    millis(1000).await;
    assert!(!rig.is_candidate("r1"));
    rig.fails("r2", &gone());
    assert!(rig.is_candidate("r1") && !rig.is_candidate("r2"));
    rig.tries("r1").ended(Err(&gone()));
    assert!(!rig.is_candidate("r1"));
    millis(1000).await;
    assert!(rig.is_candidate("r2"));
    rig.tries("r2").ended(Ok(()));
    assert!(!rig.is_candidate("r1") && rig.is_candidate("r2"));
}

#[tokio::test(start_paused = true)]
async fn calls_of_an_earlier_time_change_nothing() {
    let rig = Rig::new(2);
    let early: Vec<_> = (0..20).map(|_| rig.begin("r1")).collect();
    let answered = rig.begin("r1");
    rig.fails("r1", &gone());
    // It was answered before it went.
    answered.ended(Ok(()));
    assert!(rig.is_ejected("r1"));
    millis(1000).await;
    rig.tries("r1").ended(Ok(()));
    for (number, call) in early.into_iter().enumerate() {
        call.ended(Err(&if number < 10 { gone() } else { timeout() }));
    }
    assert!(!rig.is_ejected("r1"));
    // And none of them counts towards the next ejection.
    for _ in 0..4 {
        rig.fails("r1", &timeout());
    }
    assert!(!rig.is_ejected("r1"));
}

#[tokio::test(start_paused = true)]
async fn a_trial_of_an_earlier_ejection_changes_nothing() {
    let mut rig = Rig::new(2);
    rig.fails("r1", &gone());
    millis(1000).await;
    let trial = rig.tries("r1");
    rig.members = rooms(2);
    rig.seen();
    rig.fails("r1", &gone());
    trial.ended(Ok(()));
    assert!(rig.is_ejected("r1"));
    assert!(!rig.is_candidate("r1"));
}

#[tokio::test(start_paused = true)]
async fn a_new_entry_readmits_at_once() {
    let mut rig = Rig::new(2);
    rig.fails("r1", &gone());
    let old = rig.members.clone();
    rig.members = old.iter().cloned().collect();
    rig.seen();
    assert!(rig.is_ejected("r1"), "its entry is the same");
    let renewed = [Arc::new(Member::new("room", "r1"))];
    rig.members = old.iter().cloned().chain(renewed).collect();
    rig.seen();
    assert!(!rig.is_ejected("r1") && !rig.peers.any_is_ejected());
}

#[tokio::test(start_paused = true)]
async fn a_new_entry_begins_the_count_of_silence_again() {
    let mut rig = Rig::new(2);
    let silence = |rig: &Rig| (0..4).for_each(|_| rig.fails("r1", &timeout()));
    silence(&rig);
    rig.members = rooms(2);
    rig.seen();
    silence(&rig);
    assert!(!rig.is_ejected("r1"));
}

#[tokio::test(start_paused = true)]
async fn calls_in_flight_outlive_a_new_entry() {
    let mut rig = Rig::new(1);
    let call = rig.begin("r1");
    rig.members = rooms(1);
    rig.seen();
    assert_eq!(rig.in_flight("r1"), 1);
    drop(call);
    assert_eq!(rig.in_flight("r1"), 0);
}

#[tokio::test(start_paused = true)]
async fn servers_that_left_are_forgotten() {
    let rig = Rig::new(3);
    let late: Vec<_> = ["r1", "r2"].map(|id| rig.begin(id)).into();
    rig.fails("r1", &gone());
    let left = without(&without(&rig.members, "r1"), "r2");
    rig.peers.seen(&left, Instant::now());
    assert!(!rig.peers.any_is_ejected());
    assert_eq!(rig.in_flight("r1"), 0);
    for call in late {
        call.ended(Err(&gone()));
    }
    assert!(!rig.peers.any_is_ejected());
    // The one that is left does not share with them: it is the only one.
    (0..9).for_each(|_| rig.fails("r3", &timeout()));
    assert!(!rig.is_ejected("r3"));
}

#[tokio::test(start_paused = true)]
async fn a_server_of_another_type_with_the_same_id_is_another_server() {
    let rig = Rig::new(2);
    rig.fails("r1", &gone());
    let shop = Arc::new(Member::new("shop", "r1"));
    let members: Members = rig.members.iter().cloned().chain([shop]).collect();
    rig.peers.seen(&members, Instant::now());
    assert!(!rig.peers.any_is_ejected());
    assert_eq!(rig.peers.without_due(members.of_type("shop")).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn ejections_and_readmissions_are_counted() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let rig = metrics::with_local_recorder(&recorder, || Rig::new(4));
    rig.fails("r1", &gone());
    rig.fails("r1", &gone());
    (0..9).for_each(|_| rig.fails("r2", &timeout()));
    millis(1000).await;
    rig.tries("r1").ended(Ok(()));
    rig.answers("r1");
    assert_eq!(
        counted(&snapshotter),
        [
            ("pitaya_peer_ejections_total gone".to_owned(), 1),
            ("pitaya_peer_ejections_total silent".to_owned(), 1),
            ("pitaya_peer_readmissions_total".to_owned(), 1),
        ]
    );
}

fn counted(snapshotter: &Snapshotter) -> Vec<(String, u64)> {
    let all = snapshotter.snapshot().into_vec().into_iter();
    let mut counted: Vec<_> = all
        .map(|(key, _, _, value)| {
            let DebugValue::Counter(value) = value else {
                panic!("{key:?} is no counter");
            };
            let mut name = key.key().name().to_owned();
            for label in key.key().labels() {
                name = format!("{name} {}", label.value());
            }
            (name, value)
        })
        .collect();
    counted.sort();
    counted
}

#[tokio::test(start_paused = true)]
async fn strange_settings_do_no_harm() {
    let config = EjectionConfig {
        silent_calls: NonZeroU32::new(1),
        silent_percent: 255,
        first_wait: Duration::MAX,
        longest_wait: Duration::ZERO,
    };
    let rig = Rig::with(2, config);
    rig.fails("r1", &timeout());
    rig.fails("r2", &timeout());
    assert!(rig.is_ejected("r1") && rig.is_ejected("r2"));
    millis(1_000_000).await;
    assert!(!rig.is_candidate("r1"));
}

#[test]
fn many_threads_leave_the_counts_right() {
    let rig = Rig::with(
        4,
        EjectionConfig {
            first_wait: Duration::ZERO,
            longest_wait: Duration::ZERO,
            ..EjectionConfig::default()
        },
    );
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let rig = &rig;
            scope.spawn(move || {
                let mut random = fastrand::Rng::with_seed(seed + thread);
                for _ in 0..5_000 {
                    let id = format!("r{}", random.u8(1..=4));
                    let claimed = rig.claim(&id);
                    let call = rig.begin(&id);
                    match random.u8(..8) {
                        0 => call.ended(Err(&gone())),
                        1 | 2 => call.ended(Err(&timeout())),
                        3 => drop(call),
                        4 => rig.peers.seen(&without(&rig.members, &id), Instant::now()),
                        5 => rig.peers.seen(&rooms(4), Instant::now()),
                        _ if claimed => call.ended(Ok(())),
                        _ => call.ended(Err(&lost())),
                    }
                }
            });
        }
    });
    rig.seen();
    for id in ["r1", "r2", "r3", "r4"] {
        assert_eq!(rig.in_flight(id), 0);
        rig.answers(id);
        assert!(!rig.is_ejected(id));
    }
    assert!(!rig.peers.any_is_ejected());
    // The counts of the type as well: two of four may be out.
    for id in ["r1", "r2", "r3", "r4"] {
        (0..9).for_each(|_| rig.fails(id, &timeout()));
    }
    let out = ["r1", "r2", "r3", "r4"]
        .into_iter()
        .filter(|id| rig.is_ejected(id));
    assert_eq!(out.count(), 2);
}
