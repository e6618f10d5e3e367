//! The JSON server's component.
#![allow(
    clippy::unused_async,
    reason = "endpoints are async whether they wait or not"
)]

use pitaya_server::{
    Error, Result, Session, component,
    protocol::{Push, Raw},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What `sendpush` pushes, in this order of members.
#[derive(Debug, Serialize)]
struct Pushed {
    key1: u32,
    key2: bool,
}

const SOME_PUSH: Push<Pushed> = Push::new("some.push.route");

/// The key that holds what a client has set: it reads back exactly that, while the session's own data always has more in it.
const SET: &str = "set by the client";

#[derive(Debug, Deserialize, Serialize)]
struct SessionData {
    // Go reads members in any case.
    #[serde(rename = "Data", alias = "data", default)]
    data: Map<String, Value>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Response {
    code: u16,
    msg: &'static str,
}

#[derive(Debug)]
pub(super) struct Connector;

#[component("connector")]
impl Connector {
    #[request("getsessiondata")]
    async fn get_session_data(&self, session: &Session) -> Result<SessionData> {
        let data = session.get(SET)?.unwrap_or_else(|| session.data());
        Ok(SessionData { data })
    }

    #[request("setsessiondata")]
    async fn set_session_data(&self, session: &Session, given: SessionData) -> Result<Response> {
        session.set(SET, &given.data)?;
        Ok(Response {
            code: 200,
            msg: "success",
        })
    }

    #[request("sendpush")]
    async fn send_push(&self, session: &Session) -> Result<Response> {
        session.push(
            SOME_PUSH,
            &Pushed {
                key1: 10,
                key2: true,
            },
        )?;
        Ok(Response {
            code: 200,
            msg: "Ok",
        })
    }

    #[request("gethandshakedata")]
    async fn get_handshake_data(&self, session: &Session) -> Result<Raw> {
        Ok(Raw::from(session.handshake().to_json()))
    }

    #[request("geterror")]
    async fn get_error(&self) -> Result<Response> {
        Err(Error::new("PIT-000", "an error that was asked for"))
    }
}
