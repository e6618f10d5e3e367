//! What the chat's server and its clients agree on: routes and their payloads.

use pitaya_client::{Push, Request};
use serde::{Deserialize, Serialize};

/// Enters a room, and leaves the one that the player was in.
pub const JOIN: Request<Join, Members> = Request::new("room.join");
/// Leaves the room.
pub const LEAVE: Request<Nothing, Nothing> = Request::new("room.leave");
/// Says a line in the room. A request, so that the speaker knows whether it arrived.
pub const SAY: Request<Say, Nothing> = Request::new("room.say");
/// Who is in the room.
pub const WHO: Request<Nothing, Members> = Request::new("room.who");
/// Somebody said a line.
pub const ON_LINE: Push<Line> = Push::new("onLine");
/// Somebody came or went.
pub const ON_MEMBER: Push<Member> = Push::new("onMember");

/// The `user` object of a handshake. It carries the room, so that a player who reconnects is back in it before anything else happens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    /// The player's name; one player has it at a time.
    pub name: String,
    /// The room that the player is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
}

/// The payload of [`JOIN`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Join {
    /// The room's name; it is made when nobody is in it.
    pub room: String,
}

/// An answer that says who is in a room.
#[derive(Debug, Serialize, Deserialize)]
pub struct Members {
    /// The room's name.
    pub room: String,
    /// The names, sorted.
    pub names: Vec<String>,
}

/// The payload of [`SAY`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Say {
    /// What is said.
    pub text: String,
}

/// The payload of [`ON_LINE`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Line {
    /// Who said it.
    pub from: String,
    /// What was said.
    pub text: String,
}

/// The payload of [`ON_MEMBER`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Member {
    /// Who came or went.
    pub name: String,
    /// Whether it is there now.
    pub here: bool,
}

/// A payload without content.
#[derive(Debug, Serialize, Deserialize)]
pub struct Nothing {}
