#![allow(unused_imports, unused_variables, reason = "only the errors matter")]

use pitaya_server::{Result, Session, component};

struct Room;

#[component("room")]
impl Room {
    #[request]
    async fn join(&self, session: &Session) -> Result<u32> {
        let count = std::rc::Rc::new(1);
        std::future::ready(()).await;
        Ok(*count)
    }
}

fn main() {}
