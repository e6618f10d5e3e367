//! What discovery shows, and what is counted of it.

use super::*;

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
