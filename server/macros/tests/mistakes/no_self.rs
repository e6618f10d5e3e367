#![allow(unused_imports, unused_variables, reason = "only the errors matter")]

use pitaya_server::{Result, Session, component};

struct Room;

#[component("room")]
impl Room {
    #[request]
    async fn join(session: &Session, name: String) -> Result<u32> {
        Ok(1)
    }

    #[notify]
    async fn say(&mut self, line: String) {}
}

fn main() {}
