//! Consistent hashing.

use super::*;

const KEYS: usize = 4000;

/// Who owns each key.
fn owners(rig: &Rig) -> Vec<String> {
    let candidates = Candidates::all(rig.members.of_type("room"), &rig.peers);
    (0..KEYS)
        .map(|key| {
            let owner = candidates.owner(format!("player-{key}").as_bytes());
            owner.expect("an owner").id.clone()
        })
        .collect()
}

#[tokio::test]
async fn keys_are_spread_and_few_of_them_move() {
    let mut rig = Rig::rooms(&["r1", "r2", "r3", "r4"]).await;
    let four = owners(&rig);
    for id in ["r1", "r2", "r3", "r4"] {
        let share = four.iter().filter(|owner| *owner == id).count();
        assert!(
            (KEYS * 22 / 100..KEYS * 28 / 100).contains(&share),
            "{id}: {share}"
        );
    }
    rig.show_rooms(&["r1", "r2", "r3", "r4", "r5"]);
    let five = owners(&rig);
    let moved: Vec<_> = four
        .iter()
        .zip(&five)
        .filter(|(old, new)| old != new)
        .collect();
    assert!(
        (KEYS * 17 / 100..KEYS * 23 / 100).contains(&moved.len()),
        "{}",
        moved.len()
    );
    assert!(moved.iter().all(|(_, new)| *new == "r5"));
    rig.show_rooms(&["r1", "r3", "r4", "r5"]);
    let left = owners(&rig);
    let moved = five.iter().zip(&left).filter(|(old, new)| old != new);
    assert!(moved.map(|(old, _)| old).all(|old| old == "r2"));
}

#[tokio::test]
async fn owners_are_the_same_on_every_server_and_in_every_version() {
    let rig = Rig::rooms(&["r1", "r2", "r3", "r4"]).await;
    let owned = owners(&rig);
    let expected = ["r4", "r1", "r4", "r1", "r1", "r1", "r4", "r1"];
    assert_eq!(owned[..8], expected);
}

#[tokio::test]
async fn a_user_goes_to_the_same_server_with_every_session() {
    let rig = Rig::rooms(&["r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8"]).await;
    rig.use_for_messages(ConsistentHash::by_uid());
    for number in 0..20 {
        let uid = format!("player-{number}");
        let (one, two) = (rig.session(), rig.session());
        one.bind_local(&uid).expect("bound");
        two.bind_local(&uid).expect("bound");
        assert_eq!(rig.sends(&one), rig.sends(&two));
    }
}

#[tokio::test]
async fn an_unbound_session_goes_by_its_own_id() {
    let rig = Rig::rooms(&["r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8"]).await;
    rig.use_for_messages(ConsistentHash::by_uid());
    let sessions: Vec<_> = (0..50).map(|_| rig.session()).collect();
    let first: Vec<_> = sessions.iter().map(|session| rig.sends(session)).collect();
    let again: Vec<_> = sessions.iter().map(|session| rig.sends(session)).collect();
    assert_eq!(first, again);
    assert!(first.iter().collect::<BTreeSet<_>>().len() > 4);
    // Bound, they all go where their one user belongs.
    for session in &sessions {
        session.bind_local("player").expect("bound");
    }
    let bound: BTreeSet<_> = sessions.iter().map(|session| rig.sends(session)).collect();
    assert_eq!(bound.len(), 1);
}

#[tokio::test]
async fn by_session_a_bind_changes_nothing() {
    let rig = Rig::rooms(&["r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8"]).await;
    rig.use_for_messages(ConsistentHash::by_session());
    for number in 0..20 {
        let session = rig.session();
        let before = rig.sends(&session);
        session
            .bind_local(&format!("player-{number}"))
            .expect("bound");
        assert_eq!(rig.sends(&session), before);
    }
}

#[tokio::test]
async fn without_a_session_a_hash_goes_anywhere() {
    let rig = Rig::rooms(&["r1", "r2", "r3"]).await;
    rig.use_for_calls(ConsistentHash::by_uid());
    let called: BTreeSet<_> = (0..200)
        .map(|_| rig.calls())
        .collect::<Result<_, _>>()
        .expect("servers");
    assert_eq!(called.len(), 3);
}
