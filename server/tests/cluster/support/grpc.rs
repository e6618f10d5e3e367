//! Buses over gRPC in one process, with an inbox that a test can read.

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use pitaya_protocol::cluster::{
    BindMsg, Error as Fault, KickMsg, Member, Msg, Push, Request, Response,
};
use pitaya_protocol::codes;
use pitaya_server::Error;
use pitaya_server::cluster::{
    BindingStore, Bus, GrpcBus, GrpcConfig, Inbox, Members, MemoryBindings, Reply,
};
use tokio::sync::{mpsc, watch};

/// Longer than anything takes that works.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// A uid of which no frontend has a session.
pub(crate) const STRANGER: &str = "stranger";

/// What came that is no request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    Push(Push),
    Kick(KickMsg),
    Bound(BindMsg),
    Undecodable(&'static str),
}

type OnRequest = Box<dyn Fn(Request, Reply) + Send + Sync>;

struct TestInbox {
    on_request: OnRequest,
    events: mpsc::UnboundedSender<Event>,
}

impl TestInbox {
    fn tell(&self, event: Event) {
        drop(self.events.send(event));
    }

    fn take(&self, uid: &str, event: Event) -> Result<(), Error> {
        if uid == STRANGER {
            return Err(Error::new(codes::UNKNOWN, "session not found"));
        }
        self.tell(event);
        Ok(())
    }
}

impl Inbox for TestInbox {
    fn request(&self, request: Request, reply: Reply) {
        (self.on_request)(request, reply);
    }

    fn push(&self, push: Push) -> Result<(), Error> {
        self.take(&push.uid.clone(), Event::Push(push))
    }

    fn kick(&self, kick: KickMsg) -> Result<(), Error> {
        self.take(&kick.user_id.clone(), Event::Kick(kick))
    }

    fn bound(&self, binding: BindMsg) {
        self.tell(Event::Bound(binding));
    }

    fn undecodable(&self, what: &'static str, _: &dyn fmt::Display) -> Response {
        self.tell(Event::Undecodable(what));
        error(codes::BAD_REQUEST, "this is no request")
    }
}

/// Servers that know each other.
pub(crate) struct Cluster {
    pub(crate) table: MemoryBindings,
    members: watch::Sender<Members>,
}

/// One of them.
pub(crate) struct Node {
    pub(crate) bus: GrpcBus,
    pub(crate) me: Member,
    pub(crate) events: mpsc::UnboundedReceiver<Event>,
}

impl Cluster {
    pub(crate) fn new() -> Self {
        Self {
            table: MemoryBindings::default(),
            members: watch::Sender::default(),
        }
    }

    /// A server that answers requests with their own data.
    pub(crate) async fn start(&self, server_type: &str, id: &str) -> Node {
        self.start_with(server_type, id, config(), echo).await
    }

    pub(crate) async fn start_with(
        &self,
        server_type: &str,
        id: &str,
        config: GrpcConfig,
        on_request: impl Fn(Request, Reply) + Send + Sync + 'static,
    ) -> Node {
        let bus = GrpcBus::new(config, Arc::new(self.table.of_the_same_table())).expect("a port");
        bus.follow(self.members.subscribe());
        let mut me = Member::new(server_type, id);
        bus.describe(&mut me);
        let (events, heard) = mpsc::unbounded_channel();
        let inbox = TestInbox {
            on_request: Box::new(on_request),
            events,
        };
        let started = bus.start(me.clone(), Arc::new(inbox)).await;
        started.expect("a start");
        self.enter(&me);
        Node {
            bus,
            me,
            events: heard,
        }
    }

    pub(crate) fn enter(&self, member: &Member) {
        self.members.send_modify(|members| {
            let others = members.iter().cloned();
            *members = others.chain([Arc::new(member.clone())]).collect();
        });
    }

    pub(crate) fn remove(&self, id: &str) {
        self.members.send_modify(|members| {
            let all = members.iter().cloned();
            *members = all.filter(|member| member.id != id).collect();
        });
    }

    /// Waits until the table says that the user is there.
    pub(crate) async fn bound_at(&self, frontend_type: &str, uid: &str, server: Option<&str>) {
        until(async || {
            let found = self.table.get(frontend_type, uid).await;
            found.expect("a table").as_deref() == server
        })
        .await;
    }
}

impl Node {
    pub(crate) async fn next(&mut self) -> Event {
        let event = tokio::time::timeout(LONG, self.events.recv()).await;
        event.expect("an event in time").expect("an open inbox")
    }
}

/// Waits until it is so, which nothing tells.
pub(crate) async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let waits = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONG, waits)
        .await
        .expect("it is never so");
}

/// Free ports of this machine alone.
pub(crate) fn config() -> GrpcConfig {
    let mut config = GrpcConfig::default();
    config.listen = Ipv4Addr::LOCALHOST.into();
    config.port = 0;
    config
}

pub(crate) fn echo(request: Request, reply: Reply) {
    let data = request.msg.unwrap_or_default().data;
    reply.send(answer(data));
}

pub(crate) fn request(data: impl Into<Vec<u8>>) -> Request {
    let msg = Msg {
        route: "room.room.join".to_owned(),
        data: data.into().into(),
        ..Msg::default()
    };
    Request {
        msg: Some(msg),
        metadata: b"{}".as_slice().into(),
        ..Request::default()
    }
}

pub(crate) fn answer(data: impl Into<bytes::Bytes>) -> Response {
    Response {
        data: data.into(),
        ..Response::default()
    }
}

pub(crate) fn error(code: &str, message: &str) -> Response {
    let fault = Fault {
        code: code.to_owned(),
        msg: message.to_owned(),
        ..Fault::default()
    };
    Response {
        error: Some(fault),
        ..Response::default()
    }
}

pub(crate) fn push(uid: &str, data: &str) -> Push {
    Push {
        route: "onMessage".to_owned(),
        uid: uid.to_owned(),
        data: data.to_owned().into(),
    }
}

/// The code of an answer that is an error.
pub(crate) fn code(response: &Response) -> &str {
    response.error.as_ref().map_or("", |error| &error.code)
}
