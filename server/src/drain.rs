//! How the sessions of a server that goes away are sent to others.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use pitaya_protocol::{Close, CloseCode, SerializerSet};
use tokio::time::{Instant, interval, timeout};

use crate::config::ServerConfig;
use crate::handle::Handle;
use crate::session::{Order, Session};

/// Sessions are sent away in batches, so often.
const BATCH: Duration = Duration::from_millis(50);
/// Time for connections that were accepted just before the drain: a handshake is one round trip or two. Who has said nothing by then is not waited for.
const ARRIVAL: Duration = Duration::from_secs(1);

/// How a server is emptied, for [`Handle::drain`]. What is left out is as the server's [`ServerConfig`] says.
///
/// ```
/// use std::time::Duration;
/// use pitaya_server::DrainOptions;
///
/// let options = DrainOptions::new().per_second(200).endpoint("tcp://game-2.example:3250").deadline(Duration::from_secs(60));
/// # let _ = options;
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "options do nothing before they are given to `Handle::drain`"]
pub struct DrainOptions {
    per_second: Option<u32>,
    spread: Option<Duration>,
    deadline: Option<Duration>,
    endpoints: Vec<Box<str>>,
    reason: Option<Box<str>>,
}

impl DrainOptions {
    /// As the server's settings say.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends so many sessions away per second, in batches: at this rate clients come back. 0 sends all away at once. Default
    /// [`drain_per_second`](ServerConfig::drain_per_second).
    pub const fn per_second(mut self, sessions: u32) -> Self {
        self.per_second = Some(sessions);
        self
    }

    /// Advises clients to wait a random part of this time before they come back. Default [`reconnect_spread`](ServerConfig::reconnect_spread) where all are
    /// sent away at once, and no time where it is done at a rate.
    pub const fn spread(mut self, time: Duration) -> Self {
        self.spread = Some(time);
        self
    }

    /// Takes at most this long; then what is left is cut. Default [`shutdown_timeout`](ServerConfig::shutdown_timeout), and what the rate needs in addition.
    pub const fn deadline(mut self, time: Duration) -> Self {
        self.deadline = Some(time);
        self
    }

    /// Advises clients to come back there; of several endpoints each client gets one, in turn. Default none: clients come back to where they were. Clients of
    /// the family hear no advice.
    pub fn endpoint(mut self, endpoint: impl Into<Box<str>>) -> Self {
        self.endpoints.push(endpoint.into());
        self
    }

    /// Says why, for people. Default the code's own text.
    pub fn reason(mut self, text: impl Into<Box<str>>) -> Self {
        self.reason = Some(text.into());
        self
    }

    /// What holds for a server with these settings and so many sessions.
    pub(crate) fn settle(self, config: &ServerConfig, sessions: usize) -> Departure {
        let per_second = match self.per_second {
            Some(rate) => NonZeroU32::new(rate),
            None => config.drain_per_second,
        };
        let spread = self.spread.unwrap_or(match per_second {
            Some(_) => Duration::ZERO,
            None => config.reconnect_spread,
        });
        let needed = per_second.map_or(0.0, |rate| sessions as f64 / f64::from(rate.get()));
        Departure {
            per_second,
            time: self
                .deadline
                .unwrap_or_else(|| config.shutdown_timeout + Duration::from_secs_f64(needed)),
            spread,
            endpoints: self.endpoints,
            reason: self.reason,
            told: AtomicU64::new(0),
        }
    }
}

/// Sessions on their way out.
pub(crate) struct Departure {
    per_second: Option<NonZeroU32>,
    /// How long everything may take.
    pub(crate) time: Duration,
    spread: Duration,
    endpoints: Vec<Box<str>>,
    reason: Option<Box<str>>,
    /// The sessions up to this number were told.
    told: AtomicU64,
}

impl Departure {
    /// Tells every session to end when nothing of it is in flight, then those that were still shaking hands.
    pub(crate) async fn send_away<S: SerializerSet>(&self, server: &Handle<S>) {
        self.tell_all(server).await;
        let _ = timeout(ARRIVAL, server.life().arrived()).await;
        self.tell_all(server).await;
        server.life().refusing.cancel();
        // Those that come later see that they are refused; one that was entered meanwhile may have a lower number than others. To be told twice does no harm.
        for session in server.sessions() {
            self.tell(&session);
        }
    }

    async fn tell_all<S: SerializerSet>(&self, server: &Handle<S>) {
        let began = Instant::now();
        let mut batches = interval(BATCH);
        let mut sessions = self.untold(server).into_iter().peekable();
        let mut told = 0;
        while sessions.peek().is_some() {
            batches.tick().await;
            let due = self.per_second.map_or(u64::MAX, |rate| {
                // The first one at once.
                (began.elapsed().as_secs_f64() * f64::from(rate.get())) as u64 + 1
            });
            while told < due
                && let Some(session) = sessions.next()
            {
                // One that has gone by itself takes nobody's place.
                if !session.is_ended() {
                    self.tell(&session);
                    told += 1;
                }
            }
        }
    }

    /// Sessions that were not told, the oldest first.
    fn untold<S: SerializerSet>(&self, server: &Handle<S>) -> Vec<Session<S>> {
        let mut sessions = server.sessions();
        sessions.retain(|session| !self.has_told(session));
        sessions.sort_unstable_by_key(Session::id);
        sessions
    }

    pub(crate) fn has_told<S: SerializerSet>(&self, session: &Session<S>) -> bool {
        session.id() <= self.told.load(Ordering::Relaxed)
    }

    fn tell<S: SerializerSet>(&self, session: &Session<S>) {
        self.told.fetch_max(session.id(), Ordering::Relaxed);
        let advice = self.advice(session.id());
        session.outbox().order(Order::Drain(Box::new(advice)));
    }

    /// What session number `id` is told: to come back, never that it is unwanted.
    pub(crate) fn advice(&self, id: u64) -> Close {
        let mut close = Close::new(CloseCode::DRAINING);
        if !self.spread.is_zero() {
            close = close.with_retry_after(self.spread.mul_f64(fastrand::f64()));
        }
        if let Some(reason) = &self.reason {
            close = close.with_reason(reason.clone());
        }
        match self.endpoints.len() as u64 {
            0 => close,
            count => close.with_endpoint(self.endpoints[(id % count) as usize].clone()),
        }
    }
}

impl<S: SerializerSet> Handle<S> {
    /// The advice for a client that comes when the server waits for nobody any more.
    pub(crate) fn late_advice(&self) -> Close {
        let spread = self.config().reconnect_spread;
        Close::new(CloseCode::DRAINING).with_retry_after(spread.mul_f64(fastrand::f64()))
    }

    /// Waits until there is no session.
    pub(crate) async fn emptied(&self) {
        loop {
            let sessions = self.sessions();
            if sessions.is_empty() {
                return;
            }
            for session in sessions {
                session.ended().await;
            }
        }
    }
}
