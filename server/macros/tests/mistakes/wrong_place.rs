#![allow(unused_imports, unused_variables, reason = "only the errors matter")]

use pitaya_server::{Result, Session, component, request};

struct Room;

#[component("room")]
struct Lobby;

trait Talk {}

#[component("talk")]
impl Talk for Room {}

#[component]
impl (Room, Room) {}

impl Room {
    #[request]
    async fn join(&self) -> Result<u32> {
        Ok(1)
    }
}

fn main() {}
