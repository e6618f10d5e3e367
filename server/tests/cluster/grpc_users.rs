//! Pushes, kicks and bindings find a user's frontend by the table of bindings.

use pitaya_protocol::cluster::{BindMsg, KickMsg, Member};
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
async fn the_other_frontends_hear_who_is_bound_here() {
    let cluster = Cluster::new();
    let mut first = cluster.start("gate", "g1").await;
    let mut second = cluster.start("gate", "g2").await;
    let mut room = cluster.start("room", "r1").await;
    let third = cluster.start("gate", "g3").await;
    let binding = |uid: &str| BindMsg {
        uid: uid.to_owned(),
        fid: "g3".to_owned(),
        at: 7,
    };
    for uid in ["u1", "u2"] {
        let announced = third.bus.announce_binding("gate", binding(uid));
        announced.expect("an announcement");
    }
    third
        .bus
        .announce_binding("room", binding("u3"))
        .expect("an announcement");
    for gate in [&mut first, &mut second] {
        assert_eq!(gate.next().await, Event::Bound(binding("u1")));
        assert_eq!(gate.next().await, Event::Bound(binding("u2")));
    }
    assert_eq!(room.next().await, Event::Bound(binding("u3")));
}

#[tokio::test]
async fn the_entry_of_a_later_session_stays() {
    let cluster = Cluster::new();
    let first = cluster.start("gate", "g1").await;
    let second = cluster.start("gate", "g2").await;
    first.bus.add_user("u1");
    cluster.bound_at("gate", "u1", Some("g1")).await;
    second.bus.add_user("u1");
    cluster.bound_at("gate", "u1", Some("g2")).await;
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
async fn what_servers_in_go_do_to_an_entry_is_noticed() {
    let cluster = Cluster::new();
    let mut gate = cluster.start("gate", "g1").await;
    cluster.enter(&Member::new("gate", "go"));
    let go = cluster.table.of_the_same_table();
    go.start("go").await.expect("a start");

    // It ends an old session of the user, and takes away what it did not write.
    gate.bus.add_user("u1");
    cluster.bound_at("gate", "u1", Some("g1")).await;
    go.put("gate", "u1").await.expect("an entry");
    go.remove_if_mine("gate", "u1").await.expect("no entry");
    cluster.bound_at("gate", "u1", Some("g1")).await;

    // It had looked before this server wrote, and tells nobody.
    gate.bus.add_user("u2");
    cluster.bound_at("gate", "u2", Some("g1")).await;
    go.put("gate", "u2").await.expect("an entry");
    let binding = BindMsg {
        uid: "u2".to_owned(),
        fid: "go".to_owned(),
        ..BindMsg::default()
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
