//! A user who signs in again and again, and looks at what is left.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use pitaya_client::{
    Backoff, Client, ConnectError, Push, Request, RequestError, State, Subscription,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::{RwLock, Semaphore};
use tokio::time::{Instant, sleep, timeout};

use super::tally::Tally;

pub(super) const ECHO: Request<Text, Text> = Request::new("hall.game.echo");
const BIND: Request<Uid, Uid> = Request::new("hall.game.bind");
const PUSH_USER: Request<PushUser, Uids> = Request::new("hall.game.pushuser");
const ON_PUSH: Push<Text> = Push::new("onPush");

/// How long is waited for one of two sessions to end. What takes longer than is stated is in the report, what takes this long is a second session.
const PATIENCE: Duration = Duration::from_secs(5);
/// By then servers of both kinds have said all that there is to say about two sign-ins. A binding of Go that comes within a second after one of ours may
/// have been made before it, so the next sign-in is later than that.
const OVER: Duration = Duration::from_millis(1_500);
/// A push that has not come by then does not come.
const LATE: Duration = Duration::from_secs(3);
/// Requests of the session that is left, in a round.
const REQUESTS: usize = 3;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Text {
    pub(super) text: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Uid {
    uid: String,
}

#[derive(Debug, Serialize)]
struct PushUser {
    uids: Vec<String>,
    frontend: &'static str,
    text: String,
}

#[derive(Debug, Deserialize)]
struct Uids {
    #[expect(dead_code, reason = "over NATS nobody knows who got nothing")]
    uids: Vec<String>,
}

/// What all players share.
pub(super) struct Game {
    pub(super) urls: [String; 2],
    /// Clients of each gate that ask for pushes.
    pub(super) voices: Vec<Client>,
    /// How often the second gate was replaced. It is not, while a player's round holds this.
    pub(super) era: RwLock<u32>,
    pub(super) asking: Semaphore,
}

/// Go's servers drop what comes over NATS while this many messages wait (`pitaya.cluster.rpc.server.nats.buffer.messages`), and nobody is answered.
const GO_BUFFER: usize = 75;
/// Requests to Go's backend at a time.
pub(super) const AT_ONCE: usize = GO_BUFFER / 2;

impl Game {
    /// Asks Go's backend when it has room.
    async fn ask<Req: Serialize, Res: DeserializeOwned>(
        &self,
        client: &Client,
        route: Request<Req, Res>,
        request: &Req,
    ) -> Result<Res, RequestError> {
        let _turn = self.asking.acquire().await;
        client.request(route, request).await
    }

    async fn bind(&self, session: &Session, uid: &str) -> Result<(), RequestError> {
        let uid = Uid {
            uid: uid.to_owned(),
        };
        self.ask(&session.client, BIND, &uid).await?;
        Ok(())
    }
}

/// One connection, which is not made again.
struct Session {
    client: Client,
    pushes: Subscription<Text>,
    gate: usize,
    era: u32,
    /// The later one of a user has the greater number.
    number: u64,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.number;
        let kind = match self.gate {
            _ if self.is_at_go() => "Go's gate",
            1 => "our second gate",
            _ => "our gate",
        };
        write!(f, "session {number} at {kind}")
    }
}

impl Session {
    const fn is_at_go(&self) -> bool {
        self.gate == 1 && is_go(self.era)
    }

    fn lives(&self) -> bool {
        matches!(*self.client.state().borrow(), State::Connected)
    }
}

pub(super) struct Player {
    uid: String,
    rng: fastrand::Rng,
    game: Arc<Game>,
    session: Option<Session>,
    opened: u64,
    tally: Tally,
}

impl Player {
    pub(super) fn new(number: u64, rng: fastrand::Rng, game: Arc<Game>) -> Self {
        Self {
            uid: format!("player-{number}"),
            rng,
            game,
            session: None,
            opened: 0,
            tally: Tally::default(),
        }
    }

    pub(super) async fn play(mut self, deadline: Instant) -> Tally {
        // Not all at the same instant.
        sleep(Duration::from_millis(self.rng.u64(..1_000))).await;
        while Instant::now() < deadline {
            let game = Arc::clone(&self.game);
            let era = game.era.read().await;
            self.look(*era);
            let left = if self.rng.bool() {
                self.sign_in(*era).await
            } else {
                self.sign_in_twice(*era).await
            };
            match left {
                Ok(Some(session)) => self.session = Some(self.talk(session).await),
                Ok(None) => {}
                Err(error) => {
                    let seen = self.say(&error);
                    self.tally.refused.push(seen);
                    self.session = None;
                }
            }
        }
        self.tally
    }

    /// Whether the session still lives: nobody has signed in since, but its gate may have been replaced.
    fn look(&mut self, era: u32) {
        let ended = self.session.take_if(|session| !session.lives());
        if let Some(ended) = ended
            && (ended.gate == 0 || ended.era == era)
        {
            let state = format!("{:?}", *ended.client.state().borrow());
            let seen = self.say(&state);
            self.tally.lost.push(seen);
        }
    }

    /// Signs in while the session before lives, which has to end.
    async fn sign_in(&mut self, era: u32) -> Result<Option<Session>, SignInError> {
        self.tally.later += 1;
        let there = self.session.as_ref();
        let free = there.is_none_or(|session| !session.is_at_go());
        let session = self.open(era, free).await?;
        self.game.bind(&session, &self.uid).await?;
        let last = session.number;
        let mut sessions = Vec::from_iter(self.session.take());
        sessions.push(session);
        let left = self.settle(sessions).await;
        if let Some(left) = &left
            && left.number != last
        {
            let seen = self.say(&format!("{left:?}"));
            self.tally.outlived.push(seen);
        }
        Ok(left)
    }

    /// Signs in on two connections at the same time: any of them may be the one that stays, but one does.
    async fn sign_in_twice(&mut self, era: u32) -> Result<Option<Session>, SignInError> {
        self.tally.crossing += 1;
        let there = self.session.as_ref();
        let free = there.is_none_or(|session| !session.is_at_go());
        let one = self.open(era, free).await?;
        let free = free && !one.is_at_go();
        let other = self.open(era, free).await?;
        self.tally.apart += usize::from(one.gate != other.gate);
        let bound = tokio::join!(
            self.game.bind(&one, &self.uid),
            self.game.bind(&other, &self.uid)
        );
        // One that has ended meanwhile does not hear that it was bound.
        for (session, bound) in [(&one, bound.0), (&other, bound.1)] {
            if session.lives() {
                bound?;
            }
        }
        let mut sessions = Vec::from_iter(self.session.take());
        sessions.extend([one, other]);
        Ok(self.settle(sessions).await)
    }

    /// Connects to any gate; to one of ours when Go's is not free of this user: it forgets one of two sessions of its own that replace each other at times.
    async fn open(&mut self, era: u32, free: bool) -> Result<Session, ConnectError> {
        let gate = match self.rng.usize(..self.game.urls.len()) {
            1 if is_go(era) && !free => 0,
            gate => gate,
        };
        let mut once = Backoff::default();
        once.attempts = Some(0);
        let client = Client::builder(&self.game.urls[gate])
            .reconnect(once)
            .connect()
            .await?;
        self.opened += 1;
        Ok(Session {
            pushes: client.subscribe(ON_PUSH),
            client,
            gate,
            era,
            number: self.opened,
        })
    }

    /// Waits until one session is left, and until nothing more can happen to it.
    async fn settle(&mut self, mut sessions: Vec<Session>) -> Option<Session> {
        let began = Instant::now();
        let before = format!("{sessions:?}");
        let settled = timeout(PATIENCE, async {
            while sessions.iter().filter(|session| session.lives()).count() > 1 {
                sleep(Duration::from_millis(5)).await;
            }
        });
        let settled = settled.await.is_ok();
        self.tally.slowest = self.tally.slowest.max(Some(began.elapsed()));
        if settled {
            sleep(OVER).await;
        }
        sessions.retain(Session::lives);
        if sessions.len() > 1 {
            let seen = self.say(&format!("{sessions:?} of {before}"));
            self.tally.doubled.push(seen);
        }
        let left = sessions.pop();
        if left.is_none() {
            let seen = self.say(&before);
            self.tally.orphaned.push(seen);
        }
        left
    }

    /// What the session that is left is there for.
    async fn talk(&mut self, mut session: Session) -> Session {
        for number in 0..REQUESTS {
            self.tally.requests += 1;
            let text = Text {
                text: format!("{} {number}", self.uid),
            };
            let answer = self.game.ask(&session.client, ECHO, &text).await;
            if answer.as_ref().ok() != Some(&text) {
                let seen = self.say(&format!("{answer:?}"));
                self.tally.unanswered.push(seen);
            }
        }
        self.tally.pushes += 1;
        let text = format!("push {} for {}", self.tally.pushes, self.uid);
        let voice = self.rng.choice(&self.game.voices).expect("two of them");
        let asked = PushUser {
            uids: vec![self.uid.clone()],
            frontend: super::place::CONNECTOR,
            text: text.clone(),
        };
        if let Err(error) = self.game.ask(voice, PUSH_USER, &asked).await {
            let seen = self.say(&error);
            self.tally.unanswered.push(seen);
        }
        // Whatever came before belongs to pushes that were repeated.
        match timeout(LATE, session.pushes.next()).await {
            Ok(Some(Ok(push))) if push.text == text => {}
            other => {
                let seen = self.say(&format!("{other:?} in the place of {text}"));
                self.tally.mispushed.push(seen);
            }
        }
        session
    }

    fn say(&self, what: &dyn fmt::Display) -> String {
        format!("{}: {what}", self.uid)
    }
}

/// Whether the second gate is Go's.
const fn is_go(era: u32) -> bool {
    era.is_multiple_of(2)
}

/// Why a user is not signed in.
#[derive(Debug, thiserror::Error)]
enum SignInError {
    #[error("no connection: {0}")]
    Connect(#[from] ConnectError),
    #[error("not bound: {0}")]
    Bind(#[from] RequestError),
}
