//! The service `testsvc`, which clients call.

use pitaya_server::cluster::RpcError;
use pitaya_server::protocol::{
    Json, Notify, Protobuf, Push, Raw, Remote, Request, SerializerSet, codes,
};
use pitaya_server::{Error, Functions, Group, GroupError, Session};

use super::messages::{RpcRequest, SendToUsers, TestRequest, TestResponse};

/// The group that every server has.
pub(super) const GROUP: &str = "g1";
const ROUTE_RAW: Push<Raw> = Push::new("route.test");
const ROUTE_PTR: Push<TestRequest> = Push::new("route.testptr");
const ROUTE_USERS: Push<Raw> = Push::new("route.sendtousers");

fn ack() -> Raw {
    Raw::from("ack")
}

/// A text that came as raw bytes.
fn text(raw: &Raw) -> String {
    String::from_utf8_lossy(&raw.0).into_owned()
}

fn null_reply() -> Error {
    Error::new(codes::UNKNOWN, "reply must not be null")
}

fn failed(code: &'static str, cause: impl std::fmt::Display) -> Error {
    Error::new(code, cause.to_string())
}

fn remote<Req, Res>(route: String) -> Result<Remote<Req, Res>, Error> {
    Remote::parse(route).map_err(|error| failed(codes::UNKNOWN, error))
}

macro_rules! service {
    ($name:ident, $set:ty) => {
        /// The handlers for this serializer.
        pub(super) fn $name() -> Functions<$set> {
            Functions::<$set>::new("testsvc")
                .request(
                    Request::new("testsvc.testrequestonlysessionreturnsptr"),
                    async |_: Session<$set>, _: Raw| Ok(TestResponse::ok("hello")),
                )
                .request(
                    Request::new("testsvc.testrequestonlysessionreturnsptrnil"),
                    async |_: Session<$set>, _: Raw| Err::<TestResponse, _>(null_reply()),
                )
                .request(
                    Request::new("testsvc.testrequestonlysessionreturnsrawnil"),
                    async |_: Session<$set>, _: Raw| Err::<Raw, _>(null_reply()),
                )
                .request(
                    Request::new("testsvc.testrequestreturnsptr"),
                    async |_: Session<$set>, asked: TestRequest| Ok(TestResponse::ok(asked.msg)),
                )
                .request(
                    Request::new("testsvc.testrequestreturnsraw"),
                    async |_: Session<$set>, asked: TestRequest| Ok(Raw::from(asked.msg)),
                )
                .request(
                    Request::new("testsvc.testrequestreceivereturnsraw"),
                    async |_: Session<$set>, raw: Raw| Ok(raw),
                )
                .request(
                    Request::new("testsvc.testrequestreturnserror"),
                    async |_: Session<$set>, _: Raw| {
                        Err::<Raw, _>(Error::new("PIT-555", "somerror"))
                    },
                )
                .request(
                    Request::new("testsvc.testbind"),
                    async |session: Session<$set>, _: Raw| {
                        let uid = uuid::Uuid::new_v4().to_string();
                        bind(&session, &uid).await?;
                        join(&session)
                    },
                )
                .request(
                    Request::new("testsvc.testbindid"),
                    async |session: Session<$set>, uid: Raw| {
                        bind(&session, &text(&uid)).await?;
                        join(&session)
                    },
                )
                .request(
                    Request::new("testsvc.testonlybindid"),
                    async |session: Session<$set>, uid: Raw| {
                        bind(&session, &text(&uid)).await?;
                        Ok(ack())
                    },
                )
                .notify(
                    Notify::new("testsvc.testsendgroupmsg"),
                    async |session: Session<$set>, raw: Raw| {
                        let group = group(&session)?;
                        group.broadcast(ROUTE_RAW, &raw)?;
                        Ok::<_, Error>(())
                    },
                )
                .notify(
                    Notify::new("testsvc.testsendgroupmsgptr"),
                    async |session: Session<$set>, said: TestRequest| {
                        let group = group(&session)?;
                        group.broadcast(ROUTE_PTR, &said)?;
                        Ok::<_, Error>(())
                    },
                )
                .notify(
                    Notify::new("testsvc.testsendtousers"),
                    async |session: Session<$set>, to: SendToUsers| {
                        let server = session.server();
                        server.push_to(to.uids, ROUTE_USERS, &Raw::from(to.msg))?;
                        Ok::<_, Error>(())
                    },
                )
                .request(
                    Request::new("testsvc.testsendrpc"),
                    async |session: Session<$set>, call: RpcRequest| {
                        let route = remote::<TestRequest, TestResponse>(call.route)?;
                        let argument = TestRequest { msg: call.data };
                        Ok(session.server().rpc(route, &argument).await?)
                    },
                )
                .request(
                    Request::new("testsvc.testsendrpcnoargs"),
                    async |session: Session<$set>, call: RpcRequest| {
                        let route = remote::<(), TestResponse>(call.route)?;
                        let answer: Result<_, RpcError> = session.server().rpc(route, &()).await;
                        Ok(answer?)
                    },
                )
                .request(
                    Request::new("testsvc.testrequestkickuser"),
                    async |session: Session<$set>, uid: Raw| {
                        let sessions = session.server().sessions_of(&text(&uid));
                        if sessions.is_empty() {
                            return Err(Error::new(codes::NOT_FOUND, "user not found"));
                        }
                        for session in sessions {
                            session.kick("").await;
                        }
                        Ok(TestResponse::ok("ok"))
                    },
                )
                .request(
                    Request::new("testsvc.testrequestkickme"),
                    async |session: Session<$set>, _: Raw| {
                        session.kick("").await;
                        Ok(TestResponse::ok("ok"))
                    },
                )
        }
    };
}

service!(json, Json);
service!(protobuf, Protobuf);

async fn bind<S: SerializerSet>(session: &Session<S>, uid: &str) -> Result<(), Error> {
    let bound = session.bind(uid).await;
    bound.map_err(|error| failed("PIT-444", error))
}

fn join<S: SerializerSet>(session: &Session<S>) -> Result<Raw, Error> {
    match group(session)?.join(session) {
        Ok(()) => Ok(ack()),
        Err(error) => Err(failed("PIT-441", error)),
    }
}

fn group<S: SerializerSet>(session: &Session<S>) -> Result<Group<S>, Error> {
    let group = session.server().group(GROUP);
    group.ok_or_else(|| failed("PIT-441", GroupError::Removed))
}
