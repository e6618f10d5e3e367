//! Everything that a component can have.

use std::sync::Arc;

use pitaya_server::protocol::{Notify, Raw, Request};
use pitaya_server::{
    Component, ComponentExt, EndpointKind, Error, Handle, Result, Session, component,
};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Join {
    name: String,
}

#[derive(Serialize)]
struct Joined {
    members: usize,
}

enum Refusal {
    Full,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Full => Self::new("ROOM-002", "the room is full"),
        }
    }
}

const FIND: Request<Join, Joined> = Request::new("room.findMatch");
static PING: Notify<()> = Notify::new("connector.room.ping");

struct Room;

#[component("room")]
impl Room {
    #[request]
    async fn join(&self, _session: &Session, join: Join) -> Result<Joined> {
        let members = join.name.parse()?;
        Ok(Joined { members })
    }

    #[request("Leave")]
    async fn leave(&self, _session: &Session) -> Result<(), Refusal> {
        Err(Refusal::Full)
    }

    #[request(FIND, concurrent, cancel)]
    async fn find(&self, join: Join) -> Result<Joined, std::num::ParseIntError> {
        Ok(Joined {
            members: join.name.parse()?,
        })
    }

    #[request]
    async fn echo(&self, raw: Raw) -> Result<Raw> {
        Ok(raw)
    }

    #[request]
    async fn r#type(&self) -> Result<&'static str> {
        Ok("room")
    }

    #[notify]
    async fn say(&self, _line: String) {
        self.helper();
    }

    #[notify(PING)]
    async fn ping(&self) -> Result<()> {
        Ok(())
    }

    #[init]
    async fn open(&self, _server: &Handle) -> Result<()> {
        Ok(())
    }

    #[shutdown]
    async fn close(&self) -> Result<(), std::io::Error> {
        Ok(())
    }

    fn helper(&self) {}
}

struct GameShop<T>(T);

#[component(rename_all = "PascalCase")]
impl<T: Send + Sync + Clone + Serialize + 'static> GameShop<T> {
    #[request]
    async fn list_prices(&self) -> Result<T> {
        Ok(self.0.clone())
    }
}

async fn nothing(call: pitaya_server::Call, next: pitaya_server::Next) -> pitaya_server::Reply {
    next.run(call).await
}

#[test]
fn what_is_written_is_what_is_served() {
    let room: &dyn Component = &Room;
    let endpoints = room.endpoints();
    let names: Vec<_> = endpoints.iter().map(|endpoint| endpoint.name()).collect();
    assert_eq!(
        names,
        ["join", "Leave", "findMatch", "echo", "type", "say", "ping"]
    );
    assert_eq!(room.name(), "room");
    assert!(endpoints[2].is_concurrent() && endpoints[2].is_cancelled());
    assert!(!endpoints[0].is_concurrent() && !endpoints[0].is_cancelled());
    assert_eq!(endpoints[0].kind(), EndpointKind::Request);
    assert_eq!(endpoints[6].kind(), EndpointKind::Notify);

    let shop: &dyn Component = &Arc::new(GameShop(7_u32));
    assert_eq!(shop.name(), "GameShop");
    assert_eq!(shop.endpoints()[0].name(), "ListPrices");

    let wrapped: &dyn Component = &Room.wrap(nothing).named("lobby");
    assert_eq!(wrapped.name(), "lobby");
    assert_eq!(wrapped.middleware().len(), 1);
}
