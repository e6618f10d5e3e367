//! What ejected servers get.

use super::*;

#[tokio::test(start_paused = true)]
async fn ejected_servers_are_not_chosen() {
    let rig = Rig::rooms(&["r1", "r2", "r3"]).await;
    rig.use_for_calls(RoundRobin::new());
    rig.eject("r2");
    let called: BTreeSet<_> = (0..9)
        .map(|_| rig.calls())
        .collect::<Result<_, _>>()
        .expect("servers");
    assert_eq!(called.into_iter().collect::<Vec<_>>(), ["r1", "r3"]);
    rig.use_for_calls(|_: &Routed<'_>, servers: &Candidates<'_>| {
        let ids: Vec<_> = servers.iter().map(|server| &*server.id).collect();
        assert_eq!((ids, servers.len()), (vec!["r1", "r3"], 2));
        assert!(servers.find("r2").is_none() && servers.get(2).is_none());
        servers.find("r3").cloned()
    });
    assert_eq!(rig.calls().as_deref(), Ok("r3"));
}

#[tokio::test(start_paused = true)]
async fn where_all_are_ejected_the_answer_is_no_at_once() {
    let rig = Rig::rooms(&["r1", "r2"]).await;
    rig.eject("r1");
    rig.eject("r2");
    assert_eq!(rig.calls(), no_server("room"));
    // And after the wait both are tried.
    advance(Duration::from_secs(1)).await;
    let (one, two) = (rig.calls(), rig.calls());
    assert!(one.is_ok() && two.is_ok() && one != two, "{one:?} {two:?}");
    assert_eq!(rig.calls(), no_server("room"));
}

#[tokio::test(start_paused = true)]
async fn one_message_tries_a_server_whose_time_has_come() {
    let rig = Rig::rooms(&["r1", "r2"]).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    rig.use_for_calls(move |routed: &Routed<'_>, servers: &Candidates<'_>| {
        counter.fetch_add(1, Ordering::Relaxed);
        first(routed, servers)
    });
    rig.eject("r1");
    assert_eq!(rig.calls().as_deref(), Ok("r2"));
    advance(Duration::from_secs(1)).await;
    assert_eq!(rig.calls().as_deref(), Ok("r1"));
    let trial = rig.begin("r1");
    assert_eq!(rig.calls().as_deref(), Ok("r2"));
    assert_eq!(asked.load(Ordering::Relaxed), 3);
    trial.ended(Ok(()));
    assert_eq!(rig.calls().as_deref(), Ok("r1"));
}

#[tokio::test(start_paused = true)]
async fn who_loses_the_race_for_a_trial_goes_elsewhere() {
    let rig = Arc::new(Rig::rooms(&["r1", "r2"]).await);
    rig.eject("r1");
    advance(Duration::from_secs(1)).await;
    // Somebody else chooses the same server while this policy thinks about it.
    let other = Arc::downgrade(&rig);
    rig.use_for_calls(move |routed: &Routed<'_>, servers: &Candidates<'_>| {
        let chosen = first(routed, servers)?;
        let rig = other.upgrade()?;
        if chosen.id == "r1" {
            assert!(rig.peers.may_call(&chosen, Instant::now()));
        }
        Some(chosen)
    });
    assert_eq!(rig.calls().as_deref(), Ok("r2"));
}
