//! The protobuf server's component and its messages.
#![allow(
    clippy::unused_async,
    reason = "endpoints are async whether they wait or not"
)]

use pitaya_server::{
    Result, Session, component,
    protocol::{Protobuf, Push},
};

use super::big_message::{BigMessage, big_message};

#[derive(Clone, PartialEq, prost::Message)]
struct SessionData {
    #[prost(string, tag = "1")]
    data: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Response {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    msg: String,
}

const SOME_PUSH: Push<SessionData> = Push::new("some.push.route");

fn session_data() -> SessionData {
    SessionData {
        data: "THIS IS THE SESSION DATA".to_owned(),
    }
}

#[derive(Debug)]
pub(super) struct Connector;

#[component("connector", serializers = Protobuf)]
impl Connector {
    #[request("getsessiondata")]
    async fn get_session_data(&self) -> Result<SessionData> {
        Ok(session_data())
    }

    #[request("setsessiondata")]
    async fn set_session_data(
        &self,
        session: &Session<Protobuf>,
        given: SessionData,
    ) -> Result<Response> {
        session.set("data", &given.data)?;
        Ok(Response {
            code: 200,
            msg: "success".to_owned(),
        })
    }

    #[request("getbigmessage")]
    async fn get_big_message(&self) -> Result<BigMessage> {
        Ok(big_message())
    }

    #[notify("notifysessiondata")]
    async fn notify_session_data(&self, session: &Session<Protobuf>, _: SessionData) -> Result<()> {
        Ok(session.push(SOME_PUSH, &session_data())?)
    }
}
