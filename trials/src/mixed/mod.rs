//! Gates of Go Pitaya and ours of one type, side by side, while users sign in again and again: of a user's sessions one stays.

mod place;
mod player;
mod tally;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use pitaya_client::Client;
use tokio::sync::{RwLock, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use self::place::Place;
use self::player::{AT_ONCE, ECHO, Game, Player, Text};
use self::tally::Tally;
use crate::cluster::{ServerProcess, port, url};
use crate::report::Report;

/// A session that was replaced ends within this time.
const SETTLED: Duration = Duration::from_secs(1);
/// Longer than servers take to hear of each other.
const SOON: Duration = Duration::from_secs(30);

pub(crate) async fn run(full: bool) -> Result<Report> {
    let (users, time) = if full {
        (500, Duration::from_secs(600))
    } else {
        (100, Duration::from_secs(60))
    };
    let seed = fastrand::u64(..);
    println!("seed {seed:#x}");
    let place = Place::start().await?;
    let backend = place.go_backend().await?;
    let ports = [port(), port()];
    let ours = place.gate(ports[0]).await?;
    let go = place.go_gate(ports[1]).await?;
    let game = Arc::new(Game::new(ports.map(url)).await?);
    game.meet().await?;

    let deadline = Instant::now() + time;
    let mut players = JoinSet::new();
    for number in 0..users {
        let rng = fastrand::Rng::with_seed(seed.wrapping_add(number));
        let player = Player::new(number, rng, Arc::clone(&game));
        players.spawn(player.play(deadline));
    }
    // The Go gate gives its place to another one of ours, which has the same file, and takes it back.
    sleep(time / 3).await;
    let replaced = game.replace(go, place.gate(ports[1])).await?;
    sleep(time / 3).await;
    let back = game.replace(replaced, place.go_gate(ports[1])).await?;
    let tally = players
        .join_all()
        .await
        .into_iter()
        .fold(Tally::default(), Tally::and);

    let mut report = Report::new(
        format!(
            "mixed: {users} users sign in again and again at a gate of Go Pitaya and at ours for {} s; the Go gate is replaced by ours, and back",
            time.as_secs()
        ),
        full,
    );
    let ended: Vec<_> = [&backend, &ours, &back]
        .into_iter()
        .filter(|server| !server.is_running())
        .collect();
    report.none("servers that ended", &ended);
    report.none("sign-ins that failed", &tally.refused);
    report.none("users with two sessions", &tally.doubled);
    report.none("users whose sessions all ended", &tally.orphaned);
    report.none("sessions that outlived a later one", &tally.outlived);
    report.none("sessions that ended without a later one", &tally.lost);
    report.none("requests without their answer", &tally.unanswered);
    report.none(
        "pushes that did not arrive, or not just once",
        &tally.mispushed,
    );
    report.within(
        "the slowest end of a session that was replaced",
        SETTLED,
        tally.slowest,
    );
    report.tells("sign-ins one after another", tally.later);
    report.tells("pairs of sign-ins at the same time", tally.crossing);
    report.tells("of them at two gates", tally.apart);
    report.tells(
        "requests, and pushes",
        format!("{}, {}", tally.requests, tally.pushes),
    );
    Ok(report)
}

impl Game {
    async fn new(urls: [String; 2]) -> Result<Self> {
        let mut voices = Vec::new();
        for url in &urls {
            voices.push(Client::builder(url).connect().await?);
        }
        Ok(Self {
            urls,
            voices,
            era: RwLock::new(0),
            asking: Semaphore::new(AT_ONCE),
        })
    }

    /// Waits until both gates reach the backend.
    async fn meet(&self) -> Result<()> {
        let deadline = Instant::now() + SOON;
        for voice in &self.voices {
            let hello = Text {
                text: "hello".to_owned(),
            };
            while let Err(error) = voice.request(ECHO, &hello).await {
                if Instant::now() > deadline {
                    bail!("a gate does not reach the backend: {error}");
                }
                sleep(Duration::from_millis(50)).await;
            }
        }
        Ok(())
    }

    /// Puts another gate in the place of the second one when nobody is signing in.
    async fn replace(
        &self,
        old: ServerProcess,
        new: impl Future<Output = Result<ServerProcess>>,
    ) -> Result<ServerProcess> {
        let mut era = self.era.write().await;
        old.terminate();
        old.ended().await;
        let new = new.await?;
        *era += 1;
        for voice in &self.voices {
            voice.reconnect_now();
            voice.connected().await?;
        }
        self.meet().await?;
        Ok(new)
    }
}
