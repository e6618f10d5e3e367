//! A server on NATS without a game: what others send it, the test hears.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, RequestErrorKind, Subscriber};
use bytes::Bytes;
use pitaya_server::Error;
use pitaya_server::cluster::{Bus as _, Inbox, NatsBus, NatsConfig, Reply};
use pitaya_server::protocol::cluster::{
    self, BindMsg, KickMsg, Member, Msg, Push, Request, Response, RpcType,
};
use tokio::sync::mpsc;

use crate::support::nats::Nats;

/// Longer than anything takes; only a test that fails waits so long.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// A started bus.
#[derive(Debug)]
pub(crate) struct Rig {
    pub(crate) bus: Arc<NatsBus>,
    pub(crate) me: Member,
    heard: mpsc::UnboundedReceiver<Heard>,
}

/// What others sent.
#[derive(Debug)]
pub(crate) enum Heard {
    Request(Request, Reply),
    Push(Push),
    Kick(KickMsg),
    Bound(BindMsg),
    Undecodable(&'static str),
}

impl Rig {
    pub(crate) async fn start(nats: &Nats, server_type: &str, id: &str) -> Self {
        Self::start_with(NatsConfig::new(nats.url()), server_type, id).await
    }

    pub(crate) async fn start_with(config: NatsConfig, server_type: &str, id: &str) -> Self {
        Self::start_bus(NatsBus::new(config), server_type, id).await
    }

    pub(crate) async fn start_bus(bus: NatsBus, server_type: &str, id: &str) -> Self {
        let (sender, heard) = mpsc::unbounded_channel();
        let me = Member::new(server_type, id);
        let started = bus.start(me.clone(), Arc::new(Recorder(sender))).await;
        started.expect("the engine is there");
        let bus = Arc::new(bus);
        Self { bus, me, heard }
    }

    /// The next thing that others sent.
    pub(crate) async fn next(&mut self) -> Heard {
        let heard = tokio::time::timeout(SOON, self.heard.recv()).await;
        heard.expect("something comes").expect("the bus lives")
    }

    pub(crate) async fn next_request(&mut self) -> (Request, Reply) {
        match self.next().await {
            Heard::Request(request, reply) => (request, reply),
            other => panic!("a request, not {other:?}"),
        }
    }

    /// Whether nothing came that was not looked at.
    pub(crate) fn is_quiet(&mut self) -> bool {
        self.heard.try_recv().is_err()
    }

    /// Answers every request with its own data, from now on.
    pub(crate) fn echo(mut self) -> tokio::task::JoinHandle<Self> {
        tokio::spawn(async move {
            while let Some(heard) = self.heard.recv().await {
                if let Heard::Request(request, reply) = heard {
                    reply.send(response(&data(&request)));
                }
            }
            self
        })
    }

    /// Waits until the bus knows that its engine is there, or away.
    pub(crate) async fn until_up(&self, up: bool) {
        let changed = async {
            // The bus tells nobody when it changes; its users look.
            while self.bus.is_up() != up {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let changed = tokio::time::timeout(SOON, changed).await;
        changed.unwrap_or_else(|_| panic!("is_up() does not become {up}"));
    }
}

/// Tells the test everything. The user `absent` has no session.
struct Recorder(mpsc::UnboundedSender<Heard>);

impl Recorder {
    fn tell(&self, heard: Heard) {
        // The test may have ended.
        let _ = self.0.send(heard);
    }
}

fn present(uid: &str) -> Result<(), Error> {
    if uid == "absent" {
        return Err(Error::new("PIT-000", "session not found").with("uid", uid));
    }
    Ok(())
}

impl Inbox for Recorder {
    fn request(&self, request: Request, reply: Reply) {
        self.tell(Heard::Request(request, reply));
    }

    fn push(&self, push: Push) -> Result<(), Error> {
        let present = present(&push.uid);
        self.tell(Heard::Push(push));
        present
    }

    fn kick(&self, kick: KickMsg) -> Result<(), Error> {
        let present = present(&kick.user_id);
        self.tell(Heard::Kick(kick));
        present
    }

    fn bound(&self, binding: BindMsg) {
        self.tell(Heard::Bound(binding));
    }

    fn undecodable(&self, what: &'static str, cause: &dyn fmt::Display) -> Response {
        self.tell(Heard::Undecodable(what));
        let error = cluster::Error {
            code: "PIT-400".to_owned(),
            msg: cause.to_string(),
            ..Default::default()
        };
        Response {
            error: Some(error),
            ..Response::default()
        }
    }
}

/// Hears nothing.
#[derive(Debug)]
pub(crate) struct Deaf;

impl Inbox for Deaf {
    fn request(&self, _: Request, _: Reply) {}

    fn push(&self, _: Push) -> Result<(), Error> {
        Ok(())
    }

    fn kick(&self, _: KickMsg) -> Result<(), Error> {
        Ok(())
    }

    fn bound(&self, _: BindMsg) {}

    fn undecodable(&self, _: &'static str, _: &dyn fmt::Display) -> Response {
        Response::default()
    }
}

/// A call of a remote method with this argument.
pub(crate) fn request(data: impl Into<Vec<u8>>) -> Request {
    Request {
        r#type: RpcType::User.into(),
        msg: Some(Msg {
            route: "room.room.echo".to_owned(),
            data: data.into().into(),
            ..Msg::default()
        }),
        metadata: b"{}".to_vec().into(),
        ..Request::default()
    }
}

pub(crate) fn data(request: &Request) -> Vec<u8> {
    let message = request.msg.as_ref().expect("the bus looks");
    message.data.to_vec()
}

pub(crate) fn response(data: &[u8]) -> Response {
    Response {
        data: data.to_vec().into(),
        ..Response::default()
    }
}

/// The code of an answer that says no.
pub(crate) fn refused(response: &Response) -> &str {
    let error = response.error.as_ref().expect("an error");
    &error.code
}

/// A client that is none of ours, as peers in other languages have.
pub(crate) async fn peer(nats: &Nats) -> Client {
    let peer = async_nats::connect(nats.url()).await;
    peer.expect("the engine is there")
}

/// Asks as a peer does.
pub(crate) async fn ask(peer: Client, subject: &'static str, payload: Bytes) -> Bytes {
    let answer = peer.request(subject, payload).await;
    answer.expect("an answer").payload
}

/// Listens as a peer does. The engine has the subscription when this returns.
pub(crate) async fn subscribe(peer: &Client, subject: &'static str) -> Subscriber {
    let subscriber = peer.subscribe(subject).await.expect("a subscription");
    until_heard(peer).await;
    subscriber
}

/// Whether somebody listens there, who is sent bytes that are no message.
pub(crate) async fn is_heard(peer: &Client, subject: &str) -> bool {
    loop {
        // One who leaves in this moment does not answer any more.
        let asked = async_nats::Request::new()
            .payload("\u{7}".into())
            .timeout(Some(Duration::from_millis(100)));
        match peer.send_request(subject.to_owned(), asked).await {
            Ok(_) => return true,
            Err(error) if error.kind() == RequestErrorKind::NoResponders => return false,
            Err(_) => {}
        }
    }
}

/// Waits until the engine has taken everything that this peer sent.
pub(crate) async fn until_heard(peer: &Client) {
    let nobody = peer.request("nobody.there", Bytes::new()).await;
    nobody.expect_err("nobody answers there");
}
