//! How players come in: they say their name in the handshake, and when they come back the room that they were in and what they saw last.

use pitaya_server::protocol::{Close, CloseCode};
use pitaya_server::{Error, Result, Session};

use crate::contract::User;

/// Longest name of a player or a room, in bytes.
const MAX_NAME: usize = 32;

/// Takes a player's name and binds the session to it. Returns what the handshake says.
///
/// # Errors
///
/// The close for a client whose name cannot be taken.
pub async fn sign_in(session: &Session) -> Result<User, Close> {
    let user = &session.handshake().user;
    let text = |key: &str| {
        user.get(key)
            .and_then(|value| value.as_str())
            .map(str::to_owned)
    };
    let given = text("name").unwrap_or_default();
    let name = name("player", &given).map_err(|error| refused(error.message()))?;
    session
        .bind(&name)
        .await
        .map_err(|error| refused(error.to_string()))?;
    Ok(User {
        name,
        room: text("room"),
        seen: text("seen"),
    })
}

/// The close for a client that may not come in, and that shall not try again.
pub fn refused(reason: impl Into<String>) -> Close {
    Close::new(CloseCode::REFUSED).with_reason(reason.into())
}

/// A name that can be shown on a terminal; `what` says whose.
///
/// # Errors
///
/// What is wrong with it, for the player.
pub fn name(what: &str, given: &str) -> Result<String> {
    let given = given.trim();
    if given.is_empty() || given.len() > MAX_NAME || given.chars().any(char::is_control) {
        let text =
            format!("a {what} needs a name of 1 to {MAX_NAME} bytes without control characters");
        return Err(Error::new("CHAT-400", text));
    }
    Ok(given.to_owned())
}
