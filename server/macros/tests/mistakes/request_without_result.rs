#![allow(unused_imports, unused_variables, reason = "only the errors matter")]

use pitaya_server::{Result, Session, component};

struct Room;

#[component("room")]
impl Room {
    #[request]
    async fn count(&self) -> u32 {
        1
    }

    #[request]
    async fn leave(&self) {}

    #[request]
    async fn name(&self) -> Result<&str> {
        Ok("room")
    }
}

fn main() {}
