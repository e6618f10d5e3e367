#![allow(unused_imports, unused_variables, reason = "only the errors matter")]

use pitaya_server::{Result, Session, component};

struct Room;

#[component("room")]
impl Room {
    #[request]
    async fn two_payloads(&self, session: &Session, name: String, age: u32) -> Result<u32> {
        Ok(age)
    }

    #[request]
    async fn payload_first(&self, name: String, session: &Session) -> Result<u32> {
        Ok(1)
    }

    #[request]
    async fn owned_session(&self, session: Session) -> Result<u32> {
        Ok(1)
    }

    #[request]
    async fn borrowed_payload(&self, name: &str) -> Result<u32> {
        Ok(1)
    }

    #[notify]
    async fn any_payload(&self, name: impl Sized) {}
}

fn main() {}
