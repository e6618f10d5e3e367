//! Users are pushed to and kicked wherever they are, and have one session in the whole cluster.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use pitaya_protocol::CloseCode;
use pitaya_server::Error;
use pitaya_server::cluster::memory::Hub;
use pitaya_server::cluster::{Bus, Discovery as _, Inbox, Reply};
use pitaya_server::protocol::cluster::{BindMsg, KickMsg, Member, Push, Request, Response};
use tokio::sync::mpsc;

use crate::support::game::{LOCAL_BIND, ON_LINE, start_gate, start_room};

#[tokio::test]
async fn a_push_reaches_users_on_every_frontend() {
    let hub = Hub::new();
    let (one, two) = (start_gate(&hub, "g1").await, start_gate(&hub, "g2").await);
    let room = start_room(&hub, "r1").await;
    let mut alice = one.connect().await.expect("a client");
    let mut bob = two.connect().await.expect("a client");
    alice
        .request(LOCAL_BIND, &"alice".to_owned())
        .await
        .expect("bound");
    bob.request(LOCAL_BIND, &"bob".to_owned())
        .await
        .expect("bound");
    for server in [&room, &one] {
        let missed = server.push_to(["alice", "bob"], ON_LINE, &"hello".to_owned());
        assert!(missed.expect("pushed").is_empty());
        assert_eq!(alice.push(ON_LINE).await.expect("a line"), "hello");
        assert_eq!(bob.push(ON_LINE).await.expect("a line"), "hello");
    }
}

#[tokio::test]
async fn a_kick_reaches_a_user_on_another_frontend() {
    let hub = Hub::new();
    let gate = start_gate(&hub, "g1").await;
    let room = start_room(&hub, "r1").await;
    let mut alice = gate.connect().await.expect("a client");
    alice
        .request(LOCAL_BIND, &"alice".to_owned())
        .await
        .expect("bound");
    assert!(room.kick(["alice"], "enough").await.is_empty());
    assert_eq!(alice.closed().await.close.code, CloseCode::KICKED);
}

#[tokio::test]
async fn a_second_session_of_a_user_replaces_the_first_one_on_another_frontend() {
    let hub = Hub::new();
    let (one, two) = (start_gate(&hub, "g1").await, start_gate(&hub, "g2").await);
    let mut first = one.connect().await.expect("a client");
    let mut second = two.connect().await.expect("a client");
    first
        .request(LOCAL_BIND, &"alice".to_owned())
        .await
        .expect("bound");
    second
        .request(LOCAL_BIND, &"alice".to_owned())
        .await
        .expect("bound");
    assert_eq!(first.closed().await.close.code, CloseCode::REPLACED);
    assert_eq!(two.sessions_of("alice").len(), 1);
    assert!(one.sessions_of("alice").is_empty());
}

#[tokio::test]
async fn of_two_sessions_at_once_one_stays() {
    let hub = Hub::new();
    let (one, two) = (start_gate(&hub, "g1").await, start_gate(&hub, "g2").await);
    for _ in 0..20 {
        let mut first = one.connect().await.expect("a client");
        let mut second = two.connect().await.expect("a client");
        let (alice, same) = ("alice".to_owned(), "alice".to_owned());
        let bound = tokio::join!(
            first.request(LOCAL_BIND, &alice),
            second.request(LOCAL_BIND, &same)
        );
        assert!(bound.0.is_ok() || bound.1.is_ok());
        let replaced = async {
            tokio::select! {
                closed = first.closed() => closed,
                closed = second.closed() => closed,
            }
        };
        assert_eq!(replaced.await.close.code, CloseCode::REPLACED);
        assert_eq!(
            one.sessions_of("alice").len() + two.sessions_of("alice").len(),
            1
        );
    }
}

/// A frontend of the family, as far as bindings go: they come without a time.
struct Foreign(mpsc::UnboundedSender<BindMsg>);

impl Inbox for Foreign {
    fn request(&self, _: Request, _: Reply) {}

    fn push(&self, _: Push) -> Result<(), Error> {
        Ok(())
    }

    fn kick(&self, _: KickMsg) -> Result<(), Error> {
        Ok(())
    }

    fn bound(&self, binding: BindMsg) {
        // Its own come back as well. Nobody listens at the end of the test.
        if binding.fid != "f1" {
            let _ = self.0.send(binding);
        }
    }

    fn undecodable(&self, _: &'static str, _: &dyn fmt::Display) -> Response {
        Response::default()
    }
}

/// A frontend of the family and what it hears.
async fn foreign_gate(hub: &Hub) -> (impl Bus, mpsc::UnboundedReceiver<BindMsg>) {
    let (tell, told) = mpsc::unbounded_channel();
    let (bus, directory) = (hub.bus(), hub.discovery());
    let me = Member::new("gate", "f1");
    let started = bus.start(me.clone(), Arc::new(Foreign(tell)));
    started.await.expect("a bus");
    directory.join(me).await.expect("listed");
    (bus, told)
}

#[tokio::test(start_paused = true)]
async fn the_family_hears_of_a_binding_again_as_long_as_it_stands() {
    let hub = Hub::new();
    let gate = start_gate(&hub, "g1").await;
    let (_foreign, mut told) = foreign_gate(&hub).await;
    let mut alice = gate.connect().await.expect("a client");
    let name = "alice".to_owned();
    alice.request(LOCAL_BIND, &name).await.expect("bound");
    let mut again = || told.try_recv().map(|binding| binding.uid).ok();
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!(
        (again(), again(), again()),
        (Some(name.clone()), Some(name), None)
    );
    drop(alice);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(again(), None);

    let mut bob = gate.connect().await.expect("a client");
    bob.request(LOCAL_BIND, &"bob".to_owned())
        .await
        .expect("bound");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(std::iter::from_fn(again).count(), 4);
}

#[tokio::test]
async fn a_binding_that_was_under_way_leaves_the_user_one_session() {
    let hub = Hub::new();
    let gate = start_gate(&hub, "g1").await;
    let (foreign, mut told) = foreign_gate(&hub).await;
    let theirs = || BindMsg {
        uid: "alice".to_owned(),
        fid: "f1".to_owned(),
        ..BindMsg::default()
    };
    let mut alice = gate.connect().await.expect("a client");
    alice
        .request(LOCAL_BIND, &"alice".to_owned())
        .await
        .expect("bound");
    assert_eq!(told.recv().await.expect("told").fid, "g1");
    // Made before that one and heard after it: its server has closed its own session.
    foreign.announce_binding("gate", theirs()).expect("sent");
    assert_eq!(told.recv().await.expect("told again").fid, "g1");
    assert_eq!(gate.sessions_of("alice").len(), 1);
    // No message is under way for so long: this one is the later one.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    foreign.announce_binding("gate", theirs()).expect("sent");
    assert_eq!(alice.closed().await.close.code, CloseCode::REPLACED);
}
