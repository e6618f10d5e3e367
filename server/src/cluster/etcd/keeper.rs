//! The task that keeps a server entered and its list of the others true.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use etcd_client::{Client, GetOptions, KeyValue, PutOptions, WatchOptions, WatchStream};
use futures_util::{StreamExt, stream};
use pitaya_protocol::cluster::members_prefix;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::backoff::Backoff;
use super::config::EtcdConfig;
use super::lease::{Lease, revoke};
use super::link::{LinkError, answer, connect};
use super::roster::Roster;

/// Keys that one answer of etcd brings. With the names that servers have it is far below the 4 MiB that an answer may be long.
const PAGE: i64 = 1_000;

/// Whatever the settings say, etcd is not asked without a pause.
const SHORTEST_SYNC: Duration = Duration::from_millis(100);

/// Values that are asked for at once, as Go Pitaya (wire 19).
const READ_AT_ONCE: usize = 10;

/// Keeps one server entered.
#[derive(Debug)]
pub(super) struct Keeper {
    config: Arc<EtcdConfig>,
    roster: Roster,
    prefix: Vec<u8>,
    key: String,
    value: String,
    up: Arc<AtomicBool>,
    lease: Option<i64>,
    attempts: usize,
    backoff: Backoff,
}

/// A connection on which this server is entered and the others are watched.
pub(super) struct Session {
    client: Client,
    lease: Lease,
    watch: WatchStream,
}

impl Keeper {
    pub(super) fn new(
        config: Arc<EtcdConfig>,
        roster: Roster,
        key: String,
        value: String,
        up: Arc<AtomicBool>,
    ) -> Self {
        Self {
            prefix: members_prefix(&config.prefix).into_bytes(),
            config,
            roster,
            key,
            value,
            up,
            lease: None,
            attempts: 0,
            backoff: Backoff::default(),
        }
    }

    /// Tries each endpoint once.
    pub(super) async fn first(&mut self) -> Result<Session, LinkError> {
        let mut last = LinkError::NoEndpoint;
        for _ in 0..self.config.endpoints.len() {
            match self.open().await {
                Ok(session) => return Ok(session),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Keeps the server entered until it is told to stop, and then takes it out.
    pub(super) async fn run(mut self, mut session: Session, stop: CancellationToken) {
        loop {
            let lost = tokio::select! {
                lost = self.keep(&mut session) => lost,
                () = stop.cancelled() => return self.leave(Some(session.client)).await,
            };
            let is_news = self.backoff.lost();
            if is_news {
                tracing::warn!(reason = %lost, "etcd is away; the servers that were known stay known");
            }
            drop(session);
            let opened = tokio::select! {
                opened = self.reopen() => opened,
                () = stop.cancelled() => return self.leave(None).await,
            };
            if is_news {
                tracing::info!("etcd is back");
            }
            session = opened;
        }
    }

    /// Tries until etcd answers.
    async fn reopen(&mut self) -> Session {
        self.up.store(false, Ordering::Relaxed);
        self.roster.hold();
        loop {
            tokio::time::sleep(self.backoff.wait()).await;
            match self.open().await {
                Ok(session) => return session,
                Err(error) => tracing::debug!(%error, "etcd is still away"),
            }
        }
    }

    async fn open(&mut self) -> Result<Session, LinkError> {
        let attempt = self.attempts;
        self.attempts = attempt.wrapping_add(1);
        let client = connect(&self.config, attempt).await?;
        let (ttl, within) = (self.config.lease_ttl, self.config.request_timeout);
        let lease = Lease::take(&client, self.lease, ttl, within).await?;
        self.lease = Some(lease.id());
        let watch = self.list(&client, lease.id()).await?;
        self.up.store(true, Ordering::Relaxed);
        self.backoff.reached();
        Ok(Session {
            client,
            lease,
            watch,
        })
    }

    /// Follows what happens until the connection or the lease is lost.
    async fn keep(&mut self, session: &mut Session) -> LinkError {
        let Session {
            client,
            lease,
            watch,
        } = session;
        let id = lease.id();
        tokio::select! {
            lost = lease.keep() => lost,
            Err(lost) = self.follow(client, id, watch) => lost,
        }
    }

    async fn follow(
        &mut self,
        client: &Client,
        lease: i64,
        watch: &mut WatchStream,
    ) -> Result<Infallible, LinkError> {
        let hold_ends = Instant::now() + self.config.deletion_hold;
        let mut holds = true;
        loop {
            let sync_at = Instant::now() + self.config.sync_interval.max(SHORTEST_SYNC);
            loop {
                tokio::select! {
                    () = sleep_until(sync_at) => break,
                    () = sleep_until(hold_ends), if holds => {
                        holds = false;
                        self.roster.release();
                        self.roster.publish();
                    }
                    message = watch.message() => {
                        let message = message?.ok_or(LinkError::Ended)?;
                        if message.canceled() {
                            // When it fell too far behind, the history that it missed is compacted: the list that follows has what it told.
                            return Err(LinkError::WatchEnded(message.cancel_reason().to_owned()));
                        }
                        let mut taken_out = false;
                        for kv in message.events().iter().filter_map(|event| event.kv()) {
                            taken_out |= self.apply(kv);
                        }
                        self.roster.publish();
                        if taken_out {
                            self.enter(client, lease).await?;
                        }
                    }
                }
            }
            *watch = self.list(client, lease).await?;
        }
    }

    /// Takes an event over. Returns whether somebody has deleted this server's own entry.
    fn apply(&mut self, kv: &KeyValue) -> bool {
        // What was put has been put at least once.
        let is_deleted = kv.version() == 0;
        match self.roster.name(kv.key()) {
            Some(name) if is_deleted => self.roster.remove(&name),
            Some(name) => self.roster.enter(name, kv.value(), kv.mod_revision()),
            None => return is_deleted && kv.key() == self.key.as_bytes(),
        }
        false
    }

    /// Compares the list with etcd as a whole, enters this server where it is missing, and watches from there on.
    ///
    /// Keys come first and values one by one: a huge value of another program does not hide the others.
    async fn list(&mut self, client: &Client, lease: i64) -> Result<WatchStream, LinkError> {
        let within = self.config.request_timeout;
        let mut kv = client.kv_client();
        let mut end = self.prefix.clone();
        // It ends with a slash; a zero is the next character.
        end.pop();
        end.push(b'0');
        let (mut from, mut revision) = (self.prefix.clone(), 0);
        let (mut names, mut unread) = (BTreeSet::new(), Vec::new());
        let mut entered = false;
        loop {
            let options = GetOptions::new()
                .with_range(end.clone())
                .with_keys_only()
                .with_limit(PAGE)
                .with_revision(revision);
            let page = answer(within, kv.get(from, Some(options))).await?;
            if revision == 0 {
                revision = page.header().map_or(0, |header| header.revision());
            }
            for entry in page.kvs() {
                entered |= entry.key() == self.key.as_bytes() && entry.lease() == lease;
                let Some(name) = self.roster.name(entry.key()) else {
                    continue;
                };
                if !self.roster.knows(&name, entry.mod_revision()) {
                    unread.push((name.clone(), entry.key().to_vec()));
                }
                names.insert(name);
            }
            match page.kvs().last() {
                Some(last) if page.more() => from = [last.key(), &[0]].concat(),
                _ => break,
            }
        }
        if !entered {
            self.enter(client, lease).await?;
        }
        self.roster.retain(&names);
        let mut values = stream::iter(unread)
            .map(|(name, key)| {
                let mut kv = kv.clone();
                async move { (name, answer(within, kv.get(key, None)).await) }
            })
            .buffer_unordered(READ_AT_ONCE);
        while let Some((name, value)) = values.next().await {
            match value {
                Ok(value) => {
                    // None when it is gone by now; the watch tells of it.
                    if let Some(kv) = value.kvs().first() {
                        self.roster.enter(name, kv.value(), kv.mod_revision());
                    }
                }
                Err(error) if error.is_too_large() => self.roster.unreadable(&name, &error),
                Err(error) => return Err(error),
            }
        }
        drop(values);
        self.roster.publish();
        let options = WatchOptions::new()
            .with_range(end)
            .with_start_revision(revision + 1)
            // A flood of large values comes in pieces that an answer may be long.
            .with_fragment();
        let mut watches = client.watch_client();
        let created = async {
            let mut watch = watches.watch(self.prefix.clone(), Some(options)).await?;
            let first = watch.message().await?;
            Ok((watch, first))
        };
        match answer(within, created).await? {
            (watch, Some(first)) if !first.canceled() => Ok(watch),
            (_, Some(first)) => Err(LinkError::WatchEnded(first.cancel_reason().to_owned())),
            (_, None) => Err(LinkError::Ended),
        }
    }

    async fn enter(&self, client: &Client, lease: i64) -> Result<(), LinkError> {
        let options = PutOptions::new().with_lease(lease);
        let mut kv = client.kv_client();
        let put = kv.put(self.key.clone(), self.value.clone(), Some(options));
        answer(self.config.request_timeout, put).await?;
        Ok(())
    }

    /// Ends the lease, so that the others see at once that this server has left.
    async fn leave(self, client: Option<Client>) {
        self.up.store(false, Ordering::Relaxed);
        let Some(lease) = self.lease else { return };
        let within = self.config.request_timeout;
        let left = async {
            let client = match client {
                Some(client) => client,
                None => connect(&self.config, self.attempts).await?,
            };
            revoke(&client, lease, within).await
        };
        if let Err(error) = left.await {
            tracing::warn!(%error, "this server stays entered until its lease runs out");
        }
    }
}
