//! Users and their sessions: binding, its errors, and what happens when a user signs in twice.

use pitaya_server::protocol::{CloseCode, Origin, Push};
use pitaya_server::{Peer, Server, UidError};

use crate::support::{Client, Hello, Link, Rig, Via, over_all};

const ON_NEWS: Push<u32> = Push::new("onNews");

#[tokio::test]
async fn a_session_is_bound_once() {
    let rig = Rig::start(Via::Memory, Server::builder()).await;
    let client = rig.client().await;
    let session = rig.session(1).expect("a session");
    assert_eq!(session.uid(), None);
    assert_eq!(session.bind("").await, Err(UidError::Empty));
    assert_eq!(session.bind("ann").await, Ok(()));
    assert_eq!(
        session.bind("bob").await,
        Err(UidError::AlreadyBound("ann".into()))
    );
    assert_eq!(session.uid().as_deref(), Some("ann"));
    assert_eq!(rig.sessions_of("ann"), std::slice::from_ref(&session));
    assert!(rig.sessions_of("bob").is_empty());
    client.hang_up().await;
    session.ended().await;
    assert!(rig.sessions_of("ann").is_empty());
    let other = rig.client().await;
    let late = rig.session(2).expect("a session");
    other.hang_up().await;
    late.ended().await;
    assert_eq!(late.bind("ann").await, Err(UidError::Closed));
    assert!(rig.sessions_of("ann").is_empty());
}

#[test]
fn a_second_sign_in_replaces_the_first() {
    over_all(async |via| {
        let rig = Rig::start(via, Server::builder()).await;
        for hello in [Hello::ours(), Hello::family()] {
            let is_ours = hello.info.capabilities == Hello::ours().info.capabilities;
            let before = rig.recent_closes().len();
            let mut first = rig.client_as(hello).await;
            let old = rig.sessions_of("ann").pop();
            let one = rig.sessions().into_iter().max_by_key(|one| one.id());
            let one = one.expect("a session");
            one.bind("ann").await.expect("bound");
            let mut second = rig.client().await;
            let two = rig.sessions().into_iter().max_by_key(|two| two.id());
            let two = two.expect("a session");
            two.bind("ann").await.expect("bound");
            assert_eq!(rig.sessions_of("ann"), [two]);
            let closed = first.closed().await;
            // The family's kick has no reason.
            let code = if is_ours {
                CloseCode::REPLACED
            } else {
                CloseCode::KICKED
            };
            assert_eq!((closed.close.code, closed.origin), (code, Origin::Peer));
            let closes = before + 1 + usize::from(old.is_some());
            assert_eq!(
                rig.newest_close(closes).await.closed.close.code,
                CloseCode::REPLACED
            );
            rig.push_to(["ann"], ON_NEWS, &1).expect("written");
            assert_eq!(second.push::<u32>("onNews").await, 1);
            second.hang_up().await;
            rig.newest_close(closes + 1).await;
        }
    });
}

#[tokio::test]
async fn a_user_may_have_several_sessions_where_that_is_set() {
    let builder = Server::builder().configure(|config| config.unique_sessions = false);
    let rig = Rig::start(Via::Memory, builder).await;
    let mut clients = [rig.client().await, rig.client().await];
    for session in rig.sessions() {
        session.bind("ann").await.expect("bound");
    }
    assert_eq!(rig.sessions_of("ann").len(), 2);
    let missed = rig.push_to(["ann", "bob"], ON_NEWS, &5).expect("written");
    assert_eq!(missed, ["bob"]);
    for client in &mut clients {
        assert_eq!(client.push::<u32>("onNews").await, 5);
    }
    assert_eq!(rig.kick(["ann", "bob"], "enough").await, ["bob"]);
    for client in &mut clients {
        let close = client.closed().await.close;
        assert_eq!((close.code, close.reason()), (CloseCode::KICKED, "enough"));
    }
}

#[tokio::test]
async fn the_host_program_can_say_who_it_is() {
    let validator = |session: pitaya_server::Session| async move {
        assert_eq!(session.uid().as_deref(), Some("ann"));
        Ok(())
    };
    let rig = Rig::start(Via::Memory, Server::builder().validate(validator)).await;
    let io = rig.connect_as(Peer::memory().with_uid("ann"));
    let client = Client::open(Link::Bytes(Box::new(io)), Hello::ours()).await;
    assert!(client.is_ok());
    assert_eq!(rig.sessions_of("ann").len(), 1);
}
