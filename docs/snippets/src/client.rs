//! A client: connecting, talking, errors, coming back.

use std::error::Error;
use std::time::Duration;

use pitaya_client::{Builder, RequestError, State};

use crate::routes::{JOIN, Join, Line, ON_LINE, SAY};

// ANCHOR: talk
use pitaya_client::Client;

/// Joins, says hello, and returns the first line that somebody says.
///
/// # Errors
///
/// Whatever goes wrong.
pub async fn talk(url: &str, name: &str) -> Result<String, Box<dyn Error>> {
    let client = Client::builder(url).connect().await?;
    let mut lines = client.subscribe(ON_LINE);

    let joined = client.request(JOIN, &Join { name: name.into() }).await?;
    println!("here are {}", joined.members.join(", "));

    client
        .notify(
            SAY,
            &Line {
                text: format!("{name} says hello"),
            },
        )
        .await?;
    let line = lines.next().await.ok_or("the client was closed")??;
    Ok(line.text)
}
// ANCHOR_END: talk

/// A client with settings.
pub fn settings() -> Builder {
    // ANCHOR: builder
    let client = Client::builder(["tls://eu.example.com:3250", "wss://eu.example.com/ws"])
        .user(serde_json::json!({"token": "valid-alice"}))
        .app("2.1.0", "417")
        .request_timeout(Duration::from_secs(3));
    // ANCHOR_END: builder
    client
}

/// What became of a request.
pub async fn outcome(client: &Client, join: &Join) -> String {
    // ANCHOR: errors
    match client
        .request(JOIN, join)
        .timeout(Duration::from_secs(2))
        .await
    {
        Ok(joined) => format!("joined {} others", joined.members.len() - 1),
        Err(RequestError::Server(error)) => format!("refused: {} ({})", error.msg, error.code),
        Err(RequestError::Timeout { sent: false, .. }) => "never left this machine".into(),
        Err(error) if error.is_retryable() => format!("try again: {error}"),
        Err(error) => format!("gave up: {error}"),
    }
    // ANCHOR_END: errors
}

// ANCHOR: rejoin
/// Joins on every connection, until the client is closed. The client was built with `hold_queue(true)`.
///
/// # Errors
///
/// When the server does not let us in.
pub async fn stay_joined(client: &Client, name: &str) -> Result<(), RequestError> {
    let mut state = client.state();
    loop {
        if *state.borrow_and_update() == State::Connected {
            client.request(JOIN, &Join { name: name.into() }).await?;
            client.release(); // what waited goes out now
        }
        if state.changed().await.is_err() {
            return Ok(());
        }
    }
}
// ANCHOR_END: rejoin
