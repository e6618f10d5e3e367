#![allow(unused_imports, unused_variables, reason = "only the errors matter")]

use pitaya_server::{Result, Session, component};

struct Room;

struct Joined {
    members: u32,
}

struct Refusal;

#[component("room")]
impl Room {
    #[request]
    async fn join(&self, session: &Session) -> Result<Joined> {
        Ok(Joined { members: 1 })
    }

    #[request]
    async fn leave(&self) -> Result<u32, Refusal> {
        Err(Refusal)
    }
}

fn main() {}
