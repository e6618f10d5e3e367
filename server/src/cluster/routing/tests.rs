//! Which server each policy chooses.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pitaya_protocol::{Capabilities, Serializer};
use tokio::time::{Instant, advance};

use super::*;
use crate::cluster::peers::{EjectionConfig, Flight, Peers};
use crate::cluster::{CallError, Members};
use crate::session::Beginning;
use crate::testing::TestServer;
use crate::{Handle, Peer, Server};

struct Rig {
    server: Handle,
    routes: Routes<Json>,
    peers: Peers,
    members: Members,
}

impl Rig {
    async fn new(members: &[(&str, &str)]) -> Self {
        let server = TestServer::start(Server::builder()).await;
        let mut rig = Self {
            server: server.expect("a server").clone(),
            routes: Routes::default(),
            peers: Peers::new(EjectionConfig::default()),
            members: Members::default(),
        };
        rig.show(members);
        rig
    }

    async fn rooms(ids: &[&str]) -> Self {
        let mut rig = Self::new(&[]).await;
        rig.show_rooms(ids);
        rig
    }

    /// Discovery shows these servers; the entries of those that were there stay.
    fn show(&mut self, members: &[(&str, &str)]) {
        let entry = |(server_type, id): &(&str, &str)| {
            let known = self.members.get(id).cloned();
            known.unwrap_or_else(|| Arc::new(Member::new(*server_type, *id)))
        };
        self.members = members.iter().map(entry).collect();
        self.peers.seen(&self.members, Instant::now());
    }

    fn show_rooms(&mut self, ids: &[&str]) {
        let rooms: Vec<_> = ids.iter().map(|id| ("room", *id)).collect();
        self.show(&rooms);
    }

    fn session(&self) -> Session {
        let beginning = Beginning {
            peer: Peer::memory(),
            handshake: Default::default(),
            serializer: Serializer::Json,
            compress: false,
            capabilities: Capabilities::ALL,
        };
        Session::new(self.server.next_id(), self.server.clone(), beginning)
    }

    fn choose(&self, kind: For, routed: &Routed<'_>) -> Result<String, CallError> {
        let chosen = self
            .routes
            .choose(kind, routed, &self.members, &self.peers)?;
        Ok(chosen.id.clone())
    }

    /// Where the session's next message goes, to a server of this type.
    fn sends_to(&self, session: &Session, server_type: &str) -> String {
        let routed = Routed::message(session, "t.c.m", server_type, b"");
        self.choose(For::Message, &routed).expect("a server")
    }

    fn sends(&self, session: &Session) -> String {
        self.sends_to(session, "room")
    }

    /// Where a call without a session goes.
    fn calls(&self) -> Result<String, CallError> {
        self.choose(For::Remote, &Routed::remote("room.room.count", "room", b""))
    }

    fn use_for_messages(&self, policy: impl Policy) {
        self.routes.set_default(For::Message, policy);
    }

    fn use_for_calls(&self, policy: impl Policy) {
        self.routes.set_default(For::Remote, policy);
    }

    fn begin(&self, id: &str) -> Flight {
        self.peers.begin(self.members.get(id).expect("a member"))
    }

    fn eject(&self, id: &str) {
        let gone = CallError::Gone {
            server: id.to_owned(),
        };
        self.begin(id).ended(Err(&gone));
    }
}

fn no_server(server_type: &str) -> Result<String, CallError> {
    Err(CallError::NoServer {
        server_type: server_type.to_owned(),
    })
}

/// The first of the servers.
fn first(_: &Routed<'_>, servers: &Candidates<'_>) -> Option<Arc<Member>> {
    servers.get(0).cloned()
}

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
    for session in &sessions[..50] {
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
