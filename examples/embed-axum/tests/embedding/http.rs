//! What the web program did before there was a game: the same with it and without.

use crate::support::Program;
use pitaya_server::ServerConfig;

async fn both() -> [Program; 2] {
    [
        Program::start(None).await,
        Program::start(Some(ServerConfig::default())).await,
    ]
}

#[tokio::test]
async fn it_is_healthy() {
    for program in both().await {
        let answer = program.ask("GET /health", "", "").await;
        assert!(
            answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nok"),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_login_is_remembered() {
    for program in both().await {
        let cookie = program.log_in("alice").await;
        let answer = program
            .ask("GET /me", &format!("Cookie: theme=dark; {cookie}\r\n"), "")
            .await;
        assert!(
            answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nalice"),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_stranger_is_nobody() {
    for program in both().await {
        for headers in ["", "Cookie: login=0123456789abcdef0123456789abcdef\r\n"] {
            let answer = program.ask("GET /me", headers, "").await;
            assert!(
                answer.starts_with("HTTP/1.1 401 Unauthorized\r\n"),
                "{answer}"
            );
        }
    }
}

#[tokio::test]
async fn a_name_must_be_one() {
    for program in both().await {
        let json = "Content-Type: application/json\r\n";
        let answer = program.ask("POST /login", json, r#"{"name":" "}"#).await;
        assert!(
            answer.starts_with("HTTP/1.1 400 Bad Request\r\n"),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn other_paths_are_not_found() {
    for program in both().await {
        let answer = program.ask("GET /nothing", "", "").await;
        assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn it_stops_when_told_to() {
    for program in both().await {
        let game = program.game.is_some();
        let report = program.stop().await.expect("no panic").expect("no error");
        assert_eq!(report.is_some(), game);
    }
}

#[tokio::test]
async fn without_a_game_there_is_no_socket() {
    let program = Program::start(None).await;
    assert_eq!(program.play(&[]).await.expect_err("no such path"), 404);
}
