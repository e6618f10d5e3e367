//! When the program stops, its players' requests are answered first, within the deadline.

use std::time::Duration;

use crate::support::Program;
use pitaya_server::ServerConfig;

#[tokio::test]
async fn a_request_in_flight_is_answered_before_the_end() {
    let program = Program::start(Some(ServerConfig::default())).await;
    let (address, hall) = (program.address, program.hall.clone());
    let game = program.game.clone().expect("a game");
    let mut alice = program.player("alice").await;
    alice.ask(1, "hall.who", "null").await;
    alice.ask(2, "hall.enter", "null").await;
    assert_eq!(alice.hear().await, (1, r#""alice""#.into()));

    let stopping = program.stop();
    game.stopping().await;
    assert!(!stopping.is_finished());
    hall.open();

    assert_eq!(alice.hear().await, (2, r#""come in""#.into()));
    // No kick before it: a client of the family would never come back (wire 5).
    assert_eq!(alice.closed().await, 1000);
    drop(alice);
    let report = stopping
        .await
        .expect("no panic")
        .expect("no error")
        .expect("a game");
    assert_eq!((report.sessions, report.cut), (1, 0));
    assert!(
        tokio::net::TcpStream::connect(address).await.is_err(),
        "nobody listens any more"
    );
}

#[tokio::test]
async fn a_handler_that_does_not_end_holds_nobody_beyond_the_deadline() {
    let mut config = ServerConfig::default();
    config.shutdown_timeout = Duration::from_millis(100);
    let program = Program::start(Some(config)).await;
    let mut alice = program.player("alice").await;
    alice.ask(1, "hall.who", "null").await;
    alice.ask(2, "hall.enter", "null").await;
    assert_eq!(alice.hear().await, (1, r#""alice""#.into()));

    let report = program
        .stop()
        .await
        .expect("no panic")
        .expect("no error")
        .expect("a game");
    assert_eq!((report.sessions, report.cut), (1, 1));
}
