//! The program's login is the session's uid, before the first message.

use crate::support::{ORIGIN, Program};
use pitaya_server::{ServerConfig, TransportKind};

#[tokio::test]
async fn the_cookie_decides_who_plays() {
    let program = Program::start(Some(ServerConfig::default())).await;
    let (mut alice, mut bob) = (program.player("alice").await, program.player("bob").await);
    alice.ask(1, "hall.who", "null").await;
    bob.ask(7, "hall.who", "null").await;
    assert_eq!(alice.hear().await, (1, r#""alice""#.into()));
    assert_eq!(bob.hear().await, (7, r#""bob""#.into()));
}

#[tokio::test]
async fn handlers_see_the_request_and_the_address() {
    let program = Program::start(Some(ServerConfig::default())).await;
    let mut alice = program.player("alice").await;
    alice.ask(1, "hall.who", "null").await;
    alice.hear().await;
    let session = program
        .game
        .as_ref()
        .expect("a game")
        .sessions_of("alice")
        .remove(0);
    let peer = session.peer();
    assert_eq!(peer.transport(), TransportKind::WebSocket);
    assert!(
        peer.address()
            .is_some_and(|address| address.ip().is_loopback())
    );
    let request = peer.http().expect("the request");
    assert_eq!(request.uri.path(), "/ws");
    assert!(request.headers.contains_key("cookie"));
}

#[tokio::test]
async fn without_a_login_nobody_plays() {
    let program = Program::start(Some(ServerConfig::default())).await;
    assert_eq!(program.play(&[]).await.expect_err("no cookie"), 401);
    assert_eq!(
        program
            .play(&[("Cookie", "login=guess")])
            .await
            .expect_err("a wrong one"),
        401
    );
}

#[tokio::test]
async fn a_foreign_page_cannot_use_the_cookie() {
    let program = Program::start(Some(ServerConfig::default())).await;
    let cookie = program.log_in("alice").await;
    let foreign = [
        ("Cookie", cookie.as_str()),
        ("Origin", "https://evil.example"),
    ];
    assert_eq!(
        program.play(&foreign).await.expect_err("a foreign origin"),
        403
    );
    let own = [("Cookie", cookie.as_str()), ("Origin", ORIGIN)];
    program
        .play(&own)
        .await
        .expect("upgraded")
        .shake_hands()
        .await;
}

#[tokio::test]
async fn a_page_that_is_no_websocket_is_told_so() {
    let program = Program::start(Some(ServerConfig::default())).await;
    let cookie = program.log_in("alice").await;
    let answer = program
        .ask("GET /ws", &format!("Cookie: {cookie}\r\n"), "")
        .await;
    assert!(
        answer.starts_with("HTTP/1.1 426 Upgrade Required\r\n"),
        "{answer}"
    );
    assert!(answer.contains("upgrade: websocket\r\n"), "{answer}");
}

#[tokio::test]
async fn the_program_can_push_to_its_players() {
    let program = Program::start(Some(ServerConfig::default())).await;
    let mut alice = program.player("alice").await;
    // An answered request proves that the session has begun.
    alice.ask(1, "hall.who", "null").await;
    alice.hear().await;
    let answer = program.ask("POST /announce", "", "dinner is ready").await;
    assert!(answer.ends_with("\r\n\r\n1"), "{answer}");
    assert_eq!(alice.hear().await, (0, r#""dinner is ready""#.into()));
}
