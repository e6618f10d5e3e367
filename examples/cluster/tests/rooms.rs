//! Gates and rooms in one process: a room is on one server, players of both gates meet there, and it outlives its server.

use std::time::Duration;

use chat::contract::{
    JOIN, Join, LEAVE, Line, Members, Nothing, ON_GAP, ON_LINE, ON_MEMBER, SAY, Say, WHO,
};
use chat_cluster::gate::gate;
use chat_cluster::room::room;
use pitaya_server::Peer;
use pitaya_server::cluster::memory::{Fault, Hub};
use pitaya_server::protocol::{CloseCode, Decode, Json, Push};
use pitaya_server::testing::{TestClient, TestError, TestHandshake, TestServer};
use tokio::time::timeout;

/// Longer than anything takes; only a test that fails waits so long.
const SOON: Duration = Duration::from_secs(20);

struct Game {
    hub: Hub,
    gates: [TestServer; 2],
    rooms: Vec<TestServer>,
}

impl Game {
    async fn start() -> Self {
        let hub = Hub::new();
        let mut game = Self {
            gates: [
                start_gate(&hub, "gate-1").await,
                start_gate(&hub, "gate-2").await,
            ],
            rooms: Vec::new(),
            hub,
        };
        game.open("room-1").await;
        game.open("room-2").await;
        game
    }

    async fn open(&mut self, id: &str) {
        let room = room(id, self.hub.bus(), self.hub.discovery());
        self.rooms
            .push(TestServer::start(room).await.expect("a room server"));
    }

    /// The server with this id crashes.
    fn crash(&self, id: &str) {
        self.hub.set_fault(id, Some(Fault::Gone));
    }

    /// A room on this server.
    async fn room_on(&self, id: &str) -> String {
        let mut scout = player(&self.gates[0], "SCOUT", None)
            .await
            .expect("a player");
        for number in 0.. {
            let room = format!("room {number}");
            if join(&mut scout, &room).await.server.as_deref() == Some(id) {
                return room;
            }
        }
        unreachable!("names do not end")
    }
}

async fn start_gate(hub: &Hub, id: &str) -> TestServer {
    let gate = gate(id, hub.bus(), hub.discovery());
    TestServer::start(gate).await.expect("a gate")
}

/// A player, back in a room or new.
async fn player(
    gate: &TestServer,
    name: &str,
    room: Option<&str>,
) -> Result<TestClient, TestError> {
    let mut handshake = TestHandshake::default();
    handshake.user.insert("name".into(), name.into());
    if let Some(room) = room {
        handshake.user.insert("room".into(), room.into());
    }
    gate.connect_with(Peer::memory(), handshake).await
}

async fn join(player: &mut TestClient, room: &str) -> Members {
    let join = Join {
        room: room.into(),
        seen: None,
    };
    player.request(JOIN, &join).await.expect("joined")
}

async fn who(player: &mut TestClient) -> Members {
    player.request(WHO, &Nothing {}).await.expect("an answer")
}

async fn say(player: &mut TestClient, text: &str) -> Result<Nothing, TestError> {
    let say = Say {
        text: text.into(),
        key: None,
    };
    player.request(SAY, &say).await
}

async fn hear(player: &mut TestClient) -> Line {
    gets(player, ON_LINE).await
}

/// The next push of a route.
async fn gets<T: Decode<Json>>(player: &mut TestClient, push: Push<T>) -> T {
    let push = timeout(SOON, player.push(push)).await;
    push.expect("a push in time").expect("a push")
}

#[tokio::test]
async fn players_of_both_gates_meet_in_a_room_on_one_server() {
    let game = Game::start().await;
    let mut alice = player(&game.gates[0], "ALICE", Some("lobby"))
        .await
        .expect("in");
    let mut bob = player(&game.gates[1], "BOB", Some("lobby"))
        .await
        .expect("in");
    let members = who(&mut alice).await;
    assert_eq!(members.names, ["ALICE", "BOB"]);
    assert_eq!(members.server, who(&mut bob).await.server);
    say(&mut bob, "hello").await.expect("said");
    let line = hear(&mut alice).await;
    assert_eq!((&*line.text, line.server), ("hello", members.server));
}

#[tokio::test]
async fn a_room_outlives_its_server_and_nobody_gets_an_error() {
    let game = Game::start().await;
    let room = game.room_on("room-1").await;
    let mut alice = player(&game.gates[0], "ALICE", Some(&room))
        .await
        .expect("in");
    let mut bob = player(&game.gates[1], "BOB", Some(&room))
        .await
        .expect("in");
    assert_eq!(who(&mut alice).await.server.as_deref(), Some("room-1"));
    game.crash("room-1");
    say(&mut alice, "anybody here?").await.expect("said");
    // Who was not there when it was said hears of it all the same, and that something may be missing.
    gets(&mut bob, ON_GAP).await;
    let line = hear(&mut bob).await;
    assert_eq!(
        (&*line.text, line.server.as_deref()),
        ("anybody here?", Some("room-2"))
    );
    say(&mut bob, "I am").await.expect("said");
    assert_eq!(hear(&mut alice).await.text, "anybody here?");
    assert_eq!(hear(&mut alice).await.text, "I am");
    assert_eq!(who(&mut bob).await.names, ["ALICE", "BOB"]);
}

#[tokio::test]
async fn players_elsewhere_notice_nothing_of_a_crash() {
    let game = Game::start().await;
    let (lost, kept) = (game.room_on("room-1").await, game.room_on("room-2").await);
    let mut alice = player(&game.gates[0], "ALICE", Some(&lost))
        .await
        .expect("in");
    let mut carol = player(&game.gates[0], "CAROL", Some(&kept))
        .await
        .expect("in");
    let mut dave = player(&game.gates[1], "DAVE", Some(&kept))
        .await
        .expect("in");
    game.crash("room-1");
    say(&mut alice, "anybody here?").await.expect("said");
    hear(&mut alice).await;
    say(&mut carol, "hello").await.expect("said");
    // The first that he hears: no line of another room, and no gap, which comes before the lines after it.
    assert_eq!(hear(&mut dave).await.text, "hello");
    let nothing = timeout(Duration::ZERO, dave.push(ON_GAP)).await;
    assert!(nothing.is_err(), "{nothing:?}");
}

#[tokio::test]
async fn a_server_that_comes_takes_its_rooms_over_and_the_old_one_forgets_them() {
    let mut game = Game::start().await;
    let mut alice = player(&game.gates[0], "ALICE", None).await.expect("in");
    // With enough rooms some are the new server's.
    let names: Vec<_> = (0..)
        .map(|number| format!("room {number}"))
        .take(20)
        .collect();
    let mut bobs = Vec::new();
    for (number, name) in names.iter().enumerate() {
        let bob = player(&game.gates[1], &format!("BOB {number}"), Some(name)).await;
        bobs.push(bob.expect("in"));
    }
    game.open("room-3").await;
    let mut moved = 0;
    for (name, bob) in names.iter().zip(&mut bobs) {
        let before = game
            .rooms
            .iter()
            .position(|room| room.group(name).is_some());
        let members = join(&mut alice, name).await;
        if members.server.as_deref() == Some("room-3") {
            moved += 1;
            say(&mut alice, name).await.expect("said");
            assert_eq!(&hear(bob).await.text, name);
            let old = &game.rooms[before.expect("the room was open")];
            let forgotten = async {
                while old.group(name).is_some() {
                    tokio::task::yield_now().await;
                }
            };
            timeout(SOON, forgotten)
                .await
                .expect("the old room is gone");
        }
        // Once: the old server does not tell of it as well.
        assert!(gets(bob, ON_MEMBER).await.here);
        let _: Nothing = alice.request(LEAVE, &Nothing {}).await.expect("left");
        let left = gets(bob, ON_MEMBER).await;
        assert_eq!((&*left.name, left.here), ("ALICE", false));
    }
    assert!(moved > 0);
}

#[tokio::test]
async fn whoever_goes_to_a_room_of_another_server_has_left_the_old_one() {
    let game = Game::start().await;
    let (here, there) = (game.room_on("room-1").await, game.room_on("room-2").await);
    let mut bob = player(&game.gates[1], "BOB", Some(&here))
        .await
        .expect("in");
    let mut alice = player(&game.gates[0], "ALICE", Some(&here))
        .await
        .expect("in");
    assert!(gets(&mut bob, ON_MEMBER).await.here);
    assert_eq!(join(&mut alice, &there).await.names, ["ALICE"]);
    let left = gets(&mut bob, ON_MEMBER).await;
    assert_eq!((&*left.name, left.here), ("ALICE", false));
    // Of a room that cannot be, she stays where she is.
    let nowhere = Join {
        room: "\n".into(),
        seen: None,
    };
    let refused = alice.request(JOIN, &nowhere).await;
    assert!(matches!(refused, Err(TestError::Server(error)) if error.code == "CHAT-400"));
    assert_eq!(who(&mut alice).await.room, there);
}

#[tokio::test]
async fn without_a_room_server_players_are_told_to_come_back() {
    let hub = Hub::new();
    let gate = start_gate(&hub, "gate-1").await;
    let refused = player(&gate, "ALICE", Some("lobby")).await;
    match refused {
        Err(TestError::Closed(closed)) => assert_eq!(closed.close.code, CloseCode::OVERLOADED),
        other => panic!("{other:?}"),
    }
    let refused = player(&gate, " ", None).await;
    match refused {
        Err(TestError::Closed(closed)) => assert_eq!(closed.close.code, CloseCode::REFUSED),
        other => panic!("{other:?}"),
    }
}
