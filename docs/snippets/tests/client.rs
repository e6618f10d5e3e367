//! The guide's client talks to the guide's server, is refused, and comes back.

use std::error::Error;

use docs_snippets::client::{outcome, settings, stay_joined, talk};
use docs_snippets::routes::{Join, Line, ON_LINE, SAY};
use docs_snippets::server::Room;
use pitaya_client::{Client, ConnectError, Event, State};
use pitaya_server::protocol::{Close, CloseCode};
use pitaya_server::{Handle, Server, tcp, ws};

async fn serve() -> Result<Handle, Box<dyn Error>> {
    let builder = Server::builder().register(Room::default());
    Ok(builder
        .listen(tcp("127.0.0.1:0").name("tcp"))
        .listen(ws("127.0.0.1:0").name("ws"))
        .start()
        .await?)
}

fn url(server: &Handle, transport: &str) -> String {
    format!(
        "{transport}://{}",
        server.address(transport).expect("it listens")
    )
}

#[tokio::test]
async fn it_talks_over_tcp_and_websocket() -> Result<(), Box<dyn Error>> {
    let server = serve().await?;
    assert_eq!(
        talk(&url(&server, "tcp"), "alice").await?,
        "alice says hello"
    );
    assert_eq!(talk(&url(&server, "ws"), "bob").await?, "bob says hello");
    Ok(())
}

#[tokio::test]
async fn a_refusal_is_told() -> Result<(), Box<dyn Error>> {
    let server = serve().await?;
    let client = Client::builder(url(&server, "tcp")).connect().await?;
    let nameless = outcome(
        &client,
        &Join {
            name: String::new(),
        },
    )
    .await;
    assert_eq!(nameless, "refused: a name is needed (ROOM-001)");
    assert_eq!(
        outcome(
            &client,
            &Join {
                name: "alice".into()
            }
        )
        .await,
        "joined 0 others"
    );
    client.close().await;
    assert_eq!(
        outcome(&client, &Join { name: "bob".into() }).await,
        "try again: not connected"
    );
    Ok(())
}

#[tokio::test]
async fn it_joins_again_before_what_waited_is_sent() -> Result<(), Box<dyn Error>> {
    let server = serve().await?;
    let client = Client::builder(url(&server, "ws"))
        .hold_queue(true)
        .connect()
        .await?;
    let mut lines = client.subscribe(ON_LINE);
    let member = client.clone();
    let joining = tokio::spawn(async move { stay_joined(&member, "alice").await });
    // Until it has joined.
    let session = loop {
        match server.sessions_of("alice").pop() {
            Some(session) => break session,
            None => tokio::task::yield_now().await,
        }
    };

    let mut events = client.events();
    session.close(Close::new(CloseCode::OVERLOADED));
    // The state itself may be another one before this task has looked.
    while !matches!(
        events.next().await.expect("the client lives"),
        Event::State(State::Reconnecting { .. })
    ) {}
    client
        .notify(
            SAY,
            &Line {
                text: "I am back".into(),
            },
        )
        .queued()
        .await?;
    assert_eq!(lines.next().await.expect("a line")?.text, "I am back");
    client.close().await;
    joining.await??;
    Ok(())
}

#[tokio::test]
async fn several_addresses_are_one_client() {
    // Nothing of it is reachable from here; that the addresses are addresses is known before.
    let client = settings().start();
    assert!(!matches!(client, Err(ConnectError::Endpoint(_))));
}
