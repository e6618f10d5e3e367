#![allow(unused_imports, unused_variables, reason = "only the errors matter")]

use pitaya_server::{Result, Session, component};

struct Room;

#[component("room", serialisers = Both)]
impl Room {
    #[request(concurent)]
    async fn join(&self, session: &Session) -> Result<u32> {
        Ok(1)
    }

    #[request("a", JOIN)]
    async fn two_names(&self) -> Result<u32> {
        Ok(1)
    }

    #[request = "enter"]
    async fn enter(&self) -> Result<u32> {
        Ok(1)
    }

    #[request]
    #[notify]
    async fn both(&self) -> Result<()> {
        Ok(())
    }

    #[request("room.leave")]
    async fn leave(&self) -> Result<u32> {
        Ok(1)
    }
}

struct Shop;

#[component("shop", rename_all = "UPPERCASE")]
impl Shop {}

#[component("")]
impl Shop {}

fn main() {}
