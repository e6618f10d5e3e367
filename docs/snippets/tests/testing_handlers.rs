//! The tests that the guide shows, and the rest of the guide's server.

use docs_snippets::routes::{JOIN, Join, Line, ON_LINE, SAY};
use docs_snippets::server::{Room, guarded, joined_first, teams, without_macro};
use pitaya_server::Server;

// ANCHOR: room
use pitaya_server::testing::{TestError, TestServer};

#[tokio::test]
async fn what_one_says_the_others_hear() -> Result<(), Box<dyn std::error::Error>> {
    let server = TestServer::start(Server::builder().register(Room::default())).await?;
    let mut alice = server.connect().await?;
    let mut bob = server.connect().await?;
    alice
        .request(
            JOIN,
            &Join {
                name: "alice".into(),
            },
        )
        .await?;
    let joined = bob.request(JOIN, &Join { name: "bob".into() }).await?;
    assert_eq!(joined.members.len(), 2);

    alice
        .notify(
            SAY,
            &Line {
                text: "hello".into(),
            },
        )
        .await?;
    assert_eq!(bob.push(ON_LINE).await?.text, "hello");
    Ok(())
}
// ANCHOR_END: room

// ANCHOR: error
#[tokio::test]
async fn a_name_is_needed() -> Result<(), Box<dyn std::error::Error>> {
    let server = TestServer::start(Server::builder().register(Room::default())).await?;
    let mut client = server.connect().await?;
    let answer = client
        .request(
            JOIN,
            &Join {
                name: String::new(),
            },
        )
        .await;
    let Err(TestError::Server(error)) = answer else {
        panic!("joined without a name")
    };
    assert_eq!(
        (&*error.code, &*error.metadata["field"]),
        ("ROOM-001", "name")
    );
    Ok(())
}
// ANCHOR_END: error

// ANCHOR: time
#[tokio::test(start_paused = true)]
async fn who_goes_leaves_the_room() -> Result<(), Box<dyn std::error::Error>> {
    let server = TestServer::start(Server::builder().register(Room::default())).await?;
    let mut alice = server.connect().await?;
    alice
        .request(
            JOIN,
            &Join {
                name: "alice".into(),
            },
        )
        .await?;
    let session = server.sessions_of("alice").remove(0);

    // Nobody moves the client, so no heartbeat comes from it, and the server gives it up.
    session.ended().await;
    assert!(server.group("room").is_some_and(|room| room.is_empty()));
    assert_eq!(server.recent_closes()[0].closed.close.code.number(), 102);
    Ok(())
}
// ANCHOR_END: time

// ANCHOR: peer
use pitaya_server::Peer;
use pitaya_server::testing::TestHandshake;

#[tokio::test]
async fn a_token_signs_in() -> Result<(), Box<dyn std::error::Error>> {
    let server = TestServer::start(guarded()).await?;
    let peer = || Peer::new(([192, 0, 2, 7], 40_000).into());

    let mut handshake = TestHandshake::default();
    handshake.user.insert("token".into(), "valid-alice".into());
    let _alice = server.connect_with(peer(), handshake).await?;
    assert_eq!(server.sessions_of("alice").len(), 1);

    let refused = server.connect_with(peer(), TestHandshake::default()).await;
    assert!(
        matches!(refused, Err(TestError::Closed(closed)) if closed.close.reason() == "sign in first")
    );
    Ok(())
}
// ANCHOR_END: peer

#[tokio::test]
async fn who_has_not_joined_does_not_speak() -> Result<(), Box<dyn std::error::Error>> {
    let builder = Server::builder()
        .register(Room::default())
        .wrap(joined_first);
    let server = TestServer::start(builder).await?;
    let mut alice = server.connect().await?;
    let id = alice
        .send_request(
            "room.say",
            &Line {
                text: "hello".into(),
            },
        )
        .await?;
    let Err(TestError::Server(error)) = alice.answer(id).await else {
        panic!("nobody joined")
    };
    assert_eq!(
        error.code, "PIT-400",
        "a notify is not answered, so a request to it is refused first"
    );

    alice
        .notify(
            SAY,
            &Line {
                text: "unheard".into(),
            },
        )
        .await?;
    alice
        .request(
            JOIN,
            &Join {
                name: "alice".into(),
            },
        )
        .await?;
    alice
        .notify(
            SAY,
            &Line {
                text: "hello".into(),
            },
        )
        .await?;
    assert_eq!(alice.push(ON_LINE).await?.text, "hello");
    Ok(())
}

#[tokio::test]
async fn functions_make_a_component() -> Result<(), Box<dyn std::error::Error>> {
    let server = TestServer::start(Server::builder().register(without_macro())).await?;
    let mut alice = server.connect().await?;
    let joined = alice
        .request(
            JOIN,
            &Join {
                name: "alice".into(),
            },
        )
        .await?;
    assert_eq!(joined.members, ["alice"]);
    alice
        .notify(
            SAY,
            &Line {
                text: "echo".into(),
            },
        )
        .await?;
    assert_eq!(alice.push(ON_LINE).await?.text, "echo");
    Ok(())
}

#[tokio::test]
async fn a_team_is_told_without_the_one_who_asks() -> Result<(), Box<dyn std::error::Error>> {
    let server = TestServer::start(Server::builder()).await?;
    let _alice = server.connect().await?;
    let mut bob = server.connect().await?;
    let sessions = server.sessions();
    let by_id = |id| {
        sessions
            .iter()
            .find(|session| session.id() == id)
            .expect("a session")
    };
    assert_eq!(
        teams(&server, by_id(2)).map_err(|error| error.to_string())?,
        0
    );
    assert_eq!(
        teams(&server, by_id(1)).map_err(|error| error.to_string())?,
        1
    );
    assert_eq!(bob.push(ON_LINE).await?.text, "ready?");
    Ok(())
}
