//! Who comes back hears what was said meanwhile, once, also after a restart of the server; a line that is sent twice is said once.

use std::time::Duration;

use chat::contract::{Gap, Line, Members, Nothing, ON_GAP, ON_LINE, SAY, Say, User, WHO};
use chat::room::rooms;
use pitaya_client::{Client, RequestError, Subscription};
use pitaya_server::{Handle, tcp};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;

/// Long enough for a busy machine; nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(60);

async fn server() -> Handle {
    let server = rooms().listen(tcp("127.0.0.1:0")).start().await;
    server.expect("the server starts")
}

/// The way to a server, which can be another one later, and can be blocked.
struct Way {
    address: String,
    to: watch::Sender<Option<String>>,
}

impl Way {
    async fn new(server: &Handle) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let (to, target) = watch::channel(Some(server.addresses()[0].to_string()));
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let mut target = target.clone();
                tokio::spawn(async move {
                    let Some(now) = target.borrow_and_update().clone() else {
                        return;
                    };
                    let Ok(mut server) = TcpStream::connect(now).await else {
                        return;
                    };
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                        // Whoever goes another way, or none, is cut off.
                        _ = target.changed() => {}
                    }
                });
            }
        });
        Self { address, to }
    }

    fn leads_to(&self, server: &Handle) {
        let address = server.addresses()[0].to_string();
        self.to.send_replace(Some(address));
    }

    fn is_blocked(&self) {
        self.to.send_replace(None);
    }
}

/// A player in the lobby.
struct Player {
    client: Client,
    lines: Subscription<Line>,
    gaps: Subscription<Gap>,
}

impl Player {
    /// Comes in by a way; `seen` is what the handshakes of those who come back say.
    async fn at(way: &Way, name: &str, seen: &watch::Receiver<Option<String>>) -> Self {
        let (name, seen) = (name.to_owned(), seen.clone());
        let user = move || {
            let user = User {
                name: name.clone(),
                room: Some("lobby".into()),
                seen: seen.borrow().clone(),
            };
            async move { Ok::<_, std::convert::Infallible>(user) }
        };
        let client = Client::builder(format!("tcp://{}", way.address).as_str())
            .user_with(user)
            .connect()
            .await
            .expect("a connection");
        Self {
            lines: client.subscribe(ON_LINE),
            gaps: client.subscribe(ON_GAP),
            client,
        }
    }

    /// The place of the newest line.
    async fn place(&self) -> String {
        let Members { at, .. } = self
            .client
            .request(WHO, &Nothing {})
            .await
            .expect("an answer");
        at
    }

    async fn says(&self, text: &str, key: &str) -> Result<Nothing, RequestError> {
        let say = Say {
            text: text.into(),
            key: Some(key.into()),
        };
        self.client.request(SAY, &say).queued().await
    }

    async fn hears(&mut self) -> String {
        let line = timeout(PATIENCE, self.lines.next()).await;
        let line = line.expect("a line in time").expect("the client lives");
        line.expect("a line that can be read").text
    }
}

#[tokio::test]
async fn a_line_said_while_another_player_is_away_is_heard_by_that_one_too() {
    let first = server().await;
    let (ways, (seen, reads)) = (
        [Way::new(&first).await, Way::new(&first).await],
        watch::channel(None),
    );
    let alice = Player::at(&ways[0], "ALICE", &reads).await;
    let mut bob = Player::at(&ways[1], "BOB", &reads).await;
    seen.send_replace(Some(alice.place().await));
    ways[1].is_blocked();
    alice
        .says("while BOB is away", "1")
        .await
        .expect("it is said");
    alice.says("and another", "2").await.expect("it is said");
    ways[1].leads_to(&first);
    assert_eq!(bob.hears().await, "while BOB is away");
    assert_eq!(bob.hears().await, "and another");
    alice.says("BOB is back", "3").await.expect("it is said");
    assert_eq!(bob.hears().await, "BOB is back");
}

#[tokio::test]
async fn after_a_restart_what_the_first_one_back_says_is_heard_by_the_second() {
    let first = server().await;
    let ways = [Way::new(&first).await, Way::new(&first).await];
    let (seen, reads) = watch::channel(None);
    let alice = Player::at(&ways[0], "ALICE", &reads).await;
    let mut bob = Player::at(&ways[1], "BOB", &reads).await;
    seen.send_replace(Some(alice.place().await));
    ways.iter().for_each(Way::is_blocked);
    first.shutdown().await;
    let second = server().await;
    ways[0].leads_to(&second);
    alice.says("first one back", "1").await.expect("it is said");
    ways[1].leads_to(&second);
    assert_eq!(bob.hears().await, "first one back");
    // The new server cannot know what the old one was told last.
    let gap = timeout(PATIENCE, bob.gaps.next()).await;
    assert!(matches!(gap, Ok(Some(Ok(Gap { .. })))), "{gap:?}");
}

#[tokio::test]
async fn a_line_that_is_sent_again_with_its_key_is_said_once() {
    let server = server().await;
    let way = Way::new(&server).await;
    let (_seen, reads) = watch::channel(None);
    let alice = Player::at(&way, "ALICE", &reads).await;
    let mut bob = Player::at(&way, "BOB", &reads).await;
    for (text, key) in [("once", "1"), ("once", "1"), ("twice", "2"), ("twice", "3")] {
        alice.says(text, key).await.expect("it is taken");
    }
    // A key is its speaker's: somebody else's line is another one.
    bob.says("mine", "1").await.expect("it is taken");
    for text in ["once", "twice", "twice", "mine"] {
        assert_eq!(bob.hears().await, text);
    }
    let refused = alice.says("a long key", &"k".repeat(65)).await;
    assert!(
        matches!(&refused, Err(RequestError::Server(error)) if error.code == "CHAT-400"),
        "{refused:?}"
    );
}
