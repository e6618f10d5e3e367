//! What a client is made with.

use std::time::Duration;

use pitaya_client as rust;
use pitaya_client::{Both, Builder, Capabilities, Client, Tls};
use serde_json::Value;

use super::error::PitayaError;

/// Settings of a client. What has no value has the default of the Rust client, which is the same in all languages.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ConnectOptions {
    /// Where the server is, in order of preference: `tcp://`, `tls://`, `ws://` or `wss://`. The first that can be connected to is taken.
    pub endpoints: Vec<String>,
    /// Which serializers the application's payloads have; the handshake settles which of them a client uses. Default: JSON alone.
    #[uniffi(default = [])]
    pub serializers: Vec<Serializer>,
    /// Takes this serializer for granted, whatever the server says in its handshake.
    #[uniffi(default = None)]
    pub pinned_serializer: Option<Serializer>,
    /// The `user` object of every handshake, as JSON. Default: an empty one.
    #[uniffi(default = None)]
    pub user_json: Option<String>,
    /// Asks for the `user` object at each attempt; see [`Client::user_questions`](super::Client::user_questions).
    #[uniffi(default = false)]
    pub user_on_demand: bool,
    /// What the handshake says of the application's version.
    #[uniffi(default = None)]
    pub app_version: Option<String>,
    /// What the handshake says of the application's build.
    #[uniffi(default = None)]
    pub app_build: Option<String>,
    /// What the handshake says of the platform. Default: the operating system.
    #[uniffi(default = None)]
    pub platform: Option<String>,
    /// The names of the wire's extensions that are offered. Default: all. An empty list is the family's plain wire.
    #[uniffi(default = None)]
    pub capabilities: Option<Vec<String>>,
    /// Whom to trust over `tls://` and `wss://`. Default: whom the operating system trusts.
    #[uniffi(default = None)]
    pub tls: Option<TlsOptions>,
    /// Headers of the HTTP request of `ws://` and `wss://`.
    #[uniffi(default = [])]
    pub headers: Vec<Header>,
    /// Time for one attempt to open a connection, in milliseconds. Default: 10,000.
    #[uniffi(default = None)]
    pub connect_timeout_ms: Option<u64>,
    /// Head start of each endpoint over the next, in milliseconds. Default: 1,500.
    #[uniffi(default = None)]
    pub race_ms: Option<u64>,
    /// Time from the open connection to the server's handshake response, in milliseconds. Default: 10,000.
    #[uniffi(default = None)]
    pub handshake_timeout_ms: Option<u64>,
    /// Time for an answer where a request says none, in milliseconds. Default: 10,000.
    #[uniffi(default = None)]
    pub request_timeout_ms: Option<u64>,
    /// When and how often to come back after a connection was lost.
    #[uniffi(default = None)]
    pub reconnect: Option<ReconnectOptions>,
    /// Also tries again when the first connection fails. Default: no.
    #[uniffi(default = false)]
    pub retry_first: bool,
    /// Calls that waited for a connection go out only at [`Client::release`](super::Client::release). Default: no.
    #[uniffi(default = false)]
    pub hold_queue: bool,
    /// Most requests without an answer at a time. Default: 1,024.
    #[uniffi(default = None)]
    pub max_in_flight: Option<u32>,
    /// Most calls that wait for a connection in all. Default: 1,024. Give it together with `queue_bytes`.
    #[uniffi(default = None)]
    pub queue_items: Option<u32>,
    /// Most bytes of calls that wait for a connection in all. Default: 262,144.
    #[uniffi(default = None)]
    pub queue_bytes: Option<u32>,
    /// Longest packet body that is taken from the server, in bytes. Default: 16,777,215, the most that the wire can say.
    #[uniffi(default = None)]
    pub max_packet: Option<u32>,
    /// Longest inflated body that is taken from the server, in bytes. Default: 4 MiB.
    #[uniffi(default = None)]
    pub max_inflated: Option<u32>,
    /// How many pushes a subscription holds for its reader before the oldest are dropped. Default: 256.
    #[uniffi(default = None)]
    pub push_buffer: Option<u32>,
    /// How many bytes of pushes a subscription holds for its reader. Default: 4 MiB.
    #[uniffi(default = None)]
    pub push_buffer_bytes: Option<u32>,
}

/// When and how often a client comes back: after a random time of at most `base_ms`, then twice that, and so on to `max_ms`.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ReconnectOptions {
    /// Most time before the first attempt, in milliseconds. Default: 500.
    #[uniffi(default = None)]
    pub base_ms: Option<u64>,
    /// Most time before any attempt, in milliseconds. Default: 30,000.
    #[uniffi(default = None)]
    pub max_ms: Option<u64>,
    /// Share of the time that is random, in percent from 0 to 100. Default: 100.
    #[uniffi(default = None)]
    pub jitter_percent: Option<u8>,
    /// Attempts in a row; 0 never comes back. Default: without end.
    #[uniffi(default = None)]
    pub attempts: Option<u32>,
    /// How long a connection must have been open for attempts to count anew, in milliseconds. Default: 10,000.
    #[uniffi(default = None)]
    pub stable_ms: Option<u64>,
}

/// Whom a client trusts over `tls://` and `wss://`, and who it says it is. The host name is always checked.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct TlsOptions {
    /// Trusts these certificates, a PEM text, instead of the operating system's.
    #[uniffi(default = None)]
    pub roots_pem: Option<Vec<u8>>,
    /// Also demands that the server's public key is one of these: `sha256/` and 44 characters of base64.
    #[uniffi(default = [])]
    pub pins: Vec<String>,
    /// A certificate chain to show to servers that ask for one, the own first, as PEM. Needs `identity_key_pem`.
    #[uniffi(default = None)]
    pub identity_chain_pem: Option<Vec<u8>>,
    /// The private key of `identity_chain_pem`, as PEM.
    #[uniffi(default = None)]
    pub identity_key_pem: Option<Vec<u8>>,
}

/// A header of an HTTP request.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// How payloads become bytes. The surface only names it: bodies are bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Serializer {
    /// JSON text, the family's default.
    Json,
    /// Protocol buffers.
    Protobuf,
}

impl Serializer {
    const fn to_rust(self) -> rust::Serializer {
        match self {
            Self::Json => rust::Serializer::Json,
            Self::Protobuf => rust::Serializer::Protobuf,
        }
    }

    pub(super) const fn of_rust(serializer: rust::Serializer) -> Option<Self> {
        match serializer {
            rust::Serializer::Json => Some(Self::Json),
            rust::Serializer::Protobuf => Some(Self::Protobuf),
            _ => None,
        }
    }
}

/// The order that a setting gives, where it has a value.
fn set<T>(
    builder: Builder<Both>,
    value: Option<T>,
    give: impl FnOnce(Builder<Both>, T) -> Builder<Both>,
) -> Builder<Both> {
    match value {
        Some(value) => give(builder, value),
        None => builder,
    }
}

impl ConnectOptions {
    /// The Rust client's settings; only the `user` object on demand is not among them.
    pub(crate) fn builder(self) -> Result<Builder<Both>, PitayaError> {
        let mut builder = Client::builder(self.endpoints).serializers(Both);
        let json = self.serializers.is_empty() || self.serializers.contains(&Serializer::Json);
        let protobuf = self.serializers.contains(&Serializer::Protobuf);
        if json != protobuf {
            let only = if json {
                Serializer::Json
            } else {
                Serializer::Protobuf
            };
            builder = builder.only_serializer(only.to_rust());
        }
        builder = set(builder, self.pinned_serializer, |builder, pinned| {
            builder.pin_serializer(pinned.to_rust())
        });
        if let Some(user) = &self.user_json {
            let user: Value =
                serde_json::from_str(user).map_err(|error| PitayaError::user(&error))?;
            builder = builder.user(user);
        }
        if self.app_version.is_some() || self.app_build.is_some() {
            builder = builder.app(
                self.app_version.unwrap_or_default(),
                self.app_build.unwrap_or_default(),
            );
        }
        builder = set(builder, self.platform, Builder::platform);
        if let Some(names) = self.capabilities {
            builder = builder.capabilities(capabilities(&names)?);
        }
        if let Some(tls) = self.tls {
            builder = builder.tls(tls.to_tls()?);
        }
        for Header { name, value } in self.headers {
            builder = builder.header(name, value);
        }
        let time = Duration::from_millis;
        builder = set(
            builder,
            self.connect_timeout_ms.map(time),
            Builder::connect_timeout,
        );
        builder = set(builder, self.race_ms.map(time), Builder::race);
        builder = set(
            builder,
            self.handshake_timeout_ms.map(time),
            Builder::handshake_timeout,
        );
        builder = set(
            builder,
            self.request_timeout_ms.map(time),
            Builder::request_timeout,
        );
        builder = set(
            builder,
            self.reconnect.map(ReconnectOptions::backoff),
            Builder::reconnect,
        );
        builder = builder
            .retry_first(self.retry_first)
            .hold_queue(self.hold_queue);
        let size = |value: Option<u32>| value.map(|value| value as usize);
        builder = set(builder, size(self.max_in_flight), Builder::max_in_flight);
        if self.queue_items.is_some() || self.queue_bytes.is_some() {
            let items = size(self.queue_items).unwrap_or(QUEUE_ITEMS);
            builder = builder.queue(items, size(self.queue_bytes).unwrap_or(QUEUE_BYTES));
        }
        builder = set(builder, size(self.max_packet), Builder::max_packet);
        builder = set(builder, size(self.max_inflated), Builder::max_inflated);
        builder = set(builder, size(self.push_buffer), Builder::push_buffer);
        builder = set(
            builder,
            size(self.push_buffer_bytes),
            Builder::push_buffer_bytes,
        );
        Ok(builder)
    }
}

/// The Rust client's defaults, as it sets both at once.
const QUEUE_ITEMS: usize = 1024;
const QUEUE_BYTES: usize = 256 * 1024;

/// A misspelt name would silently be no capability.
fn capabilities(names: &[String]) -> Result<Capabilities, PitayaError> {
    for name in names {
        if Capabilities::from_names([name]) == Capabilities::NONE {
            return Err(PitayaError::setting(format!(
                "`{name}` is not a capability"
            )));
        }
    }
    Ok(Capabilities::from_names(names))
}

impl ReconnectOptions {
    fn backoff(self) -> rust::Backoff {
        let mut backoff = rust::Backoff::default();
        if let Some(base) = self.base_ms {
            backoff.base = Duration::from_millis(base).into();
        }
        if let Some(max) = self.max_ms {
            backoff.max = Duration::from_millis(max).into();
        }
        if let Some(jitter) = self.jitter_percent {
            backoff.jitter = jitter.min(100);
        }
        backoff.attempts = self.attempts;
        if let Some(stable) = self.stable_ms {
            backoff.stable = Duration::from_millis(stable).into();
        }
        backoff
    }
}

impl TlsOptions {
    fn to_tls(&self) -> Result<Tls, PitayaError> {
        let mut tls = Tls::new();
        if let Some(roots) = &self.roots_pem {
            tls = tls
                .roots_pem(roots)
                .map_err(|error| PitayaError::settings(&error))?;
        }
        for pin in &self.pins {
            let pin = pin
                .parse()
                .map_err(|error: rust::PinError| PitayaError::settings(&error))?;
            tls = tls.pin(pin);
        }
        match (&self.identity_chain_pem, &self.identity_key_pem) {
            (Some(chain), Some(key)) => tls
                .identity_pem(chain, key)
                .map_err(|error| PitayaError::settings(&error)),
            (None, None) => Ok(tls),
            _ => Err(PitayaError::setting(
                "a client certificate needs both its chain and its key".to_owned(),
            )),
        }
    }
}
