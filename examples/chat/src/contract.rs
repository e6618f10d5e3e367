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
/// Lines may be missing here: the server has forgotten some that were said while the player was away.
pub const ON_GAP: Push<Gap> = Push::new("onGap");
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
    /// For a player who comes back: the place of the last line that it has seen. The lines since then arrive as [`ON_LINE`], before any new
    /// one. A player without it is new to the room, and hears what is said from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<String>,
}

/// The payload of [`JOIN`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Join {
    /// The room's name; it is made when nobody is in it.
    pub room: String,
    /// As in [`User`], where a gate brings a player back into its room. Players who walk from room to room leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<String>,
}

/// An answer that says who is in a room.
#[derive(Debug, Serialize, Deserialize)]
pub struct Members {
    /// The room's name.
    pub room: String,
    /// The names, sorted.
    pub names: Vec<String>,
    /// The place of the newest line, for a player who has not seen one.
    pub at: String,
    /// In a cluster: the server that has the room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
}

/// The payload of [`SAY`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Say {
    /// What is said, at most 2,000 bytes.
    pub text: String,
    /// The line's own key, which its speaker makes: of at most 64 bytes, another for every line, the same when a line is sent again because
    /// nobody knows whether it arrived. The server says a line of a known key once. Without a key every line is a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// The payload of [`ON_LINE`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    /// Its place in the course of things: only a server can read it.
    pub at: String,
    /// The key that its speaker gave it. After a restart the server does not know it any more: a second line of the same speaker with the
    /// same key is not shown again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Who said it.
    pub from: String,
    /// What was said.
    pub text: String,
    /// In a cluster: the server that has the room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
}

/// The payload of [`ON_GAP`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Gap {
    /// The place after the gap.
    pub at: String,
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
