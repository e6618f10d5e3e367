//! What methods of a component get and what clients hear of what they return.

use std::sync::{Arc, Mutex};

use pitaya_server::protocol::{Notify, Raw, Request};
use pitaya_server::testing::{TestClient, TestError, TestServer};
use pitaya_server::{Error, Handle, Result, Server, Session, component};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Join {
    name: String,
}

#[derive(Debug, Serialize, Deserialize, PartialEq)]
struct Joined {
    name: String,
    session: u64,
}

#[derive(Debug, thiserror::Error)]
#[error("the map is broken")]
struct Broken(#[source] std::fmt::Error);

/// An answer that JSON cannot carry.
struct Unwritable;

impl Serialize for Unwritable {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("no form"))
    }
}

const JOIN: Request<Join, Joined> = Request::new("room.join");
const NOTES: Request<(), Vec<String>> = Request::new("room.notes");
const WRITE: Notify<String> = Notify::new("room.write");

#[derive(Default)]
struct Room {
    notes: Arc<Mutex<Vec<String>>>,
}

impl Room {
    fn note(&self, text: impl Into<String>) {
        self.notes
            .lock()
            .expect("no handler panics while it writes")
            .push(text.into());
    }
}

#[component("room")]
impl Room {
    #[request(JOIN)]
    async fn join(&self, session: &Session, join: Join) -> Result<Joined> {
        self.note(format!("join {}", join.name));
        Ok(Joined {
            name: join.name,
            session: session.id(),
        })
    }

    #[request(NOTES)]
    async fn notes(&self) -> Result<Vec<String>> {
        Ok(self
            .notes
            .lock()
            .expect("no handler panics while it writes")
            .clone())
    }

    #[notify(WRITE)]
    async fn write(&self, line: String) -> Result<()> {
        self.note(line);
        Err(Error::new("ROOM-9", "nobody hears of this"))
    }

    #[request]
    async fn echo(&self, raw: Raw) -> Result<Raw> {
        Ok(raw)
    }

    #[request]
    async fn coded(&self) -> Result<()> {
        Err(Error::new("ROOM-1", "a name is needed").with("field", "name"))
    }

    #[request]
    async fn plain(&self) -> Result<(), Broken> {
        Err(Broken(std::fmt::Error))
    }

    #[request]
    async fn internal(&self) -> Result<()> {
        Err(Error::internal("the password is swordfish"))
    }

    #[request]
    async fn unwritable(&self) -> Result<Unwritable> {
        Ok(Unwritable)
    }

    #[init]
    async fn open(&self, server: &Handle) -> Result<()> {
        self.note(format!("open with {} sessions", server.session_count()));
        Ok(())
    }

    #[after_init]
    async fn opened(&self) -> Result<()> {
        self.note("opened");
        Ok(())
    }
}

async fn client() -> (TestServer, TestClient) {
    let server = TestServer::start(Server::builder().register(Room::default()))
        .await
        .expect("a server");
    let client = server.connect().await.expect("a client");
    (server, client)
}

async fn answer(client: &mut TestClient, route: &str, body: &'static [u8]) -> String {
    let id = client
        .send_request(route, &Raw::from(body))
        .await
        .expect("sent");
    match client.answer(id).await {
        Ok(body) => String::from_utf8(body.to_vec()).expect("text"),
        Err(TestError::Server(error)) => {
            format!("{} {} {:?}", error.code, error.msg, error.metadata)
        }
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test(start_paused = true)]
async fn methods_get_session_and_payload() {
    let (_server, mut client) = client().await;
    let joined = client
        .request(
            JOIN,
            &Join {
                name: "Ann".to_owned(),
            },
        )
        .await
        .expect("an answer");
    assert_eq!(joined.name, "Ann");
    assert!(joined.session > 0);

    client
        .notify(WRITE, &"hello".to_owned())
        .await
        .expect("sent");
    let notes = client.request(NOTES, &()).await.expect("an answer");
    assert_eq!(
        notes,
        ["open with 0 sessions", "opened", "join Ann", "hello"]
    );
}

#[tokio::test(start_paused = true)]
async fn raw_bytes_pass_untouched() {
    let (_server, mut client) = client().await;
    assert_eq!(
        answer(&mut client, "room.echo", b"{ not json").await,
        "{ not json"
    );
    assert_eq!(answer(&mut client, "room.echo", b"").await, "");
}

#[tokio::test(start_paused = true)]
async fn every_failure_is_answered() {
    let (_server, mut client) = client().await;
    for (route, expected) in [
        ("room.coded", r#"ROOM-1 a name is needed {"field": "name"}"#),
        ("room.plain", "PIT-000 the map is broken {}"),
        ("room.internal", "PIT-000 internal error {}"),
        ("room.unwritable", "PIT-000 internal error {}"),
        ("room.write", "PIT-400 tried to request a notify route {}"),
        (
            "room.leave",
            "PIT-404 pitaya/handler: connector.room.leave not found {}",
        ),
    ] {
        assert_eq!(answer(&mut client, route, b"{}").await, expected, "{route}");
    }
    let undecodable = answer(&mut client, "room.join", b"{\"name\":7}").await;
    assert!(
        undecodable.starts_with("PIT-400 the payload is not the expected json: "),
        "{undecodable}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_notify_to_a_request_runs_unanswered() {
    const JOIN_UNANSWERED: Notify<Join> = Notify::new("room.join");
    let (_server, mut client) = client().await;
    client
        .notify(
            JOIN_UNANSWERED,
            &Join {
                name: "Bob".to_owned(),
            },
        )
        .await
        .expect("sent");
    let notes = client.request(NOTES, &()).await.expect("an answer");
    assert_eq!(notes.last().map(String::as_str), Some("join Bob"));
}
