//! Connecting to the engine, and hearing of what becomes of the connection.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event, ServerAddr};
use percent_encoding::percent_decode_str;
use pitaya_protocol::cluster::Member;
use rustls::crypto::{CryptoProvider, ring};
use tracing::{debug, info, warn};

use super::config::NatsConfig;
use super::link::Link;
use crate::cluster::BusError;

/// The second pause before connecting again; the first attempt has none.
const FIRST_DELAY: Duration = Duration::from_millis(25);

/// A client that was closed while the engine was away cannot be told to give up. It looks this seldom, and ends when it finds the engine.
const CLOSED_DELAY: Duration = Duration::from_secs(60);

pub(super) async fn connect(link: &Arc<Link>, me: &Member) -> Result<Client, BusError> {
    let config = &link.config;
    let failed = |error: &dyn std::fmt::Display| {
        BusError::new(format!("NATS at {}", link.config.hosts()), error)
    };
    let addresses = addresses(config).map_err(|error| failed(&error))?;
    let options = options(link, me, &addresses);
    let options = match &config.credentials {
        Some(file) => options
            .credentials_file(file)
            .await
            .map_err(|error| failed(&format_args!("{} cannot be read: {error}", file.display())))?,
        None => options,
    };
    // It is used for TLS unless the program has chosen another.
    if CryptoProvider::get_default().is_none() {
        // An error says that another thread was first.
        let _ = ring::default_provider().install_default();
    }
    let connected = options.connect(addresses).await;
    connected.map_err(|error| failed(&error))
}

fn addresses(config: &NatsConfig) -> Result<Vec<ServerAddr>, String> {
    if config.urls.is_empty() {
        return Err("no URL says where it is".to_owned());
    }
    let hosts = config.hosts();
    let addresses = config.urls.iter().map(|url| {
        // The error names the whole URL, which may have a password in it.
        let address: ServerAddr = url
            .parse()
            .map_err(|_| format!("one of these is no address: {hosts}"))?;
        match address.scheme() {
            "nats" | "tls" => Ok(address),
            scheme => Err(format!("`{scheme}://` is neither `nats://` nor `tls://`")),
        }
    });
    addresses.collect()
}

fn options(link: &Arc<Link>, me: &Member, addresses: &[ServerAddr]) -> ConnectOptions {
    let config = &link.config;
    let name = config.name.clone();
    let name = name.unwrap_or_else(|| format!("{}/{}", me.server_type, me.id));
    let (delays, events) = (Arc::downgrade(link), Arc::new(Events::new(link)));
    let longest = config.reconnect_delay;
    let mut options = ConnectOptions::new()
        .name(name)
        .connection_timeout(config.connect_timeout)
        .ping_interval(config.ping_interval)
        .client_capacity(config.limits.queued_messages)
        .reconnect_delay_callback(move |attempt| {
            let is_open = delays.upgrade().is_some_and(|link| !link.is_closed());
            if is_open || attempt <= 1 {
                delay(attempt, longest)
            } else {
                CLOSED_DELAY
            }
        })
        .event_callback(move |event| {
            events.heard(&event);
            std::future::ready(())
        });
    if let Some(ca) = &config.tls.ca {
        options = options.add_root_certificates(ca.clone());
    }
    if let (Some(certificate), Some(key)) = (&config.tls.certificate, &config.tls.key) {
        options = options.add_client_certificate(certificate.clone(), key.clone());
    }
    match login(config, addresses) {
        Some(Login::User(user, password)) => options.user_and_password(user, password),
        Some(Login::Token(token)) => options.token(token),
        None => options,
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Login {
    User(String, String),
    Token(String),
}

/// A URL with a name and no password has a token, as in the family.
fn login(config: &NatsConfig, addresses: &[ServerAddr]) -> Option<Login> {
    let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let of_url = addresses.iter().find_map(|address| {
        let user = plain(address.username()?);
        Some(match address.password() {
            Some(password) => Login::User(user, plain(password)),
            None => Login::Token(user),
        })
    });
    let password = || config.password.clone().unwrap_or_default();
    let of_user = || Some(Login::User(config.user.clone()?, password()));
    let of_token = || config.token.clone().map(Login::Token);
    of_url.or_else(of_user).or_else(of_token)
}

/// Half of it to all of it, so that servers that lost one engine together come back one after another.
fn delay(attempt: usize, longest: Duration) -> Duration {
    if attempt <= 1 {
        return Duration::ZERO;
    }
    let doublings = u32::try_from(attempt - 2).unwrap_or(u32::MAX).min(16);
    let delay = FIRST_DELAY.saturating_mul(1 << doublings).min(longest);
    delay.mul_f64(0.5 + fastrand::f64() / 2.0)
}

/// What the client tells of its connection.
struct Events {
    link: Weak<Link>,
    /// The connections that have ended, by their numbers.
    ended: AtomicU64,
}

impl Events {
    fn new(link: &Arc<Link>) -> Self {
        Self {
            link: Arc::downgrade(link),
            ended: AtomicU64::new(0),
        }
    }

    fn heard(&self, event: &Event) {
        let Some(link) = self.link.upgrade() else {
            return;
        };
        let engine = link.config.hosts();
        match event {
            Event::Connected => {
                // Should the client have had no room to tell of the loss, its calls are given up here.
                let present = link.running().map_or(1, |running| running.connection());
                self.lose(&link, present.saturating_sub(1));
                link.metrics.up.set(1);
                info!("NATS at {engine} is connected");
            }
            Event::Disconnected => {
                self.lose(&link, self.ended.load(Ordering::Relaxed) + 1);
                link.metrics.up.set(0);
                warn!("NATS at {engine} is away; calls to other servers fail until it is back");
            }
            Event::LameDuckMode => info!("NATS at {engine} is about to stop"),
            Event::SlowConsumer(_) => link.metrics.overruns.increment(1),
            Event::ServerError(error) => warn!("NATS at {engine} says: {error}"),
            // One for each attempt to connect again.
            Event::ClientError(error) => debug!("NATS at {engine}: {error}"),
            Event::Draining | Event::Closed => {}
        }
    }

    fn lose(&self, link: &Link, connection: u64) {
        self.ended.fetch_max(connection, Ordering::Relaxed);
        link.pending.lose(connection);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_is_short_and_bounded() {
        let longest = Duration::from_millis(400);
        assert_eq!(delay(1, longest), Duration::ZERO);
        for attempt in 2..1_000 {
            let delay = delay(attempt, longest);
            assert!(
                delay >= FIRST_DELAY / 2 && delay <= longest,
                "{attempt}: {delay:?}"
            );
        }
    }

    #[test]
    fn a_login_stands_in_the_url_or_beside_it() {
        let found = |config: &NatsConfig| login(config, &addresses(config).expect("addresses"));
        let user = |name: &str| Some(Login::User(name.to_owned(), "p@ss".to_owned()));
        assert_eq!(found(&NatsConfig::new("nats://a:1")), None);
        assert_eq!(
            found(&NatsConfig::new("nats://a:1,nats://me:p%40ss@b:1")),
            user("me")
        );
        let token = Some(Login::Token("t0ken".to_owned()));
        assert_eq!(found(&NatsConfig::new("tls://t0ken@a:1")), token);
        let mut config = NatsConfig::new("a:1");
        config.token = Some("t0ken".to_owned());
        assert_eq!(found(&config), token);
        (config.user, config.password) = (Some("you".to_owned()), Some("p@ss".to_owned()));
        assert_eq!(found(&config), user("you"));
    }

    #[test]
    fn other_addresses_are_refused_without_their_secrets() {
        for url in ["", "ws://me:hush@a:1", "nats://me:hush@:x:1"] {
            let error = addresses(&NatsConfig::new(url)).expect_err(url);
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
