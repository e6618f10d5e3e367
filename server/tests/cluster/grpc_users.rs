//! Pushes, kicks and bindings find a user's frontend by the table of bindings.

use pitaya_protocol::cluster::{BindMsg, KickMsg};
use pitaya_server::cluster::{BindingStore, Bus, CallError};

use crate::support::grpc::{Cluster, Event, STRANGER, push};

#[tokio::test]
async fn pushes_and_kicks_go_where_the_user_is() {
    let cluster = Cluster::new();
    let mut first = cluster.start("gate", "g1").await;
    let mut second = cluster.start("gate", "g2").await;
    let room = cluster.start("room", "r1").await;
    for uid in ["u1", STRANGER] {
        first.bus.add_user(uid);
        cluster.bound_at("gate", uid, Some("g1")).await;
    }
    second.bus.add_user("u2");
    cluster.bound_at("gate", "u2", Some("g2")).await;

    // Those who are bound nowhere, or nowhere in truth, hold up nobody.
    for number in 0..100 {
        for uid in ["u1", "u2", "nobody", STRANGER] {
            let pushed = room
                .bus
                .push_to_user("gate", push(uid, &number.to_string()));
            pushed.expect("a push");
        }
    }
    let kick = |uid: &str| KickMsg {
        user_id: uid.to_owned(),
    };
    room.bus.kick_user("gate", kick("u1")).expect("a kick");
    // From a frontend to its own user as well.
    second.bus.kick_user("gate", kick("u2")).expect("a kick");
    let mut kicked = false;
    for number in 0..100 {
        let number = number.to_string();
        assert_eq!(first.next().await, Event::Push(push("u1", &number)));
        let mut next = second.next().await;
        if next == Event::Kick(kick("u2")) {
            kicked = true;
            next = second.next().await;
        }
        assert_eq!(next, Event::Push(push("u2", &number)));
    }
    assert_eq!(first.next().await, Event::Kick(kick("u1")));
    if !kicked {
        assert_eq!(second.next().await, Event::Kick(kick("u2")));
    }

    let unsendable = room.bus.push_to_user("gate", push("a/b", ""));
    assert!(matches!(unsendable, Err(CallError::Unsendable(_))));
}

#[tokio::test]
async fn the_server_where_a_user_was_bound_before_hears_of_it() {
    let cluster = Cluster::new();
    let mut first = cluster.start("gate", "g1").await;
    let second = cluster.start("gate", "g2").await;
    first.bus.add_user("u1");
    cluster.bound_at("gate", "u1", Some("g1")).await;
    second.bus.add_user("u1");
    let binding = BindMsg {
        uid: "u1".to_owned(),
        fid: "g2".to_owned(),
    };
    assert_eq!(first.next().await, Event::Bound(binding));
    cluster.bound_at("gate", "u1", Some("g2")).await;

    // The old session ends, the new one stays entered until it ends.
    first.bus.remove_user("u1");
    first.bus.add_user("u2");
    cluster.bound_at("gate", "u2", Some("g1")).await;
    first.bus.remove_user("u2");
    cluster.bound_at("gate", "u2", None).await;
    cluster.bound_at("gate", "u1", Some("g2")).await;
    second.bus.remove_user("u1");
    cluster.bound_at("gate", "u1", None).await;
}

#[tokio::test]
async fn of_two_bindings_in_one_instant_the_earlier_learns_of_the_later() {
    let cluster = Cluster::new();
    let mut gate = cluster.start("gate", "g1").await;
    gate.bus.add_user("u1");
    cluster.bound_at("gate", "u1", Some("g1")).await;
    // A server in Go that had looked before this one wrote, and tells nobody.
    let other = cluster.table.of_the_same_table();
    other.start("g2").await.expect("a start");
    other.put("gate", "u1").await.expect("an entry");

    let binding = BindMsg {
        uid: "u1".to_owned(),
        fid: "g2".to_owned(),
    };
    assert_eq!(gate.next().await, Event::Bound(binding));
}

#[tokio::test]
async fn users_come_and_go_in_order() {
    let cluster = Cluster::new();
    let gate = cluster.start("gate", "g1").await;
    for number in 0..300 {
        let uid = format!("u{number}");
        gate.bus.add_user(&uid);
        gate.bus.remove_user(&uid);
        if number % 2 == 0 {
            gate.bus.add_user(&uid);
        }
    }
    // What was handed over is written before the end, which takes all entries of the server.
    for number in 0..300 {
        let at = (number % 2 == 0).then_some("g1");
        cluster.bound_at("gate", &format!("u{number}"), at).await;
    }
    gate.bus.close().await;
    cluster.bound_at("gate", "u0", None).await;
}
