//! The clients of a trial, and what happened to their connections.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use pitaya_client::{Client, Event, Events, State};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::game::{REMOTE, Work};

/// Clients that connect at a time: a gate's queue for connections is no part of what is measured.
const AT_ONCE: usize = 64;
/// Longer than anything takes before a trial begins.
const SOON: Duration = Duration::from_secs(30);

/// Connected clients.
#[derive(Debug)]
pub(crate) struct Fleet {
    began: Instant,
    clients: Vec<Client>,
    seen: Arc<Mutex<Connections>>,
}

/// What happened to connections, with the time since the beginning of the trial.
#[derive(Debug, Default, Clone)]
pub(crate) struct Connections {
    /// Connections that ended, and how.
    pub(crate) lost: Vec<(Duration, String)>,
    /// Of them, those that the server ended with a kick.
    pub(crate) kicked: Vec<(Duration, String)>,
    /// Clients that are connected again.
    pub(crate) back: Vec<Duration>,
    /// Attempts that reached no server.
    pub(crate) refused: Vec<(Duration, String)>,
}

impl Fleet {
    /// Connects `count` clients; each prefers another one of the endpoints.
    pub(crate) async fn connect(count: usize, endpoints: &[String]) -> Result<Arc<Self>> {
        let began = Instant::now();
        let seen = Arc::new(Mutex::new(Connections::default()));
        let mut clients = Vec::with_capacity(count);
        while clients.len() < count {
            let mut attempts = JoinSet::new();
            for number in clients.len()..count.min(clients.len() + AT_ONCE) {
                let mut endpoints = endpoints.to_vec();
                let first = number % endpoints.len();
                endpoints.rotate_left(first);
                attempts.spawn(Client::builder(endpoints).connect());
            }
            for client in attempts.join_all().await {
                let client = client.context("a client did not connect")?;
                tokio::spawn(watch(client.events(), began, Arc::clone(&seen)));
                clients.push(client);
            }
        }
        Ok(Arc::new(Self {
            began,
            clients,
            seen,
        }))
    }

    /// Asks until this many rooms have answered.
    pub(crate) async fn served_by(&self, rooms: usize) -> Result<()> {
        let mut seen = std::collections::BTreeSet::new();
        let asked = async {
            while seen.len() < rooms {
                let work = Work {
                    number: 0,
                    millis: 0,
                };
                match self.clients[0].request(REMOTE, &work).await {
                    Ok(room) => drop(seen.insert(room)),
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
        };
        let ended = tokio::time::timeout(SOON, asked).await;
        ensure!(
            ended.is_ok(),
            "of {rooms} rooms only {seen:?} have answered"
        );
        Ok(())
    }

    /// Time since the beginning of the trial.
    pub(crate) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    pub(crate) fn client(&self, number: u64) -> &Client {
        let count = u64::try_from(self.clients.len()).unwrap_or(u64::MAX);
        &self.clients[usize::try_from(number % count).unwrap_or_default()]
    }

    pub(crate) fn len(&self) -> usize {
        self.clients.len()
    }

    /// Waits until all are connected.
    pub(crate) async fn all_connected(&self) -> Result<()> {
        let waiting = async {
            for client in &self.clients {
                client.connected().await.context("a client gave up")?;
            }
            Ok(())
        };
        let ended = tokio::time::timeout(SOON, waiting).await;
        ended.context("not all clients are connected")?
    }

    /// What has happened so far.
    pub(crate) fn seen(&self) -> Connections {
        lock(&self.seen).clone()
    }
}

async fn watch(mut events: Events, began: Instant, seen: Arc<Mutex<Connections>>) {
    let mut connected = true;
    while let Some(event) = events.next().await {
        let now = began.elapsed();
        let mut seen = lock(&seen);
        match event {
            Event::State(State::Connected) => {
                connected = true;
                seen.back.push(now);
            }
            Event::State(State::Reconnecting { cause, .. }) if connected => {
                connected = false;
                let entry = (
                    now,
                    format!("{} ({:?})", cause.close.reason(), cause.origin),
                );
                if cause.close.code.is_kick() {
                    seen.kicked.push(entry.clone());
                }
                seen.lost.push(entry);
            }
            Event::State(State::Closed(ended)) => {
                let cause = ended.closed;
                let entry = (
                    now,
                    format!("{} ({:?})", cause.close.reason(), cause.origin),
                );
                if cause.close.code.is_kick() {
                    seen.kicked.push(entry.clone());
                }
                seen.lost.push(entry);
            }
            Event::Unreachable(why) => seen.refused.push((now, why.to_string())),
            _ => {}
        }
    }
}

fn lock(seen: &Mutex<Connections>) -> std::sync::MutexGuard<'_, Connections> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
