//! Middleware runs around handlers: in the order in which it was added, the server's outside of the component's.

use std::sync::{Arc, Mutex};

use pitaya_server::protocol::{Notify, Request};
use pitaya_server::testing::{TestError, TestServer};
use pitaya_server::{
    BoxFuture, Call, ComponentExt, EndpointKind, Error, Functions, Middleware, Next, Reply, Server,
};

const ECHO: Request<String, String> = Request::new("room.echo");
const SAY: Notify<String> = Notify::new("room.say");
const OTHER: Request<String, String> = Request::new("shop.echo");
const UNKNOWN: Request<String, String> = Request::new("room.leave");

type Log = Arc<Mutex<Vec<String>>>;

/// Writes down when a call enters and leaves it.
struct Trace(&'static str, Log);

impl Trace {
    fn note(log: &Log, text: String) {
        log.lock()
            .expect("no test panics while it writes")
            .push(text);
    }
}

impl Middleware for Trace {
    fn handle(&self, call: Call, next: Next) -> BoxFuture<'static, Reply> {
        let (name, log) = (self.0, Arc::clone(&self.1));
        Box::pin(async move {
            Self::note(&log, format!("{name} before {}", call.route()));
            let reply = next.run(call).await;
            Self::note(&log, format!("{name} after"));
            reply
        })
    }
}

fn room(log: &Log) -> Functions {
    let (echoed, said) = (Arc::clone(log), Arc::clone(log));
    Functions::new("room")
        .request(ECHO, move |_, text: String| {
            Trace::note(&echoed, format!("echo {text}"));
            async move { Ok(text) }
        })
        .notify(SAY, move |_, text: String| {
            Trace::note(&said, format!("say {text}"));
            async {}
        })
}

fn taken(log: &Log) -> Vec<String> {
    std::mem::take(&mut log.lock().expect("no test panics while it writes"))
}

#[tokio::test(start_paused = true)]
async fn it_runs_in_the_order_in_which_it_was_added() {
    let log = Log::default();
    let trace = |name| Trace(name, Arc::clone(&log));
    let shop = Functions::new("shop").request(OTHER, async |_, text| Ok(text));
    let builder = Server::builder()
        .register(room(&log).wrap(trace("c")).wrap(trace("d")))
        .register(shop)
        .wrap(trace("a"))
        .wrap(trace("b"));
    let server = TestServer::start(builder).await.expect("a server");
    let mut client = server.connect().await.expect("a client");

    client
        .request(ECHO, &"hi".to_owned())
        .await
        .expect("an answer");
    let route = "room.echo";
    let mut expected: Vec<_> = ["a", "b", "c", "d"]
        .map(|name| format!("{name} before {route}"))
        .into();
    expected.push("echo hi".to_owned());
    expected.extend(["d", "c", "b", "a"].map(|name| format!("{name} after")));
    assert_eq!(taken(&log), expected);

    client
        .request(OTHER, &"hi".to_owned())
        .await
        .expect("an answer");
    assert_eq!(
        taken(&log),
        [
            "a before shop.echo",
            "b before shop.echo",
            "b after",
            "a after"
        ]
    );

    let unknown = client.request(UNKNOWN, &"hi".to_owned()).await;
    assert!(matches!(unknown, Err(TestError::Server(_))));
    assert!(taken(&log).is_empty(), "it sees calls of endpoints only");
}

async fn shout(mut call: Call, next: Next) -> Reply {
    let text: String = call.decode()?;
    call.set_body(format!("\"{}\"", text.to_uppercase()));
    next.run(call).await
}

async fn polite(call: Call, next: Next) -> Reply {
    if call.body().ends_with(b"please\"") {
        next.run(call).await
    } else if call.kind() == EndpointKind::Request {
        Err(Error::new("ROOM-1", "say please"))
    } else {
        call.reply(&())
    }
}

async fn in_brackets(call: Call, next: Next) -> Reply {
    let reply = next.run(call).await?;
    let text = format!(
        "\"[{}]\"",
        String::from_utf8_lossy(reply.as_ref()).trim_matches('"')
    );
    Ok(text.into_bytes().into())
}

#[tokio::test(start_paused = true)]
async fn it_changes_calls_and_answers_or_ends_them() {
    let log = Log::default();
    let room = room(&log).wrap(polite).wrap(in_brackets).wrap(shout);
    let server = TestServer::start(Server::builder().register(room))
        .await
        .expect("a server");
    let mut client = server.connect().await.expect("a client");

    let answer = client.request(ECHO, &"join, please".to_owned()).await;
    assert_eq!(answer.expect("an answer"), "[JOIN, PLEASE]");

    let refused = client.request(ECHO, &"join".to_owned()).await;
    let Err(TestError::Server(refused)) = refused else {
        panic!("not refused: {refused:?}")
    };
    assert_eq!(
        (refused.code.as_str(), refused.msg.as_str()),
        ("ROOM-1", "say please")
    );

    client.notify(SAY, &"hello".to_owned()).await.expect("sent");
    client
        .notify(SAY, &"hello, please".to_owned())
        .await
        .expect("sent");
    client
        .request(ECHO, &"please".to_owned())
        .await
        .expect("an answer");
    assert_eq!(
        taken(&log),
        ["echo JOIN, PLEASE", "say HELLO, PLEASE", "echo PLEASE"]
    );
}
