#![allow(unused_imports, unused_variables, reason = "only the errors matter")]

use pitaya_server::{Result, Session, component};

struct Room;

#[component("room")]
impl Room {
    #[request]
    async fn join(&self) -> Result<u32> {
        Ok(1)
    }

    #[request("join")]
    async fn enter(&self, session: &Session) -> Result<u32> {
        Ok(1)
    }
}

fn main() {}
