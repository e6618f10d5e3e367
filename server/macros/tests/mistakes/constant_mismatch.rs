#![allow(unused_imports, unused_variables, reason = "only the errors matter")]

use pitaya_server::{Result, Session, component};

struct Room;

use pitaya_server::protocol::{Notify, Request};

const JOIN: Request<String, u32> = Request::new("room.join");
const SAY: Notify<String> = Notify::new("room.say");

#[component("room")]
impl Room {
    #[request(JOIN)]
    async fn join(&self, session: &Session, age: u32) -> Result<u32> {
        Ok(age)
    }

    #[notify(SAY)]
    async fn say(&self) {}

    #[request(SAY)]
    async fn ask(&self, line: String) -> Result<u32> {
        Ok(1)
    }
}

fn main() {}
