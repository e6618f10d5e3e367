//! The WebSocket upgrade carries the application's headers, and the path and host of the URL.

use pitaya_client::{Client, ConnectError, TransportError};
use tokio::net::TcpListener;
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::StatusCode;

#[tokio::test]
async fn they_arrive_and_the_answer_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let builder = Client::builder(format!("ws://{address}/game?v=2")).header("Cookie", "player=7");
    let look = async {
        let (tcp, _) = listener.accept().await.unwrap();
        let mut seen = None;
        #[expect(clippy::result_large_err, reason = "the signature is the library's")]
        let refuse = |request: &Request, _: Response| -> Result<Response, ErrorResponse> {
            let header = |name| request.headers()[name].to_str().unwrap().to_owned();
            seen = Some((request.uri().to_string(), header("cookie"), header("host")));
            let mut refusal = ErrorResponse::new(None);
            *refusal.status_mut() = StatusCode::FORBIDDEN;
            Err(refusal)
        };
        accept_hdr_async(tcp, refuse).await.unwrap_err();
        seen.unwrap()
    };
    let (connected, seen) = tokio::join!(builder.connect(), look);
    assert_eq!(
        seen,
        (
            "/game?v=2".to_owned(),
            "player=7".to_owned(),
            address.to_string()
        )
    );
    let Err(ConnectError::Unreachable(unreachable)) = connected else {
        panic!("{connected:?}")
    };
    let [(_, error)] = &unreachable.failures[..] else {
        panic!("{unreachable:?}")
    };
    assert!(
        matches!(error, TransportError::UpgradeRefused { status: 403 }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_header_that_http_cannot_carry_is_an_error_of_the_caller() {
    for (name, value) in [("not a name", "x"), ("cookie", "two\nlines")] {
        let started = Client::builder("ws://127.0.0.1:1")
            .header(name, value)
            .start();
        assert!(
            matches!(&started, Err(ConnectError::Header { name: told }) if told == name),
            "{started:?}"
        );
    }
}
