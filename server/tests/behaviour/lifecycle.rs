//! The hooks of components: their order, and what their failures do.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};

use pitaya_server::{
    BoxFuture, Call, Component, Endpoint, Error, Handle, Reply, Result, Server, tcp,
};
use tokio::sync::oneshot;

use crate::support::{Rig, Via};

type Log = Arc<Mutex<Vec<String>>>;

/// A component without the macro: it writes down what happens to it, and fails where it is told to.
struct Part {
    name: &'static str,
    log: Log,
    fails: &'static str,
}

impl Part {
    fn new(name: &'static str, log: &Log) -> Self {
        Self::failing(name, log, "")
    }

    fn failing(name: &'static str, log: &Log, fails: &'static str) -> Self {
        let log = log.clone();
        Self { name, log, fails }
    }

    fn step<'a>(&'a self, step: &'static str, server: &'a Handle) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let sessions = server.session_count();
            let entry = format!("{} {step} {sessions}", self.name);
            self.log.lock().expect("no panic").push(entry);
            if step == self.fails {
                return Err(Error::new("PART-1", "out of luck"));
            }
            Ok(())
        })
    }
}

impl Component for Part {
    fn name(&self) -> Cow<'static, str> {
        self.name.into()
    }

    fn endpoints(&self) -> Vec<Endpoint> {
        vec![Endpoint::request("ping")]
    }

    fn call(self: Arc<Self>, _: usize, call: Call) -> BoxFuture<'static, Reply> {
        Box::pin(async move { call.reply(&"pong") })
    }

    fn init<'a>(&'a self, server: &'a Handle) -> BoxFuture<'a, Result<()>> {
        self.step("init", server)
    }

    fn after_init<'a>(&'a self, server: &'a Handle) -> BoxFuture<'a, Result<()>> {
        self.step("after_init", server)
    }

    fn before_shutdown<'a>(&'a self, server: &'a Handle) -> BoxFuture<'a, Result<()>> {
        assert!(!server.is_running(), "nothing is accepted any more");
        self.step("before_shutdown", server)
    }

    fn shutdown<'a>(&'a self, server: &'a Handle) -> BoxFuture<'a, Result<()>> {
        self.step("shutdown", server)
    }
}

fn logged(log: &Log) -> Vec<String> {
    log.lock().expect("no panic").clone()
}

#[tokio::test]
async fn hooks_run_in_order_and_backwards_at_the_end() {
    let log = Log::default();
    let builder = Server::builder()
        .register(Part::new("a", &log))
        .register(Part::new("b", &log));
    let rig = Rig::start(Via::Memory, builder).await;
    assert_eq!(
        logged(&log),
        ["a init 0", "b init 0", "a after_init 0", "b after_init 0"]
    );
    log.lock().expect("no panic").clear();
    let mut client = rig.client().await;
    assert_eq!(client.request("b.ping", &()).await, Ok("pong".to_owned()));
    let (server, second) = (rig.clone(), rig.clone());
    let both = tokio::join!(server.shutdown(), second.shutdown(), client.closed());
    assert_eq!(both.0.errors, Vec::<String>::new());
    let expected = [
        "b before_shutdown 1",
        "a before_shutdown 1",
        "b shutdown 0",
        "a shutdown 0",
    ];
    assert_eq!(logged(&log), expected);
}

#[tokio::test]
async fn a_component_that_fails_to_start_keeps_the_server_from_starting() {
    for (step, begun) in [("init", 2), ("after_init", 5)] {
        let log = Log::default();
        let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = socket.local_addr().expect("an address").to_string();
        drop(socket);
        let builder = Server::builder()
            .register(Part::new("a", &log))
            .register(Part::failing("b", &log, step))
            .register(Part::new("c", &log))
            .listen(tcp(&*address));
        let error = builder.start().await.expect_err("it fails").to_string();
        assert!(
            error.contains("`b`") && error.contains("out of luck"),
            "{error}"
        );
        assert_eq!(logged(&log).len(), begun, "{:?}", logged(&log));
        std::net::TcpListener::bind(&*address).expect("nothing listens");
    }
}

/// Begins a task at its start.
struct Begins(Mutex<Option<oneshot::Sender<()>>>);

impl Component for Begins {
    fn name(&self) -> Cow<'static, str> {
        "begins".into()
    }

    fn endpoints(&self) -> Vec<Endpoint> {
        Vec::new()
    }

    fn call(self: Arc<Self>, _: usize, _: Call) -> BoxFuture<'static, Reply> {
        unreachable!("it has no endpoints")
    }

    fn init<'a>(&'a self, server: &'a Handle) -> BoxFuture<'a, Result<()>> {
        let alive = self.0.lock().expect("no panic").take();
        let keeps = server.clone();
        server.spawn(async move {
            keeps.stopping().await;
            drop(alive);
        });
        Box::pin(std::future::ready(Ok(())))
    }
}

#[tokio::test]
async fn tasks_of_a_server_that_did_not_start_end() {
    let (alive, ended) = oneshot::channel();
    let builder = Server::builder()
        .register(Begins(Mutex::new(Some(alive))))
        .register(Part::failing("b", &Log::default(), "init"));
    builder.start().await.expect_err("it fails");
    assert!(ended.await.is_err(), "dropped, without an answer");
}

#[tokio::test]
async fn failures_at_the_end_are_reported_and_stop_nothing() {
    for step in ["before_shutdown", "shutdown"] {
        let log = Log::default();
        let builder = Server::builder()
            .register(Part::new("a", &log))
            .register(Part::failing("b", &log, step));
        let rig = Rig::start(Via::Memory, builder).await;
        let report = rig.shutdown().await;
        assert_eq!(report.errors, ["b: PART-1: out of luck"]);
        assert_eq!(logged(&log).len(), 8);
    }
}
