//! With `grace` a session outlives its connection for a while, with all that belongs to it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use pitaya_server::protocol::{CloseCode, Closed};
use pitaya_server::{Server, ServerBuilder, Session};
use tokio::time::{Instant, sleep};

use crate::support::{Rig, Via, until};

const GRACE: Duration = Duration::from_secs(10);

type Log = Arc<Mutex<Vec<(&'static str, CloseCode)>>>;

fn hook(log: &Log, name: &'static str) -> impl Fn(Session, Closed) -> Note + use<> {
    let log = log.clone();
    move |_, closed| Box::pin(note(log.clone(), name, closed.close.code))
}

type Note = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

async fn note(log: Log, name: &'static str, code: CloseCode) {
    // The first hook takes its time, and still comes first.
    if name == "drop" {
        sleep(Duration::from_millis(10)).await;
    }
    log.lock().expect("no panic").push((name, code));
}

fn builder(log: &Log, grace: Duration) -> ServerBuilder {
    Server::builder()
        .on_drop(hook(log, "drop"))
        .on_close(hook(log, "close"))
        .configure(|config| config.grace = grace)
}

fn noted(log: &Log) -> Vec<(&'static str, CloseCode)> {
    log.lock().expect("no panic").clone()
}

#[tokio::test(start_paused = true)]
async fn everything_stays_until_its_end() {
    let log = Log::default();
    let rig = Rig::start(Via::Memory, builder(&log, GRACE)).await;
    let group = rig.create_group("room").expect("a new name");
    let mut client = rig.client().await;
    client.ready().await;
    let session = rig.session(1).expect("a session");
    session.bind("ann").await.expect("bound");
    session.set("gold", &7).expect("JSON");
    group.join(&session).expect("a member");
    client.hang_up().await;
    session.dropped().await;
    let gone = Instant::now();
    sleep(GRACE / 2).await;
    assert_eq!(noted(&log), [("drop", CloseCode::EOF)]);
    assert!(!session.is_connected() && !session.is_ended());
    assert_eq!(rig.connection_count(), 0);
    assert_eq!(rig.sessions_of("ann"), std::slice::from_ref(&session));
    assert!(group.contains(&session));
    assert_eq!(session.get::<u32>("gold").expect("a number"), Some(7));
    session.push_to("onNews", &1).expect("kept for its return");
    session.ended().await;
    assert!(gone.elapsed() >= GRACE && gone.elapsed() < GRACE + Duration::from_secs(1));
    assert!(group.is_empty() && rig.session_count() == 0);
    assert!(rig.sessions_of("ann").is_empty());
    session.push_to("onNews", &1).expect_err("too late");
    sleep(GRACE).await;
    let both = [("drop", CloseCode::EOF), ("close", CloseCode::EOF)];
    assert_eq!(noted(&log), both);
}

#[tokio::test(start_paused = true)]
async fn without_it_the_session_ends_with_its_connection() {
    let log = Log::default();
    let rig = Rig::start(Via::Memory, builder(&log, Duration::ZERO)).await;
    let client = rig.client().await;
    let session = rig.session(1).expect("a session");
    let dropped = Instant::now();
    client.hang_up().await;
    session.ended().await;
    assert!(dropped.elapsed() < Duration::from_millis(10));
    sleep(GRACE).await;
    let both = [("drop", CloseCode::EOF), ("close", CloseCode::EOF)];
    assert_eq!(noted(&log), both);
}

#[tokio::test(start_paused = true)]
async fn a_kick_ends_it_at_once_and_says_so() {
    let log = Log::default();
    let rig = Rig::start(Via::Memory, builder(&log, GRACE)).await;
    let (client, mut kicked) = (rig.client().await, rig.client().await);
    let (waits, connected) = (rig.session(1).expect("one"), rig.session(2).expect("two"));
    client.hang_up().await;
    waits.dropped().await;
    let began = Instant::now();
    waits.kick("enough").await;
    connected.kick("enough").await;
    waits.ended().await;
    connected.ended().await;
    assert!(began.elapsed() < Duration::from_secs(1));
    assert_eq!(kicked.closed().await.close.code, CloseCode::KICKED);
    sleep(Duration::from_secs(1)).await;
    let mut noted = noted(&log);
    noted.sort_by_key(|(_, code)| code.number());
    let drops = noted.iter().filter(|(name, _)| *name == "drop").count();
    assert_eq!((noted.len(), drops), (4, 2));
    assert_eq!(noted[0], ("drop", CloseCode::EOF));
    assert!(
        noted[1..]
            .iter()
            .all(|(_, code)| *code == CloseCode::KICKED)
    );
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_was_not_finished_has_none() {
    let log = Log::default();
    let rig = Rig::start(Via::Memory, builder(&log, GRACE)).await;
    let mut link = rig.link().await;
    link.send_raw(b"\x01\0\0\x02{}").await.expect("sent");
    until(|| rig.session_count() == 1).await;
    let session = rig.session(1).expect("a session");
    let began = Instant::now();
    session.ended().await;
    assert!(began.elapsed() <= rig.config().limits.handshake_timeout);
}

#[tokio::test(start_paused = true)]
async fn a_protocol_fault_has_none() {
    let log = Log::default();
    let rig = Rig::start(Via::Memory, builder(&log, GRACE)).await;
    let mut client = rig.client().await;
    let session = rig.session(1).expect("a session");
    client.say_raw(&[9, 0, 0, 0]);
    client.flush().await;
    let began = Instant::now();
    session.ended().await;
    assert!(began.elapsed() < Duration::from_secs(1));
}
