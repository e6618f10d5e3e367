//! States and events tell what happens to a connection.

use pitaya_client::{Close, CloseCode, Event, State};

use crate::support::{Server, Terms, hasty, until};

#[tokio::test]
async fn every_change_of_state_is_an_event() {
    let server = Server::start(Terms::default()).await;
    let client = hasty(&server.url()).start().unwrap();
    let mut events = client.events();
    let mut peer = server.accept().await;
    until(&client, |state| *state == State::Connected).await;
    peer.close(Close::new(CloseCode::DRAINING)).await;
    let _peer = server.accept().await;
    until(&client, |state| *state == State::Connected).await;
    client.close().await;

    let mut names = Vec::new();
    while let Some(event) = events.next().await {
        let Event::State(state) = event else { continue };
        names.push(match state {
            State::Connecting => "connecting".to_owned(),
            State::Connected => "connected".to_owned(),
            State::Reconnecting {
                attempt,
                next,
                cause,
            } => {
                assert_eq!(cause.close.code, CloseCode::DRAINING);
                format!(
                    "reconnecting {attempt} {}",
                    if next.is_some() { "waits" } else { "runs" }
                )
            }
            State::Closed(ended) => format!("closed {:?}", ended.closed.close.code),
            other => format!("{other:?}"),
        });
    }
    // The first state may have been reached before anybody listened.
    names.retain(|name| name != "connecting");
    let expected = [
        "connected",
        "reconnecting 1 waits",
        "reconnecting 1 runs",
        "connected",
        "closed NORMAL",
    ];
    assert_eq!(names, expected);
}
