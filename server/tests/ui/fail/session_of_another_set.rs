#![allow(unused_imports, unused_variables, reason = "only the errors matter")]

use pitaya_server::{Result, Session, component};

struct Room;

#[component("room", serializers = pitaya_server::protocol::Both)]
impl Room {
    #[request]
    async fn join(&self, session: &Session) -> Result<u32> {
        Ok(1)
    }
}

fn main() {}
