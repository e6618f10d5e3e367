#![allow(unused_imports, unused_variables, reason = "only the errors matter")]

use pitaya_server::{Result, Session, component};

struct Room;

#[component("room")]
impl Room {
    #[request]
    async fn join(&self, session: &Session) -> Result<u32> {
        Ok(1)
    }
}

struct Shop;

fn register(_: impl pitaya_server::Component) {}

fn register_shop() {
    register(Room);
    register(Shop);
}

fn main() {}
