#![allow(unused_imports, unused_variables, reason = "only the errors matter")]

use pitaya_server::{Result, Session, component};

struct Room;

#[component("room")]
impl Room {
    #[notify]
    async fn say(&self, line: String) -> u32 {
        1
    }

    #[notify]
    async fn shout(&self, line: String) -> Result<String> {
        Ok(line)
    }
}

fn main() {}
