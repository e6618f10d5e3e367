//! What clients ask, and where it is answered.

use std::fs::File;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pitaya_client::Request;
use pitaya_server::{Functions, Session};
use serde::{Deserialize, Serialize};

/// Answered by the gate itself.
pub(crate) const LOCAL: Request<u64, u64> = Request::new("gate.echo");
/// Answered by a room, with the room's id.
pub(crate) const REMOTE: Request<Work, String> = Request::new("room.room.work");

/// Something to do that must not be done twice.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Work {
    /// Tells it from all other work of the trial.
    pub(crate) number: u64,
    /// How long it takes, in milliseconds.
    pub(crate) millis: u64,
}

pub(crate) fn gate() -> Functions {
    Functions::new("gate").request(LOCAL, async |_: Session, number: u64| Ok(number))
}

/// A room that notes each number it begins to work on in `handled`, one in a line.
pub(crate) fn room(id: String, handled: Option<File>) -> Functions {
    let work = Request::<Work, String>::new("room.work");
    let handled = Arc::new(handled.map(Mutex::new));
    Functions::new("room").request(work, move |_: Session, work: Work| {
        let (id, handled) = (id.clone(), Arc::clone(&handled));
        async move {
            if let Some(file) = &*handled {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                writeln!(file, "{}", work.number)?;
            }
            tokio::time::sleep(Duration::from_millis(work.millis)).await;
            Ok(id)
        }
    })
}
