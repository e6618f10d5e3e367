//! The rooms: groups of sessions that hear each other.

use pitaya_server::protocol::{Close, CloseCode};
use pitaya_server::{Error, Group, GroupError, Handle, Result, Session, component};

use crate::contract::{
    JOIN, Join, LEAVE, Line, Member, Members, Nothing, ON_LINE, ON_MEMBER, SAY, Say, User, WHO,
};

/// The session's datum that says which room it is in.
const ROOM: &str = "room";
/// Longest name of a player or a room, in bytes.
const MAX_NAME: usize = 32;
/// Longest line, in bytes.
const MAX_LINE: usize = 2000;

/// The component behind the routes of the [contract](crate::contract).
#[derive(Debug, Default)]
pub struct Rooms;

#[component("room")]
impl Rooms {
    #[request(JOIN)]
    async fn join(&self, session: &Session, join: Join) -> Result<Members> {
        let room = name("room", &join.room)?;
        leave(session)?;
        enter(session, &room)?;
        members(session)
    }

    #[request(LEAVE)]
    async fn leave(&self, session: &Session, _: Nothing) -> Result<Nothing> {
        leave(session)?;
        Ok(Nothing {})
    }

    #[request(SAY)]
    async fn say(&self, session: &Session, say: Say) -> Result<Nothing> {
        if say.text.len() > MAX_LINE {
            return Err(Error::new(
                "CHAT-413",
                format!("a line has at most {MAX_LINE} bytes"),
            ));
        }
        // A terminal would obey them.
        if say.text.chars().any(char::is_control) {
            return Err(Error::new("CHAT-400", "a line has no control characters"));
        }
        let line = Line {
            from: player(session),
            text: say.text,
        };
        room(session)?.broadcast(ON_LINE, &line)?;
        Ok(Nothing {})
    }

    #[request(WHO)]
    async fn who(&self, session: &Session, _: Nothing) -> Result<Members> {
        members(session)
    }
}

/// Lets players in: they say their name in the handshake, and the room that they were in when they come back.
///
/// # Errors
///
/// The refusal of a handshake without a usable name.
pub async fn sign_in(session: Session) -> Result<(), Close> {
    let refuse = |reason: String| Close::new(CloseCode::Refused).reason(reason);
    let handshake = session.handshake();
    let text = |key: &str| {
        handshake
            .user
            .get(key)
            .and_then(|value| value.as_str())
            .map(str::to_owned)
    };
    let user = User {
        name: text("name").unwrap_or_default(),
        room: text("room"),
    };
    let name_given =
        name("player", &user.name).map_err(|error| refuse(error.message().to_owned()))?;
    session
        .bind(&name_given)
        .await
        .map_err(|error| refuse(error.to_string()))?;
    if let Some(wanted) = user.room {
        let back = name("room", &wanted).and_then(|room| enter(&session, &room));
        back.map_err(|error| refuse(error.message().to_owned()))?;
    }
    Ok(())
}

/// Tells the room that a session has ended; the session has left its group by itself.
#[expect(
    clippy::unused_async,
    reason = "a hook is async whether it waits or not"
)]
pub async fn signed_out(session: Session) {
    if let Ok(Some(room)) = session.get::<String>(ROOM)
        && let Some(group) = session.server().group(&room)
    {
        // The same player may be there again already, over a new connection.
        let name = player(&session);
        if !group.uids().iter().any(|uid| **uid == *name) {
            announce(&group, name, false);
        }
        forget_if_empty(session.server(), &group);
    }
}

fn enter(session: &Session, room: &str) -> Result<()> {
    let server = session.server();
    let group = match server.group(room) {
        Some(group) => group,
        None => match server.create_group(room) {
            // Somebody else made it in between.
            Err(GroupError::Exists) => server.group(room).ok_or(GroupError::Removed)?,
            made => made?,
        },
    };
    announce(&group, player(session), true);
    group.join(session)?;
    session.set(ROOM, &room)?;
    Ok(())
}

fn leave(session: &Session) -> Result<()> {
    let Ok(group) = room(session) else {
        return Ok(());
    };
    group.leave(session);
    session.remove(ROOM);
    announce(&group, player(session), false);
    forget_if_empty(session.server(), &group);
    Ok(())
}

fn room(session: &Session) -> Result<Group> {
    let room: Option<String> = session.get(ROOM)?;
    let group = room.and_then(|room| session.server().group(&room));
    group.ok_or_else(|| Error::new("CHAT-409", "you are in no room, join one first"))
}

fn members(session: &Session) -> Result<Members> {
    let group = room(session)?;
    let mut names: Vec<_> = group.uids().iter().map(|uid| uid.to_string()).collect();
    names.sort_unstable();
    Ok(Members {
        room: group.name().to_owned(),
        names,
    })
}

fn announce(group: &Group, name: String, here: bool) {
    // Whoever cannot be told is gone or about to be.
    let _ = group.broadcast(ON_MEMBER, &Member { name, here });
}

fn forget_if_empty(server: &Handle, group: &Group) {
    if group.is_empty() {
        server.remove_group(group.name());
    }
}

fn player(session: &Session) -> String {
    session
        .uid()
        .map_or_else(String::new, |uid| uid.to_string())
}

/// A name that can be shown on a terminal.
fn name(what: &str, given: &str) -> Result<String> {
    let given = given.trim();
    if given.is_empty() || given.len() > MAX_NAME || given.chars().any(char::is_control) {
        let text =
            format!("a {what} needs a name of 1 to {MAX_NAME} bytes without control characters");
        return Err(Error::new("CHAT-400", text));
    }
    Ok(given.to_owned())
}
