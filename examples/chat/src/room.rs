//! The rooms: groups of sessions that hear each other.

use std::sync::Arc;

use pitaya_server::protocol::{Close, CloseCode};
use pitaya_server::{
    Error, Group, GroupError, Handle, Result, Server, ServerBuilder, Session, component,
};

use crate::contract::{
    Gap, JOIN, Join, LEAVE, Line, Member, Members, Nothing, ON_GAP, ON_LINE, ON_MEMBER, SAY, Say,
    User, WHO,
};
use crate::recent::Recent;

/// The session's datum that says which room it is in.
const ROOM: &str = "room";
/// Longest name of a player or a room, in bytes.
const MAX_NAME: usize = 32;
/// Longest line, in bytes.
const MAX_LINE: usize = 2000;
/// Longest key of a line, in bytes.
const MAX_KEY: usize = 64;

/// The component behind the routes of the [contract](crate::contract).
#[derive(Debug, Clone, Default)]
struct Rooms {
    recent: Arc<Recent>,
}

/// A server with the rooms in it, to be told where it listens.
pub fn rooms() -> ServerBuilder {
    let rooms = Rooms::default();
    Server::builder()
        .register(rooms.clone())
        .validate(move |session| {
            let rooms = rooms.clone();
            async move { rooms.sign_in(&session).await }
        })
        .on_close(|session, _| signed_out(session))
}

#[component("room")]
impl Rooms {
    #[request(JOIN)]
    async fn join(&self, session: &Session, join: Join) -> Result<Members> {
        let room = name("room", &join.room)?;
        leave(session)?;
        self.enter(session, &room, None)?;
        self.members(session)
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
        if say.key.as_ref().is_some_and(|key| key.len() > MAX_KEY) {
            return Err(Error::new(
                "CHAT-400",
                format!("a line's key has at most {MAX_KEY} bytes"),
            ));
        }
        let line = Line {
            at: String::new(),
            key: say.key,
            from: player(session),
            text: say.text,
        };
        let group = room(session)?;
        self.recent.say(group.name(), line, |line| {
            group.broadcast(ON_LINE, line).map(|_| ())
        })?;
        Ok(Nothing {})
    }

    #[request(WHO)]
    async fn who(&self, session: &Session, _: Nothing) -> Result<Members> {
        self.members(session)
    }
}

impl Rooms {
    /// Lets players in: they say their name in the handshake, and when they come back the room that they were in and what they saw last.
    async fn sign_in(&self, session: &Session) -> Result<(), Close> {
        let refuse = |reason: String| Close::new(CloseCode::REFUSED).with_reason(reason);
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
            seen: text("seen"),
        };
        let name_given =
            name("player", &user.name).map_err(|error| refuse(error.message().to_owned()))?;
        session
            .bind(&name_given)
            .await
            .map_err(|error| refuse(error.to_string()))?;
        if let Some(wanted) = user.room {
            let seen = user.seen.as_deref();
            let back = name("room", &wanted).and_then(|room| self.enter(session, &room, seen));
            back.map_err(|error| refuse(error.message().to_owned()))?;
        }
        Ok(())
    }

    /// Puts a player into a room; one who was there before gets the lines since `seen`.
    fn enter(&self, session: &Session, room: &str, seen: Option<&str>) -> Result<()> {
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
        match seen {
            None => group.join(session)?,
            Some(seen) => self.recent.since(room, seen, |missed| -> Result<()> {
                // In a handshake these wait until the client is let in.
                if let Some(at) = missed.gap {
                    session.push(ON_GAP, &Gap { at })?;
                }
                for line in &missed.lines {
                    session.push(ON_LINE, line)?;
                }
                Ok(group.join(session)?)
            })?,
        }
        session.set(ROOM, &room)?;
        Ok(())
    }

    fn members(&self, session: &Session) -> Result<Members> {
        let group = room(session)?;
        let mut names: Vec<_> = group.uids().iter().map(|uid| uid.to_string()).collect();
        names.sort_unstable();
        Ok(Members {
            room: group.name().to_owned(),
            names,
            at: self.recent.at(),
        })
    }
}

/// Tells the room that a session has ended; the session has left its group by itself.
#[expect(
    clippy::unused_async,
    reason = "a hook is async whether it waits or not"
)]
async fn signed_out(session: Session) {
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
