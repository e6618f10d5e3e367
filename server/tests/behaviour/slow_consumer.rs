//! A client that does not read is cut or misses pushes, and delays nobody.

use std::time::Duration;

use pitaya_server::protocol::{CloseCode, Push, Raw, Request};
use pitaya_server::{Functions, PushError, Server, ServerBuilder, Session, SlowConsumer};
use tokio::time::Instant;

use crate::support::{Heard, Hello, Rig, Via, over, over_all};

const ON_NEWS: Push<(u64, String)> = Push::new("onNews");

/// Pushes that nothing shortens, and small limits.
fn builder() -> ServerBuilder {
    let game =
        Functions::new("game").request(Request::new("game.echo"), async |_: Session, n: u32| Ok(n));
    Server::builder().register(game).configure(|config| {
        config.compression = None;
        config.limits.outbox_soft_bytes = 32 * 1024;
        config.limits.outbox_bytes = 64 * 1024;
    })
}

fn news(number: u64, bytes: usize) -> (u64, String) {
    (number, "x".repeat(bytes))
}

#[test]
fn it_is_cut_and_the_others_get_everything() {
    over_all(async |via| {
        let rig = Rig::start(via, builder()).await;
        let stalled = rig.client_as(Hello::ours().user("name", "stalled")).await;
        let mut readers = [rig.client().await, rig.client().await];
        let group = rig.create_group("all").expect("a new name");
        let sessions = rig.sessions();
        for session in &sessions {
            group.join(session).expect("a member");
        }
        let slow = sessions
            .iter()
            .find(|session| !session.handshake().user.is_empty());
        let slow = slow.expect("its session");
        let mut number = 0;
        while slow.is_connected() {
            number += 1;
            group
                .broadcast(ON_NEWS, &news(number, 8 * 1024))
                .expect("written");
            for reader in &mut readers {
                assert_eq!(reader.push::<(u64, String)>("onNews").await.0, number);
            }
            assert!(number < 10_000, "never cut");
        }
        slow.ended().await;
        assert_eq!(group.len(), 2);
        let closes = rig.recent_closes();
        assert_eq!(closes.len(), 1);
        assert_eq!(closes[0].id, Some(slow.id()));
        assert_eq!(closes[0].closed.close.code, CloseCode::SLOW_CONSUMER);
        drop(stalled);
    });
}

#[test]
fn it_can_miss_pushes_instead_and_still_gets_its_answers() {
    over(Via::Memory, async || {
        let builder = builder().configure(|config| config.slow_consumer = SlowConsumer::DropPushes);
        let rig = Rig::start(Via::Memory, builder).await;
        let mut client = rig.client().await;
        let session = rig.session(1).expect("a session");
        let (mut sent, mut missed) = (Vec::new(), 0);
        for number in 0..100 {
            match session.push(ON_NEWS, &news(number, 8 * 1024)) {
                Ok(()) => sent.push(number),
                Err(PushError::SlowConsumer) => missed += 1,
                Err(error) => panic!("{error}"),
            }
            tokio::task::yield_now().await;
        }
        assert!(missed > 0 && sent.len() > 8, "{missed} missed");
        let id = client.send_json("game.echo", &7);
        assert_eq!(client.answer(id).await, Ok(7));
        let read: Vec<u64> = client
            .rest()
            .iter()
            .map(|heard| heard.json::<(u64, String)>().0)
            .collect();
        assert_eq!(read, sent);
        session.push(ON_NEWS, &news(100, 1)).expect("room again");
        assert_eq!(client.push::<(u64, String)>("onNews").await.0, 100);
    });
}

#[tokio::test(start_paused = true)]
async fn it_is_cut_when_it_takes_nothing_for_five_seconds() {
    let builder = builder().configure(|config| config.limits.outbox_bytes = 512 * 1024);
    let rig = Rig::start(Via::Memory, builder).await;
    let client = rig.client().await;
    let session = rig.session(1).expect("a session");
    let mut link = client.into_link();
    session.push(ON_NEWS, &news(1, 200 * 1024)).expect("queued");
    // It reads slowly, but it reads.
    for _ in 0..6 {
        tokio::time::sleep(Duration::from_secs(4)).await;
        link.read_some().await;
        assert!(session.is_connected());
    }
    let stopped = Instant::now();
    session.dropped().await;
    let waited = stopped.elapsed();
    assert!(waited >= Duration::from_secs(5), "{waited:?}");
    assert!(waited < Duration::from_secs(6), "{waited:?}");
    let close = rig.newest_close(1).await.closed.close;
    assert_eq!(close.code, CloseCode::SLOW_CONSUMER);
}

#[test]
fn answers_that_nobody_reads_hold_up_their_own_session_only() {
    over_all(async |via| {
        const ANSWERS: usize = 1_000;
        let large = Functions::new("large")
            .request(Request::new("large.get"), async |_: Session, (): ()| {
                Ok(Raw(vec![b'x'; 16 * 1024].into()))
            });
        let builder = builder().register(large).configure(|config| {
            // The time that a busy machine takes is not the point here.
            config.limits.stalled_timeout = Duration::from_secs(60);
        });
        let rig = Rig::start(via, builder).await;
        let mut client = rig.client().await;
        let first = (0..ANSWERS)
            .map(|_| client.send("large.get", b"null"))
            .min();
        client.flush().await;
        let mut other = rig.client().await;
        assert_eq!(other.request("game.echo", &1).await, Ok(1));
        for id in (first.expect("requests")..).take(ANSWERS) {
            let heard = client.next().await.expect("an answer");
            assert!(matches!(heard, Heard::Answer { id: heard, error: false, .. } if heard == id));
        }
        assert_eq!(rig.recent_closes().len(), 0);
    });
}
