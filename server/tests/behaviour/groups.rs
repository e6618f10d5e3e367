//! Groups: who is in them, who gets what, and when they end.

use std::time::Duration;

use pitaya_server::protocol::Push;
use pitaya_server::{GroupError, Server};
use tokio::time::sleep;

use crate::support::{Rig, Via, over_all};

const ON_TICK: Push<u32> = Push::new("onTick");

#[tokio::test]
async fn members_join_and_leave() {
    let rig = Rig::start(Via::Memory, Server::builder()).await;
    let _clients = [rig.client().await, rig.client().await];
    let (ann, bob) = (rig.session(1).expect("ann"), rig.session(2).expect("bob"));
    ann.bind("ann").await.expect("bound");
    let room = rig.create_group("room").expect("a new name");
    assert_eq!(rig.create_group("room").err(), Some(GroupError::Exists));
    assert_eq!(room.join(&ann), Ok(()));
    assert_eq!(room.join(&bob), Ok(()));
    assert_eq!(room.join(&bob), Err(GroupError::AlreadyMember));
    assert_eq!((room.len(), room.is_empty()), (2, false));
    assert!(room.contains(&ann) && room.members().contains(&bob));
    assert_eq!(room.uids(), ["ann".into()]);
    assert!(room.leave(&ann) && !room.leave(&ann));
    assert!(!room.contains(&ann) && room.contains(&bob));
    room.clear();
    assert!(room.is_empty());
    assert_eq!(room.join(&ann), Ok(()));
    assert!(rig.remove_group("room") && !rig.remove_group("room"));
    assert_eq!(room.join(&bob), Err(GroupError::Removed));
    assert!(room.is_empty() && rig.group("room").is_none() && rig.groups().is_empty());
}

#[test]
fn a_multicast_reaches_the_chosen_members() {
    over_all(async |via| {
        let rig = Rig::start(via, Server::builder()).await;
        let mut clients = [rig.client().await, rig.client().await, rig.client().await];
        let room = rig.create_group("room").expect("a new name");
        for session in rig.sessions() {
            room.join(&session).expect("a member");
        }
        let others = room.multicast(ON_TICK, &1, |session| session.id() != 2);
        assert_eq!(others.expect("written"), 2);
        assert_eq!(room.broadcast(ON_TICK, &2).expect("written"), 3);
        let got = [vec![1, 2], vec![2], vec![1, 2]];
        for (client, got) in clients.iter_mut().zip(got) {
            for tick in got {
                assert_eq!(client.push::<u32>("onTick").await, tick);
            }
        }
    });
}

#[test]
fn a_session_leaves_when_it_ends() {
    over_all(async |via| {
        let rig = Rig::start(via, Server::builder()).await;
        let (client, mut other) = (rig.client().await, rig.client().await);
        let room = rig.create_group("room").expect("a new name");
        let gone = rig.session(1).expect("a session");
        for session in rig.sessions() {
            room.join(&session).expect("a member");
        }
        client.hang_up().await;
        gone.ended().await;
        assert!(!room.contains(&gone) && room.len() == 1);
        assert_eq!(room.join(&gone), Err(GroupError::SessionEnded));
        assert_eq!(room.broadcast(ON_TICK, &1).expect("written"), 1);
        assert_eq!(other.push::<u32>("onTick").await, 1);
    });
}

#[tokio::test(start_paused = true)]
async fn its_time_ends_unless_it_is_renewed() {
    let rig = Rig::start(Via::Memory, Server::builder()).await;
    let _client = rig.client().await;
    let session = rig.session(1).expect("a session");
    let seconds = Duration::from_secs;
    let fight = rig.create_group_for("fight", seconds(10)).expect("new");
    fight.join(&session).expect("a member");
    sleep(seconds(6)).await;
    fight.renew();
    sleep(seconds(9)).await;
    assert!(rig.group("fight").is_some());
    sleep(seconds(2)).await;
    assert!(rig.group("fight").is_none() && fight.is_empty());

    // A group that took the name lives its own time.
    let fight = rig.create_group_for("fight", seconds(5)).expect("new");
    assert!(rig.remove_group("fight"));
    rig.create_group("fight").expect("free again");
    sleep(seconds(60)).await;
    assert!(rig.group("fight").is_some() && fight.is_empty());
}
