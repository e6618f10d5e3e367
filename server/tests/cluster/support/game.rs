//! A game of gates and rooms in one process.

use pitaya_protocol::{Notify, Push, Remote, Request};
use pitaya_server::cluster::memory::Hub;
use pitaya_server::cluster::{Cluster, ClusterConfig, Context};
use pitaya_server::testing::TestServer;
use pitaya_server::{Error, Functions, Server, ServerBuilder, Session};
use serde_json::{Value, json};

pub(crate) const WHO: Request<(), Value> = Request::new("room.room.who");
pub(crate) const ECHO: Request<Value, Value> = Request::new("room.room.echo");
pub(crate) const BIND: Request<String, ()> = Request::new("room.room.bind");
pub(crate) const JOIN: Request<(), ()> = Request::new("room.room.join");
pub(crate) const SAY: Notify<String> = Notify::new("room.room.say");
pub(crate) const SET: Request<(String, Value), ()> = Request::new("room.room.set");
pub(crate) const FAIL: Request<(), ()> = Request::new("room.room.fail");
pub(crate) const PANIC: Request<(), ()> = Request::new("room.room.panic");
pub(crate) const SLOW: Request<u64, ()> = Request::new("room.room.slow");
pub(crate) const LEAVE: Request<(), ()> = Request::new("room.room.leave");
pub(crate) const MEMBERS: Request<(), usize> = Request::new("room.room.members");
pub(crate) const LOCAL_BIND: Request<String, ()> = Request::new("gate.bind");
/// Binds at the gate and joins at a room, in one request.
pub(crate) const ENTER: Request<String, ()> = Request::new("gate.enter");
pub(crate) const LOCAL_DATA: Request<(), Value> = Request::new("gate.data");
pub(crate) const ON_LINE: Push<String> = Push::new("onLine");

pub(crate) const DOUBLE: Remote<u64, u64> = Remote::new("room.room.double");
pub(crate) const REFUSE: Remote<(), ()> = Remote::new("room.room.refuse");
pub(crate) const HANG: Remote<(), ()> = Remote::new("room.room.hang");
/// Answers the entry `season` of the context and the milliseconds that are left.
pub(crate) const CONTEXT: Remote<String, String> = Remote::new("room.room.context");

/// The part of the game that rooms have.
pub(crate) fn room() -> Functions {
    let functions = Functions::new("room")
        .request(local(&WHO), async |session: Session, (): ()| {
            Ok(json!({
                "server": session.server().server_id(),
                "uid": session.uid().as_deref(),
                "data": session.data(),
                "address": session.peer().address().map(|address| address.to_string()),
            }))
        })
        .request(local(&ECHO), async |_: Session, value: Value| Ok(value))
        .request(local(&BIND), async |session: Session, uid: String| {
            Ok(session.bind(&uid).await?)
        })
        .request(local(&JOIN), async |session: Session, (): ()| {
            let server = session.server();
            let group = server
                .group("all")
                .map_or_else(|| server.create_group("all"), Ok)?;
            Ok(group.join(&session)?)
        })
        .request(local(&MEMBERS), async |session: Session, (): ()| {
            Ok(session.server().group("all").map_or(0, |group| group.len()))
        });
    let say = Notify::<String>::new("room.say");
    functions
        .notify(say, async |session: Session, line: String| {
            let group = session
                .server()
                .group("all")
                .ok_or_else(|| Error::new("ROOM-1", "nobody is here"))?;
            group.broadcast(ON_LINE, &line)?;
            Ok::<_, Error>(())
        })
        .request(
            local(&SET),
            async |session: Session, (key, value): (String, Value)| {
                if value.is_null() {
                    session.remove(&key);
                } else {
                    session.set(key, &value)?;
                }
                Ok(())
            },
        )
        .request(
            local(&FAIL),
            async |_: Session, (): ()| -> Result<(), Error> {
                Err(Error::new("ROOM-7", "no entry").with("seats", "4"))
            },
        )
        .request(
            local(&PANIC),
            async |_: Session, (): ()| -> Result<(), Error> { panic!("a bug") },
        )
        .request(local(&SLOW), async |_: Session, millis: u64| {
            tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
            Ok(())
        })
        .request(local(&LEAVE), async |session: Session, (): ()| {
            session.kick("enough").await;
            Ok(())
        })
        .remote(DOUBLE, async |_, number: u64| Ok(number * 2))
        .remote(REFUSE, async |_, (): ()| -> Result<(), Error> {
            Err(Error::new("ROOM-9", "not now").with("some", "meta"))
        })
        .remote(HANG, async |_, (): ()| {
            std::future::pending::<()>().await;
            Ok(())
        })
        .remote(CONTEXT, async |_, key: String| {
            let context = Context::current();
            let left = context
                .deadline()
                .map(|deadline| deadline - tokio::time::Instant::now());
            let value = context.metadata().get(&key).cloned().unwrap_or_default();
            Ok(format!("{value} {}", left.unwrap_or_default().as_millis()))
        })
}

/// A route as the component has it: without its server type.
fn local<Req, Res>(route: &Request<Req, Res>) -> Request<Req, Res> {
    let (_, local) = route.route().split_once('.').expect("three parts");
    Request::parse(local).expect("a route")
}

/// The part of the game that gates have.
pub(crate) fn gate() -> Functions {
    Functions::new("gate")
        .request(ENTER, async |session: Session, uid: String| {
            session.bind(&uid).await?;
            session.forward(JOIN, &()).await
        })
        .request(LOCAL_BIND, async |session: Session, uid: String| {
            Ok(session.bind(&uid).await?)
        })
        .request(LOCAL_DATA, async |session: Session, (): ()| {
            Ok(Value::Object(session.data()))
        })
}

/// A builder of one type of server.
pub(crate) fn server(server_type: &str) -> ServerBuilder {
    Server::builder().configure(|config| server_type.clone_into(&mut config.server_type))
}

/// A gate with this id.
pub(crate) async fn start_gate(hub: &Hub, id: &str) -> TestServer {
    let mut config = ClusterConfig::default();
    config.services.insert("room".into(), "room".into());
    let cluster = Cluster::frontend(hub.bus(), hub.discovery())
        .id(id)
        .config(config);
    let gate = server("gate").register(gate()).cluster(cluster);
    TestServer::start(gate).await.expect("a gate")
}

/// A room with this id.
pub(crate) async fn start_room(hub: &Hub, id: &str) -> TestServer {
    start_room_with(hub, id, ClusterConfig::default()).await
}

/// A room with this id and these settings.
pub(crate) async fn start_room_with(hub: &Hub, id: &str, config: ClusterConfig) -> TestServer {
    let cluster = Cluster::backend(hub.bus(), hub.discovery())
        .id(id)
        .config(config);
    let room = server("room").register(room()).cluster(cluster);
    TestServer::start(room).await.expect("a room")
}
