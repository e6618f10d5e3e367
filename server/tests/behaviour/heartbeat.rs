//! Heartbeats: how often, who is cut, and the echo.

use std::time::Duration;

use pitaya_server::protocol::{CloseCode, Message, Notify, PacketType, RouteRef};
use pitaya_server::{Functions, Server, ServerBuilder, Session};
use tokio::time::{Instant, sleep, timeout};

use crate::support::{Hello, Rig, Via, over_all};

const INTERVAL: Duration = Duration::from_secs(2);

fn builder() -> ServerBuilder {
    let game =
        Functions::new("game").notify(Notify::new("game.say"), async |_: Session, _: u32| {});
    Server::builder()
        .register(game)
        .configure(|config| config.heartbeat = INTERVAL)
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_is_cut_between_two_and_three_intervals() {
    let rig = Rig::start(Via::Memory, builder()).await;
    for (count, early) in (1..).zip([0, 500, 1_000, 1_900]) {
        let mut client = rig.client().await;
        let session = rig.session(count as u64).expect("a session");
        client.beats = false;
        // Not in step with the server's own beats.
        sleep(Duration::from_millis(early)).await;
        client.notify("game.say", &1);
        client.flush().await;
        let silent = Instant::now();
        session.dropped().await;
        let waited = silent.elapsed();
        assert!(waited > 2 * INTERVAL, "{waited:?}");
        assert!(
            waited <= 3 * INTERVAL + Duration::from_millis(2),
            "{waited:?}"
        );
        let close = rig.newest_close(count).await.closed.close;
        assert_eq!(close.code, CloseCode::HEARTBEAT_TIMEOUT);
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_sends_anything_lives() {
    let rig = Rig::start(Via::Memory, builder()).await;
    let mut beats = rig.client().await;
    let mut talks = rig.client_as(Hello::family()).await.into_link();
    let mut notify = Vec::new();
    let message = Message::notify(RouteRef::Name("game.say"), b"1");
    message.encode_packet(&mut notify).expect("it fits");
    for _ in 0..10 {
        talks.send_raw(&notify).await.expect("sent");
        timeout(3 * INTERVAL / 2, beats.next())
            .await
            .expect_err("nothing to hear");
    }
    assert_eq!((rig.session_count(), rig.recent_closes().len()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn the_server_beats_once_per_interval_after_the_ack() {
    let rig = Rig::start(Via::Memory, builder()).await;
    let mut link = rig.client().await.into_link();
    let began = Instant::now();
    let bytes = link.read_to_end().await;
    // Two beats came before the third look found nothing but silence; then the family's plain end, or ours with its reason.
    assert!(bytes.starts_with(&[3, 0, 0, 0, 3, 0, 0, 0, 5]), "{bytes:?}");
    assert!(began.elapsed() <= 3 * INTERVAL + Duration::from_millis(2));
}

#[test]
fn the_echo_comes_back_to_those_who_were_granted_it() {
    over_all(async |via| {
        let rig = Rig::start(via, builder()).await;
        let beat = [3, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8];
        let mut ours = rig.client().await.into_link();
        ours.send_raw(&beat).await.expect("sent");
        assert_eq!(ours.read_some().await, beat);
        // Here the first that comes is the answer to what was asked next.
        let mut family = rig.client_as(Hello::family()).await.into_link();
        family.send_raw(&beat).await.expect("sent");
        let mut ask = Vec::new();
        let request = Message::request(1, RouteRef::Name("no.route"), b"");
        request.encode_packet(&mut ask).expect("it fits");
        family.send_raw(&ask).await.expect("sent");
        assert_eq!(family.read_some().await[0], PacketType::Data.number());
    });
}
