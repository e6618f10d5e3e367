#![allow(unused_imports, unused_variables, reason = "only the errors matter")]

use pitaya_server::{Result, Session, component};

struct Room;

#[component("room")]
impl Room {
    #[request]
    fn join(session: Session, name: &str, age: u32) -> u32 {
        1
    }

    #[notify(fast)]
    async fn say(&self, line: String) {}
}

fn main() {}
