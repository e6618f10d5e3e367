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

// The compiler writes a type's path out when its name is not the only one of its kind, which depends on the features
// that the server is built with.
#[allow(dead_code, reason = "only the names matter")]
mod names {
    pub struct Body;
    pub struct Session;
}

fn main() {}
