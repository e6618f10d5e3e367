//! Payloads of servers that speak protobuf.

use pitaya_server::protocol::{Both, Protobuf, Raw};
use pitaya_server::{Component, Result, Session, component};
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, prost::Message)]
struct Position {
    #[prost(uint32, tag = "1")]
    x: u32,
}

#[derive(Clone, PartialEq, prost::Message, Serialize, Deserialize)]
struct Line {
    #[prost(string, tag = "1")]
    text: String,
}

struct World;

#[component(serializers = Protobuf)]
impl World {
    #[request]
    async fn walk(&self, _session: &Session<Protobuf>, to: Position) -> Result<Position> {
        Ok(to)
    }
}

struct Chat;

#[component("chat", serializers = Both)]
impl Chat {
    #[request]
    async fn say(&self, _session: &Session<Both>, line: Line) -> Result<Line> {
        Ok(line)
    }

    #[notify]
    async fn shout(&self, _raw: Raw) {}
}

#[test]
fn every_set_of_serializers_has_components() {
    let world: &dyn Component<Protobuf> = &World;
    assert_eq!(world.name(), "world");
    let chat: &dyn Component<Both> = &Chat;
    assert_eq!(chat.endpoints().len(), 2);
}
