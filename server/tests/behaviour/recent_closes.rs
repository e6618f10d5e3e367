//! The last connections that have ended, and why, can be asked for.

use std::time::SystemTime;

use pitaya_server::Server;
use pitaya_server::protocol::CloseCode;

use crate::support::{Rig, Via, over_all};

#[test]
fn it_says_who_ended_and_how() {
    over_all(async |via| {
        let rig = Rig::start(via, Server::builder()).await;
        let began = SystemTime::now();
        let mut client = rig.client().await;
        let session = rig.session(1).expect("a session");
        session.bind("ann").await.expect("bound");
        session.kick("enough").await;
        client.closed().await;
        let close = rig.newest_close(1).await;
        assert_eq!((close.id, close.uid.as_deref()), (Some(1), Some("ann")));
        assert_eq!(close.address, session.peer().address());
        assert_eq!(close.address.is_some(), via != Via::Memory);
        assert_eq!(close.closed.close.code, CloseCode::KICKED);
        assert_eq!(close.closed.close.reason(), "enough");
        assert!(close.at >= began && close.at <= SystemTime::now());
        assert!(close.lasted <= began.elapsed().expect("time goes on"));
    });
}

#[tokio::test]
async fn a_hundred_are_kept() {
    let rig = Rig::start(Via::Memory, Server::builder()).await;
    for _ in 0..105 {
        let client = rig.client().await;
        let newest = rig.sessions().pop().expect("the only session");
        client.hang_up().await;
        newest.ended().await;
    }
    let ids: Vec<_> = rig
        .recent_closes()
        .iter()
        .filter_map(|close| close.id)
        .collect();
    assert_eq!(ids, (6..=105).collect::<Vec<_>>());
}
