//! Sessions that stay where they are.

use pitaya_protocol::{Close, CloseCode, Closed, Origin};

use super::*;

fn taking_turns(rig: &Rig) -> Sticky<RoundRobin> {
    let sticky = Sticky::new(RoundRobin::new());
    rig.use_for_messages(sticky.clone());
    sticky
}

#[tokio::test]
async fn a_session_stays_where_it_was_first() {
    let mut rig = Rig::rooms(&["r1", "r2"]).await;
    let sticky = taking_turns(&rig);
    let (one, two) = (rig.session(), rig.session());
    let (at_one, at_two) = (rig.sends(&one), rig.sends(&two));
    assert_ne!(at_one, at_two);
    rig.show_rooms(&["r1", "r2", "r3"]);
    for _ in 0..5 {
        assert_eq!(
            (rig.sends(&one), rig.sends(&two)),
            (at_one.clone(), at_two.clone())
        );
    }
    assert_eq!(sticky.bound(&one, "room").as_deref(), Some(&*at_one));
    assert_eq!(sticky.bound(&one, "shop"), None);
}

#[tokio::test]
async fn each_server_type_has_its_own_binding() {
    let rig = Rig::new(&[
        ("room", "r1"),
        ("room", "r2"),
        ("shop", "s1"),
        ("shop", "s2"),
    ])
    .await;
    let sticky = taking_turns(&rig);
    let session = rig.session();
    let (room, shop) = (rig.sends(&session), rig.sends_to(&session, "shop"));
    for _ in 0..5 {
        assert_eq!(rig.sends(&session), room);
        assert_eq!(rig.sends_to(&session, "shop"), shop);
    }
    sticky.unbind(&session, "room");
    assert_eq!(sticky.bound(&session, "room"), None);
    assert_eq!(sticky.bound(&session, "shop").as_deref(), Some(&*shop));
}

#[tokio::test]
async fn a_handler_can_say_where_a_session_belongs() {
    let rig = Rig::rooms(&["r1", "r2", "r3"]).await;
    let sticky = taking_turns(&rig);
    let session = rig.session();
    for id in ["r3", "r1", "r2", "r2"] {
        sticky.bind(&session, "room", id);
        assert_eq!(rig.sends(&session), id);
        assert_eq!(rig.sends(&session), id);
    }
    // One that does not exist is as one that is gone.
    sticky.bind(&session, "room", "r9");
    let elsewhere = rig.sends(&session);
    assert_eq!(sticky.bound(&session, "room").as_deref(), Some(&*elsewhere));
}

#[tokio::test(start_paused = true)]
async fn a_session_whose_server_is_gone_is_bound_to_another() {
    let mut rig = Rig::rooms(&["r1", "r2"]).await;
    let sticky = taking_turns(&rig);
    let session = rig.session();
    sticky.bind(&session, "room", "r1");
    rig.eject("r1");
    assert_eq!(rig.sends(&session), "r2");
    // It has begun anew there, and does not go back.
    advance(Duration::from_secs(1)).await;
    assert_eq!(rig.sends(&session), "r2");
    rig.show_rooms(&["r1", "r3"]);
    let next = rig.sends(&session);
    assert_ne!(next, "r2");
    assert_eq!(sticky.bound(&session, "room").as_deref(), Some(&*next));
}

#[tokio::test]
async fn nothing_is_kept_of_sessions_that_have_ended() {
    let rig = Rig::new(&[("room", "r1"), ("shop", "s1")]).await;
    let sticky = taking_turns(&rig);
    let sessions: Vec<_> = (0..100).map(|_| rig.session()).collect();
    for session in &sessions {
        rig.sends(session);
        rig.sends_to(session, "shop");
    }
    assert_eq!(sticky.sessions(), 100);
    let closed = Closed::new(Close::new(CloseCode::KICKED), Origin::Local);
    for session in &sessions[..25] {
        for hook in session.end() {
            hook(closed.clone()).await;
        }
    }
    // A shutdown may run out of time for them.
    for session in &sessions[25..50] {
        drop(session.end());
    }
    assert_eq!(sticky.sessions(), 50);
    // Nor of those that speak or are bound afterwards, nor of those that never ended but are no more.
    rig.sends(&sessions[0]);
    sticky.bind(&sessions[1], "room", "r1");
    assert_eq!(sticky.sessions(), 50);
    drop(sessions);
    assert_eq!(sticky.sessions(), 0);
}

#[tokio::test]
async fn what_has_no_session_sticks_nowhere() {
    let rig = Rig::rooms(&["r1", "r2"]).await;
    let sticky = Sticky::new(RoundRobin::new());
    rig.use_for_calls(sticky.clone());
    assert_ne!(rig.calls(), rig.calls());
    assert_eq!(sticky.sessions(), 0);
}
