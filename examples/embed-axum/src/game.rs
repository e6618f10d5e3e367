//! The game: a hall whose players wait for its doors to open.

use std::sync::Arc;

use pitaya_server::{
    Error, Handle, Result, Server, ServerBuilder, Session, component,
    protocol::{Push, Request},
};
use tokio::sync::watch;

/// Who the server takes the player for.
pub const WHO: Request<(), String> = Request::new("hall.who");
/// Answered when the doors open.
pub const ENTER: Request<(), String> = Request::new("hall.enter");
/// An announcement of the web program.
pub const ON_ANNOUNCEMENT: Push<String> = Push::new("onAnnouncement");

/// The component. A clone is the same hall.
#[derive(Debug, Clone)]
pub struct Hall {
    doors: Arc<watch::Sender<bool>>,
}

impl Default for Hall {
    fn default() -> Self {
        Self {
            doors: Arc::new(watch::Sender::new(false)),
        }
    }
}

impl Hall {
    /// Opens the doors.
    pub fn open(&self) {
        self.doors.send_replace(true);
    }
}

#[component("hall")]
#[allow(
    clippy::unused_async,
    reason = "a handler is async whether it waits or not"
)]
impl Hall {
    #[request]
    async fn who(&self, session: &Session, _: ()) -> Result<String> {
        let uid = session
            .uid()
            .ok_or_else(|| Error::new("HALL-1", "nobody is logged in"))?;
        Ok(uid.to_string())
    }

    #[request]
    async fn enter(&self, _: &Session, _: ()) -> Result<String> {
        // The hall outlives its sender, so the doors cannot vanish.
        let _ = self.doors.subscribe().wait_for(|open| *open).await;
        Ok("come in".into())
    }
}

/// The game server. It needs no listener: its connections come from the web program.
pub fn game(hall: Hall) -> ServerBuilder {
    Server::builder().register(hall)
}

/// Tells all players, and says how many.
#[must_use]
pub fn announce(game: &Handle, text: &str) -> usize {
    let text = text.to_owned();
    game.sessions()
        .iter()
        .filter(|session| session.push(ON_ANNOUNCEMENT, &text).is_ok())
        .count()
}
