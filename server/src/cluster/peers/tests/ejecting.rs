//! When a server is ejected.

use super::*;

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
async fn a_call_without_time_says_nothing_of_the_server() {
    let rig = Rig::new(2);
    for _ in 0..9 {
        rig.fails("r1", &timeout_after(999));
    }
    assert!(!rig.is_ejected("r1"));
    // Nor is it a trial.
    rig.fails("r1", &gone());
    millis(1000).await;
    rig.tries("r1").ended(Err(&timeout_after(0)));
    assert!(rig.is_candidate("r1"));
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
        shortest_timeout: Duration::ZERO,
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
