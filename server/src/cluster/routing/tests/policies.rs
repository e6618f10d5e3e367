//! Policies that need no memory, and which of them holds.

use super::*;

#[tokio::test]
async fn any_server_is_the_default() {
    let rig = Rig::rooms(&["r1", "r2", "r3"]).await;
    let session = rig.session();
    let sent: BTreeSet<_> = (0..200).map(|_| rig.sends(&session)).collect();
    assert_eq!(sent.len(), 3);
    let called: BTreeSet<_> = (0..200)
        .map(|_| rig.calls())
        .collect::<Result<_, _>>()
        .expect("servers");
    assert_eq!(called.len(), 3);
}

#[tokio::test]
async fn without_a_server_nobody_is_asked() {
    let rig = Rig::new(&[("shop", "s1")]).await;
    rig.use_for_calls(|_: &Routed<'_>, _: &Candidates<'_>| {
        unreachable!("there is nothing to choose")
    });
    assert_eq!(rig.calls(), no_server("room"));
}

#[tokio::test]
async fn policies_are_by_kind_and_type_and_can_be_changed() {
    let rig = Rig::new(&[
        ("room", "r1"),
        ("room", "r2"),
        ("shop", "s1"),
        ("shop", "s2"),
    ])
    .await;
    let session = rig.session();
    let last = |_: &Routed<'_>, servers: &Candidates<'_>| servers.get(servers.len() - 1).cloned();
    for kind in [For::Message, For::Remote] {
        rig.routes.set_default(kind, first);
    }
    rig.routes.set(For::Message, "room", last);
    assert_eq!(rig.sends(&session), "r2");
    assert_eq!(rig.sends_to(&session, "shop"), "s1");
    assert_eq!(rig.calls().as_deref(), Ok("r1"));
    rig.routes.set(For::Remote, "room", last);
    rig.routes.set(For::Message, "room", first);
    rig.use_for_messages(last);
    assert_eq!(rig.calls().as_deref(), Ok("r2"));
    assert_eq!(rig.sends(&session), "r1");
    assert_eq!(rig.sends_to(&session, "shop"), "s2");
}

#[tokio::test]
async fn a_function_sees_what_is_sent() {
    let rig = Rig::rooms(&["r1", "r2", "r3"]).await;
    let session = rig.session();
    rig.use_for_messages(|routed: &Routed<'_>, servers: &Candidates<'_>| {
        let here = (routed.route, routed.server_type, routed.session?.id() > 0);
        assert_eq!(here, ("room.room.join", "room", true));
        servers.find(str::from_utf8(routed.body).ok()?).cloned()
    });
    let choose = |body: &[u8]| {
        let routed = Routed::message(&session, "room.room.join", "room", body);
        rig.choose(For::Message, &routed)
    };
    assert_eq!(choose(b"r3").as_deref(), Ok("r3"));
    assert_eq!(choose(b"r9"), no_server("room"));
}

#[tokio::test]
async fn a_policy_that_panics_has_chosen_nobody() {
    let rig = Rig::rooms(&["r1"]).await;
    rig.use_for_calls(|_: &Routed<'_>, _: &Candidates<'_>| panic!("a mistake of the game"));
    assert_eq!(rig.calls(), no_server("room"));
    rig.use_for_calls(Random);
    assert_eq!(rig.calls().as_deref(), Ok("r1"));
}

#[tokio::test]
async fn round_robin_takes_turns_for_each_type() {
    let mut rig = Rig::new(&[
        ("room", "r1"),
        ("room", "r2"),
        ("shop", "s1"),
        ("shop", "s2"),
    ])
    .await;
    let session = rig.session();
    rig.use_for_messages(RoundRobin::new());
    let mut count = BTreeMap::<_, usize>::new();
    // One after the other for each type, although the types come strictly by turns.
    for _ in 0..10 {
        for server_type in ["room", "shop"] {
            *count
                .entry(rig.sends_to(&session, server_type))
                .or_default() += 1;
        }
    }
    assert_eq!(count.into_values().collect::<Vec<_>>(), [5; 4]);
    rig.show_rooms(&["r1", "r2", "r3"]);
    let turn: Vec<_> = (0..6).map(|_| rig.sends(&session)).collect();
    assert_eq!(turn[..3], turn[3..]);
    assert_eq!(turn[..3].iter().collect::<BTreeSet<_>>().len(), 3);
}

#[tokio::test]
async fn a_server_that_owes_more_answers_is_passed_over() {
    let rig = Rig::rooms(&["r1", "r2", "r3"]).await;
    rig.use_for_calls(LeastInFlight);
    let count = |rig: &Rig| {
        let mut count = BTreeMap::<_, usize>::new();
        for _ in 0..300 {
            *count.entry(rig.calls().expect("a server")).or_default() += 1;
        }
        count
    };
    assert_eq!(count(&rig).len(), 3);
    let busy = [rig.begin("r1"), rig.begin("r1"), rig.begin("r2")];
    let chosen = count(&rig);
    // Two of the three are looked at: the busiest never wins, the freest wins against both.
    assert!(
        !chosen.contains_key("r1") && chosen["r3"] > chosen["r2"],
        "{chosen:?}"
    );
    drop(busy);
    assert_eq!(count(&rig).len(), 3);
    let one = Rig::rooms(&["r1"]).await;
    one.use_for_calls(LeastInFlight);
    assert_eq!(one.calls().as_deref(), Ok("r1"));
}
