//! Rooms that move: when the server of a room has gone, or one comes that takes it over, the first player who says something opens the
//! room there. That server tells the others, so that the old one forgets the room and the gates bring in the rest of its players.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chat::contract::{Nothing, WHO};
use chat::room::room_of;
use pitaya_server::protocol::Remote;
use pitaya_server::{Functions, Handle, Session};

/// Tells a gate that a server has opened the room of this name.
const FOR_GATES: Remote<String, ()> = Remote::new("gate.moves.opened");
/// Tells a room server that another one has opened the room of this name.
const FOR_ROOMS: Remote<String, ()> = Remote::new("room.moves.opened");

/// Time between two moves of one room. For a moment gates can differ on where a room is; it must not go back and forth as fast as it can.
const PAUSE: Duration = Duration::from_secs(1);

/// Tells the other servers that this one has opened a room.
pub(crate) fn tell(server: &Handle, room: &str) {
    let (here, room) = (server.clone(), room.to_owned());
    server.spawn(async move {
        let (rooms, gates) = tokio::join!(
            here.rpc_all(FOR_ROOMS, &room),
            here.rpc_all(FOR_GATES, &room)
        );
        for (member, told) in [rooms, gates].into_iter().flatten().flatten() {
            if let Err(error) = told {
                // One that has crashed is listed for a while. It has nobody left.
                tracing::debug!(server = %member.id, %error, "not told of an opened room");
            }
        }
    });
}

/// What a room server does then: it forgets the room. The players are still connected, so nobody is told that they have left.
pub(crate) fn at_rooms() -> Functions {
    Functions::new("moves").remote(FOR_ROOMS, async |server: Handle, room: String| {
        server.remove_group(&room);
        Ok(())
    })
}

/// What a gate does then: it brings in the room's players.
pub(crate) fn at_gates() -> Functions {
    let moves = Moves::default();
    Functions::new("moves").remote(FOR_GATES, move |gate: Handle, room: String| {
        let moves = moves.clone();
        async move {
            if !players(&gate, &room).is_empty() && moves.begin(&room) {
                gate.clone().spawn(bring_in(gate, room, moves));
            }
            Ok(())
        }
    })
}

/// Asks, in the name of each of the room's players, who is there: whoever is not there yet is let in by that.
async fn bring_in(gate: Handle, room: String, moves: Moves) {
    loop {
        for session in players(&gate, &room) {
            gate.spawn(async move {
                if let Err(error) = session.forward(WHO, &Nothing {}).await {
                    tracing::debug!(%error, "a player is not brought in; its next message will do that");
                }
            });
        }
        tokio::time::sleep(PAUSE).await;
        if moves.end(&room) {
            return;
        }
    }
}

fn players(gate: &Handle, room: &str) -> Vec<Session> {
    let is_there = |session: &Session| room_of(session).is_some_and(|its| its == room);
    gate.sessions().into_iter().filter(is_there).collect()
}

/// The rooms that have moved in the last moment, and whether they have moved again since.
#[derive(Clone, Default)]
struct Moves(Arc<Mutex<HashMap<String, bool>>>);

impl Moves {
    /// Whether this is the room's only move at present.
    fn begin(&self, room: &str) -> bool {
        let mut rooms = self.rooms();
        match rooms.get_mut(room) {
            Some(again) => {
                *again = true;
                false
            }
            None => rooms.insert(room.to_owned(), false).is_none(),
        }
    }

    /// Whether the room has not moved again.
    fn end(&self, room: &str) -> bool {
        let mut rooms = self.rooms();
        match rooms.get_mut(room) {
            Some(again) if *again => {
                *again = false;
                false
            }
            _ => {
                rooms.remove(room);
                true
            }
        }
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<String, bool>> {
        // Nothing panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
