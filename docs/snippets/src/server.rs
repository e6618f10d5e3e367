//! A server: a component, groups, middleware, validators.

use pitaya_server::protocol::{Close, CloseCode};
use pitaya_server::{
    Call, Functions, GroupError, Next, Reply, Server, ServerBuilder, ShutdownReport, StartError,
    tcp, ws,
};

// ANCHOR: component
use std::sync::OnceLock;

use crate::routes::{JOIN, Join, Joined, Line, ON_LINE, SAY};
use pitaya_server::{Error, Group, Handle, Result, Session, component};

/// One room for everyone.
#[derive(Debug, Default)]
pub struct Room {
    group: OnceLock<Group>,
}

#[component("room")]
impl Room {
    #[init] // runs before anything listens
    async fn open(&self, server: &Handle) -> Result<()> {
        let group = server.create_group("room")?;
        self.group
            .set(group)
            .map_err(|_| Error::internal("the room was opened before"))?;
        Ok(())
    }

    #[request(JOIN)]
    async fn join(&self, session: &Session, join: Join) -> Result<Joined> {
        if join.name.is_empty() {
            return Err(Error::new("ROOM-001", "a name is needed").with("field", "name"));
        }
        session.bind(&join.name).await?;
        let group = self.group()?;
        group.join(session)?;
        Ok(Joined {
            members: group.uids().iter().map(|uid| uid.to_string()).collect(),
        })
    }

    #[notify(SAY)]
    async fn say(&self, line: Line) -> Result<()> {
        self.group()?.broadcast(ON_LINE, &line)?;
        Ok(())
    }

    // Not marked, so clients cannot call it.
    fn group(&self) -> Result<&Group> {
        self.group
            .get()
            .ok_or_else(|| Error::internal("the room is not open"))
    }
}
// ANCHOR_END: component

// ANCHOR: run
/// Serves the room until the process is told to stop.
///
/// # Errors
///
/// When the server cannot start.
pub async fn run() -> Result<ShutdownReport, StartError> {
    Server::builder()
        .register(Room::default())
        .listen(tcp("0.0.0.0:3250"))
        .listen(ws("0.0.0.0:3251"))
        .run()
        .await
}
// ANCHOR_END: run

/// Groups beyond the room.
///
/// # Errors
///
/// When the session has ended.
pub fn teams(server: &Handle, session: &Session) -> Result<usize> {
    // ANCHOR: group
    let red = match server.group("red") {
        Some(group) => group,
        None => server.create_group("red")?,
    };
    match red.join(session) {
        Ok(()) | Err(GroupError::AlreadyMember) => {}
        Err(error) => return Err(error.into()),
    }
    let reached = red.multicast(
        ON_LINE,
        &Line {
            text: "ready?".into(),
        },
        |member| member != session,
    )?;
    // ANCHOR_END: group
    Ok(reached)
}

// ANCHOR: middleware
/// Lets nobody speak who has not joined.
///
/// # Errors
///
/// `ROOM-002` for who has not, and the handler's own.
pub async fn joined_first(call: Call, next: Next) -> Reply {
    if call.route() != "room.join" && call.session().uid().is_none() {
        return Err(Error::new("ROOM-002", "join first"));
    }
    next.run(call).await
}
// ANCHOR_END: middleware

// ANCHOR: validator
/// Binds who brings a token, and refuses who does not.
///
/// # Errors
///
/// The refusal.
pub async fn check_token(session: Session) -> Result<(), Close> {
    let refused = || Close::new(CloseCode::REFUSED).with_reason("sign in first");
    let token = session
        .handshake()
        .user
        .get("token")
        .and_then(|token| token.as_str());
    let uid = token
        .and_then(|token| token.strip_prefix("valid-"))
        .ok_or_else(refused)?;
    session.bind(uid).await.map_err(|_| refused())
}
// ANCHOR_END: validator

/// A server with both.
pub fn guarded() -> ServerBuilder {
    // ANCHOR: guarded
    let server = Server::builder()
        .register(Room::default())
        .wrap(joined_first)
        .validate(check_token);
    // ANCHOR_END: guarded
    server
}

/// A component without the macro.
#[must_use]
pub fn without_macro() -> Functions {
    // ANCHOR: functions
    let room = Functions::new("room")
        .request(JOIN, async |session: Session, join: Join| {
            session.bind(&join.name).await?;
            Result::Ok(Joined {
                members: vec![join.name],
            })
        })
        .notify(SAY, async |session: Session, line: Line| {
            session.push(ON_LINE, &line)
        });
    // ANCHOR_END: functions
    room
}
