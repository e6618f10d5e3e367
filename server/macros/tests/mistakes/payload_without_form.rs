#![allow(unused_imports, unused_variables, reason = "only the errors matter")]

use pitaya_server::{Result, Session, component};

struct Room;

struct Join {
    name: String,
}

#[derive(serde::Deserialize)]
struct Line;

#[component("room")]
impl Room {
    #[request]
    async fn join(&self, session: &Session, join: Join) -> Result<u32> {
        Ok(1)
    }

    #[notify]
    async fn say(&self, lines: Vec<Join>) {}
}

struct Shop;

#[component("shop", serializers = pitaya_server::protocol::Both)]
impl Shop {
    #[notify]
    async fn buy(&self, line: Line) {}
}

fn main() {}
