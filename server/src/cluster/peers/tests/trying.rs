//! When an ejected server is tried again, and what readmits it.

use super::*;

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
        assert!(!rig.is_ejected("r1"));
    }
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
