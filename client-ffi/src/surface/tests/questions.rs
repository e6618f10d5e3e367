//! The `user` object on demand.

use crate::surface::{Client, ConnectOptions, FailureKind, PitayaError};
use pitaya_conformance::mock::{self, Mock};

use super::support::{options, soon};

async fn asked() -> (mock::MockServer, ConnectOptions) {
    let address = "127.0.0.1:0".parse().unwrap();
    let server = mock::start(Mock::OnDemand, address).await.unwrap();
    let mut options = options(server.ws_url());
    options.user_on_demand = true;
    (server, options)
}

#[tokio::test]
async fn an_answer_goes_into_the_handshake() {
    let (_server, options) = asked().await;
    let client = Client::start(options).unwrap();
    let question = soon(client.user_questions().next()).await.unwrap();
    question.answer(r#"{"token":"abc"}"#.into()).unwrap();
    soon(client.connected(None)).await.unwrap();
    let handshake = client.request("mock.handshake".into(), Vec::new(), None, None);
    let handshake = String::from_utf8(soon(handshake).await.unwrap()).unwrap();
    assert!(handshake.contains(r#""token":"abc""#), "{handshake}");
    // Only the first one counted; nobody listens any more.
    question.fail("too late".into());
}

#[tokio::test]
async fn an_answer_that_is_no_json_fails_here_and_there() {
    let (_server, options) = asked().await;
    let client = Client::start(options).unwrap();
    let question = soon(client.user_questions().next()).await.unwrap();
    let PitayaError::Failed { failure } = question.answer("{".into()).unwrap_err();
    assert_eq!(failure.kind, FailureKind::User);
    assert!(soon(client.connected(None)).await.is_err());
}

#[tokio::test]
async fn a_question_without_an_answer_fails_the_attempt() {
    let (_server, options) = asked().await;
    let client = Client::start(options).unwrap();
    drop(soon(client.user_questions().next()).await);
    let PitayaError::Failed { failure } = soon(client.connected(None)).await.unwrap_err();
    assert!(
        failure.message.contains("nobody makes it"),
        "{}",
        failure.message
    );
    assert!(soon(client.user_questions().next()).await.is_none());
}
