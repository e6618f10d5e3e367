//! The rooms: groups of sessions that hear each other.

use std::sync::Arc;

use pitaya_server::protocol::Close;
use pitaya_server::{
    Error, Group, GroupError, Handle, Result, Server, ServerBuilder, Session, component,
};

use crate::contract::{
    Gap, JOIN, Join, LEAVE, Line, Member, Members, Nothing, ON_GAP, ON_LINE, ON_MEMBER, SAY, Say,
    WHO,
};
use crate::recent::Recent;
use crate::sign_in::{name, refused, sign_in};

/// The session's datum that says which room it is in.
const ROOM: &str = "room";
/// Longest line, in bytes.
const MAX_LINE: usize = 2000;
/// Longest key of a line, in bytes.
const MAX_KEY: usize = 64;
/// A place before everything.
const NOWHERE: &str = "";

/// The component behind the routes of the [contract](crate::contract).
///
/// A session that says that it is in a room is in it: where the room was on another server, the player is let in without a word of its own.
#[derive(Debug, Clone, Default)]
pub struct Rooms {
    recent: Arc<Recent>,
    opened: Option<fn(&Handle, &str)>,
}

/// A server with the rooms in it, to be told where it listens.
pub fn rooms() -> ServerBuilder {
    let rooms = Rooms::default();
    Server::builder()
        .register(rooms.clone())
        .validate(move |session| {
            let rooms = rooms.clone();
            async move { rooms.let_in(&session).await }
        })
        .on_close(|session, _| signed_out(session))
}

/// The room that a session is in, as far as it is known.
#[must_use]
pub fn room_of(session: &Session) -> Option<String> {
    session.get(ROOM).ok().flatten()
}

#[component("room")]
impl Rooms {
    #[request(JOIN)]
    async fn join(&self, session: &Session, join: Join) -> Result<Members> {
        let room = name("room", &join.room)?;
        leave(session);
        self.enter(session, &room, join.seen.as_deref())?;
        self.members(session)
    }

    #[request(LEAVE)]
    async fn leave(&self, session: &Session, _: Nothing) -> Result<Nothing> {
        leave(session);
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
            server: server(session),
        };
        let group = self.here(session)?;
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
    /// Has `tell` called with the name of each room that is opened on a server, before anybody is in it.
    #[must_use]
    pub fn when_opened(mut self, tell: fn(&Handle, &str)) -> Self {
        self.opened = Some(tell);
        self
    }

    async fn let_in(&self, session: &Session) -> Result<(), Close> {
        let user = sign_in(session).await?;
        if let Some(wanted) = user.room {
            let seen = user.seen.as_deref();
            let back = name("room", &wanted).and_then(|room| self.enter(session, &room, seen));
            back.map_err(|error| refused(error.message()))?;
        }
        Ok(())
    }

    /// Puts a player into a room; one who was there before gets the lines since `seen`.
    fn enter(&self, session: &Session, room: &str, seen: Option<&str>) -> Result<()> {
        let group = self.open(session.server(), room)?;
        self.admit(session, &group, seen)
    }

    /// The room that the player is in.
    fn here(&self, session: &Session) -> Result<Group> {
        let room = room_of(session);
        let room =
            room.ok_or_else(|| Error::new("CHAT-409", "you are in no room, join one first"))?;
        let group = self.open(session.server(), &room)?;
        if !group.contains(session) {
            // It was on another server. What the player has missed nobody knows; who is here already it has to be told.
            self.admit(session, &group, Some(NOWHERE))?;
            for name in group.uids() {
                let (name, here) = (name.to_string(), true);
                if name != player(session) {
                    session.push(ON_MEMBER, &Member { name, here })?;
                }
            }
        }
        Ok(group)
    }

    fn open(&self, server: &Handle, room: &str) -> Result<Group> {
        if let Some(group) = server.group(room) {
            return Ok(group);
        }
        match server.create_group(room) {
            // Somebody else made it in between.
            Err(GroupError::Exists) => Ok(server.group(room).ok_or(GroupError::Removed)?),
            made => {
                let group = made?;
                if let Some(tell) = self.opened {
                    tell(server, room);
                }
                Ok(group)
            }
        }
    }

    fn admit(&self, session: &Session, group: &Group, seen: Option<&str>) -> Result<()> {
        match seen {
            None => group.join(session)?,
            Some(seen) => self
                .recent
                .since(group.name(), seen, |missed| -> Result<()> {
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
        session.set(ROOM, &group.name())?;
        let (name, here) = (player(session), true);
        let member = Member { name, here };
        let coming = group.batch().push(ON_MEMBER, &member);
        // Whoever cannot be told is gone or about to be.
        let _ = coming.send_to(|other| other != session);
        Ok(())
    }

    fn members(&self, session: &Session) -> Result<Members> {
        let group = self.here(session)?;
        let mut names: Vec<_> = group.uids().iter().map(|uid| uid.to_string()).collect();
        names.sort_unstable();
        Ok(Members {
            room: group.name().to_owned(),
            names,
            at: self.recent.at(),
            server: server(session),
        })
    }
}

/// Tells the room that a session has ended; the session has left its group by itself.
#[expect(
    clippy::unused_async,
    reason = "a hook is async whether it waits or not"
)]
pub async fn signed_out(session: Session) {
    if let Some(room) = room_of(&session)
        && let Some(group) = session.server().group(&room)
    {
        // The same player may be there again already, over a new connection.
        let name = player(&session);
        if !group.uids().iter().any(|uid| **uid == *name) {
            tell_gone(&group, name);
        }
        forget_if_empty(session.server(), &group);
    }
}

fn leave(session: &Session) {
    let room = room_of(session);
    session.remove(ROOM);
    if let Some(group) = room.and_then(|room| session.server().group(&room))
        && group.leave(session)
    {
        tell_gone(&group, player(session));
        forget_if_empty(session.server(), &group);
    }
}

fn tell_gone(group: &Group, name: String) {
    // Whoever cannot be told is gone or about to be.
    let _ = group.broadcast(ON_MEMBER, &Member { name, here: false });
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

/// The server's name in its cluster.
fn server(session: &Session) -> Option<String> {
    session.server().server_id().map(str::to_owned)
}
