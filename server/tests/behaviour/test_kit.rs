//! The public test kit: a game's tests need a server, clients, and no clock.

use std::time::Duration;

use pitaya_server::protocol::{CloseCode, Notify, Push, Request, Serializer};
use pitaya_server::testing::{TestError, TestHandshake, TestServer};
use pitaya_server::{Error, Functions, Peer, Server, Session};
use tokio::time::{Instant, sleep};

const TURN: Request<u32, u32> = Request::new("game.turn");
const SAY: Notify<String> = Notify::new("game.say");
const ON_LINE: Push<String> = Push::new("onLine");

fn game() -> Functions {
    Functions::new("game")
        .request(TURN, async |session: Session, turn: u32| {
            if turn == 0 {
                return Err(Error::new("GAME-1", "turns begin at 1"));
            }
            session.push(ON_LINE, &format!("turn {turn}"))?;
            sleep(Duration::from_secs(3_600)).await;
            Ok(turn + 1)
        })
        .notify(SAY, async |session: Session, line: String| {
            session.push(ON_LINE, &line)
        })
}

#[tokio::test(start_paused = true)]
async fn an_hour_of_a_game_takes_no_time() {
    let server = TestServer::start(Server::builder().register(game())).await;
    let server = server.expect("a server");
    let mut client = server.connect().await.expect("let in");
    let began = Instant::now();
    assert_eq!(client.request(TURN, &1).await.expect("an answer"), 2);
    assert!(began.elapsed() >= Duration::from_secs(3_600));
    client.notify(SAY, &"hello".into()).await.expect("sent");
    assert_eq!(client.push(ON_LINE).await.expect("a push"), "turn 1");
    assert_eq!(client.push(ON_LINE).await.expect("a push"), "hello");
    let error = client.request(TURN, &0).await.expect_err("an error");
    assert!(matches!(error, TestError::Server(error) if error.code == "GAME-1"));
    server.session(1).expect("a session").kick("enough").await;
    let close = client.closed().await.close;
    assert_eq!((close.code, close.reason()), (CloseCode::KICKED, "enough"));
}

#[tokio::test]
async fn clients_can_be_others() {
    let server = TestServer::start(Server::builder().register(game())).await;
    let server = server.expect("a server");
    let mut handshake = TestHandshake::default();
    handshake.serializers = vec![Serializer::Protobuf, Serializer::Json];
    handshake.user.insert("name".into(), "ann".into());
    let peer = Peer::memory().with_uid("ann");
    let client = server.connect_with(peer, handshake).await;
    client.expect("let in");
    let session = server.sessions_of("ann").pop().expect("bound");
    assert_eq!(session.serializer(), Serializer::Json);
    assert_eq!(session.handshake().user["name"], "ann");
}
