//! How a client is set up.

use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use pitaya_client_core::{Backoff, Client as Machine, Config, Input};
use pitaya_protocol::handshake::ClientInfo;
use pitaya_protocol::{Capabilities, Json, Serializer, SerializerSet};
use serde::Serialize;
use tokio::runtime::Handle;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};

use crate::buffer::Capacity;
use crate::client::Client;
use crate::driver::{Driver, Plan};
use crate::endpoint::{Endpoint, EndpointError, IntoEndpoints};
use crate::error::ConnectError;
use crate::shared::Shared;
use crate::transport::{Settings, Tls, TlsClient};
use crate::user::{BoxError, User};

/// Head start of one endpoint over the next: most networks open a connection, with TLS, within this time.
const RACE: Duration = Duration::from_millis(1500);
/// What the machine waits beyond our own deadline, which knows what went wrong.
const BACKSTOP: Duration = Duration::from_secs(1);
/// Cap on an inflated body: ample for a game's message, harmless for a phone (Go Pitaya has no cap, wire 6.4).
const MAX_INFLATED: usize = 4 * 1024 * 1024;
/// What a subscription holds for its reader: a few seconds of a busy game, and no more than one large answer may be.
const PUSH_BUFFER: Capacity = Capacity {
    items: 256,
    bytes: MAX_INFLATED,
};

/// Settings of a client. It can be cloned and used again, for example to connect anew after a client was closed.
///
/// ```no_run
/// # use std::time::Duration;
/// # use pitaya_client::Client;
/// # async fn token() -> Result<String, std::io::Error> { Ok(String::new()) }
/// # async fn connect() -> Result<(), pitaya_client::ConnectError> {
/// let client = Client::builder(["tls://play.example:3252", "wss://play.example/game"])
///     .user_with(|| async { token().await.map(|token| serde_json::json!({ "token": token })) })
///     .request_timeout(Duration::from_secs(5))
///     .connect()
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `connect` or `start`"]
pub struct Builder<S = Json> {
    endpoints: Result<Vec<Endpoint>, EndpointError>,
    config: Config,
    connect_timeout: Duration,
    race: Duration,
    headers: Vec<(Vec<u8>, Vec<u8>)>,
    tls: TlsClient,
    user: User,
    info: ClientInfo,
    pinned: Option<Serializer>,
    only: Option<Serializer>,
    max_inflated: usize,
    push_buffer: Capacity,
    serializers: PhantomData<S>,
}

impl Builder<Json> {
    pub(crate) fn new(endpoints: impl IntoEndpoints) -> Self {
        // The hasher's keys are the operating system's randomness, which is all that the jitter needs.
        let config = Config::new(RandomState::new().hash_one(0));
        let mut info = ClientInfo::default();
        platform().clone_into(&mut info.platform);
        env!("CARGO_PKG_VERSION").clone_into(&mut info.lib_version);
        info.capabilities = Capabilities::ALL;
        Self {
            endpoints: endpoints.into_endpoints(),
            connect_timeout: config.connect_timeout.into(),
            config,
            race: RACE,
            headers: Vec::new(),
            tls: TlsClient::new(Tls::new()),
            user: User::default(),
            info,
            pinned: None,
            only: None,
            max_inflated: MAX_INFLATED,
            push_buffer: PUSH_BUFFER,
            serializers: PhantomData,
        }
    }
}

impl<S: SerializerSet> Builder<S> {
    /// Which serializers the client's payload types have: [`Json`] (the default), [`Protobuf`](crate::Protobuf) or
    /// [`Both`](crate::Both). The handshake settles which of them a connection uses.
    pub fn serializers<T: SerializerSet>(self, set: T) -> Builder<T> {
        let _ = set;
        Builder {
            endpoints: self.endpoints,
            config: self.config,
            connect_timeout: self.connect_timeout,
            race: self.race,
            headers: self.headers,
            tls: self.tls,
            user: self.user,
            info: self.info,
            pinned: self.pinned,
            only: self.only,
            max_inflated: self.max_inflated,
            push_buffer: self.push_buffer,
            serializers: PhantomData,
        }
    }

    /// Uses this serializer whatever the server says in its handshake.
    pub fn pin_serializer(mut self, serializer: Serializer) -> Self {
        self.pinned = Some(serializer);
        self
    }

    /// Speaks this one of the set alone, and leaves a server with another. For programs whose payload types are only known when they run.
    pub fn only_serializer(mut self, serializer: Serializer) -> Self {
        self.only = Some(serializer);
        self
    }

    /// The `user` object of every handshake: a value whose JSON form is an object.
    pub fn user(mut self, user: impl Serialize) -> Self {
        self.user = User::fixed(&user);
        self
    }

    /// Makes the `user` object anew for every attempt, for example with a token that has not expired. An error counts as a failed
    /// attempt.
    pub fn user_with<F, U, E>(mut self, make: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<U, E>> + Send + 'static,
        U: Serialize,
        E: Into<BoxError>,
    {
        self.user = User::made(make);
        self
    }

    /// What the handshake says of the application: its version and its build. Default: empty.
    pub fn app(mut self, version: impl Into<String>, build: impl Into<String>) -> Self {
        self.info.version = version.into();
        self.info.build_number = build.into();
        self
    }

    /// What the handshake says of the platform. Default: the operating system, with the family's `mac` for macOS.
    pub fn platform(mut self, platform: impl Into<String>) -> Self {
        self.info.platform = platform.into();
        self
    }

    /// Which extensions of the wire are offered. Default: all; without one, the client behaves as the family's do.
    pub fn capabilities(mut self, capabilities: Capabilities) -> Self {
        self.info.capabilities = capabilities;
        self
    }

    /// Whom to trust over `tls://` and `wss://`. Default: whom the operating system trusts.
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = TlsClient::new(tls);
        self
    }

    /// Adds a header to the HTTP request of `ws://` and `wss://`, for example a cookie.
    pub fn header(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.headers
            .push((name.as_ref().to_vec(), value.as_ref().to_vec()));
        self
    }

    /// Time for one attempt to open a connection: names, TCP, TLS and HTTP upgrade of all endpoints. Default: 10 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Head start of each endpoint over the next. Default: 1.5 s. An endpoint that fails earlier is followed at once.
    pub fn race(mut self, head_start: Duration) -> Self {
        self.race = head_start;
        self
    }

    /// Time from the open connection to the server's handshake response. Default: 10 s.
    pub fn handshake_timeout(mut self, timeout: Duration) -> Self {
        self.config.handshake_timeout = timeout.into();
        self
    }

    /// Time for an answer where a request says none. Default: 10 s.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.config.request_timeout = timeout.into();
        self
    }

    /// When and how often to come back after a connection was lost. Default: after 0.5 s at most, then twice that up to 30 s, without end.
    pub fn reconnect(mut self, backoff: Backoff) -> Self {
        self.config.backoff = backoff;
        self
    }

    /// Also tries again when the first connection fails, instead of reporting it. Default: no.
    pub fn retry_first(mut self, retry: bool) -> Self {
        self.config.retry_first = retry;
        self
    }

    /// Calls that waited for a connection go out only at [`Client::release`], so that the application can sign in or join anew first.
    /// Default: no.
    pub fn hold_queue(mut self, hold: bool) -> Self {
        self.config.hold_queue = hold;
        self
    }

    /// Most requests without an answer at a time; further ones fail. Default: 1,024.
    pub fn max_in_flight(mut self, requests: usize) -> Self {
        self.config.max_in_flight = requests;
        self
    }

    /// Most calls, and most bytes of them, that wait for a connection in all. Default: 1,024 and 256 KiB.
    pub fn queue(mut self, items: usize, bytes: usize) -> Self {
        self.config.queue_items = items;
        self.config.queue_bytes = bytes;
        self
    }

    /// Longest packet body that is taken from the server, in bytes. Default: 16,777,215, the most that the wire can say.
    pub fn max_packet(mut self, bytes: usize) -> Self {
        self.config.max_packet = bytes;
        self
    }

    /// Longest inflated body that is taken from the server, in bytes. Default: 4 MiB.
    pub fn max_inflated(mut self, bytes: usize) -> Self {
        self.max_inflated = bytes;
        self
    }

    /// How many pushes a subscription holds for its reader before the oldest are dropped. Default: 256.
    pub fn push_buffer(mut self, pushes: usize) -> Self {
        self.push_buffer.items = pushes;
        self
    }

    /// How many bytes of pushes a subscription holds for its reader before the oldest are dropped. Default: 4 MiB. A larger push is held alone.
    pub fn push_buffer_bytes(mut self, bytes: usize) -> Self {
        self.push_buffer.bytes = bytes;
        self
    }

    /// Connects, and returns when messages can be sent.
    ///
    /// # Errors
    /// [`ConnectError`] when there will be no connection. With [`retry_first`](Self::retry_first) that is only for what is final.
    pub async fn connect(self) -> Result<Client<S>, ConnectError> {
        let client = self.start()?;
        client.connected().await?;
        Ok(client)
    }

    /// Starts to connect and returns at once. Calls fail until there is a connection, unless they wait for one.
    ///
    /// # Errors
    /// What is wrong with the settings, and [`ConnectError::NoRuntime`]; everything else is told by [`Client::connected`] and [`Client::state`].
    pub fn start(self) -> Result<Client<S>, ConnectError> {
        let endpoints = self.endpoints?;
        if let User::Unusable(error) = self.user {
            return Err(ConnectError::User(error));
        }
        let headers = self
            .headers
            .into_iter()
            .map(header)
            .collect::<Result<_, _>>()?;
        let runtime = Handle::try_current().map_err(|_| ConnectError::NoRuntime)?;
        let mut config = self.config;
        config.connect_timeout = self.connect_timeout.saturating_add(BACKSTOP).into();
        let settings = Settings {
            connect_timeout: self.connect_timeout,
            race: self.race,
            max_packet: config.max_packet,
            headers,
            tls: self.tls,
        };
        let plan = Plan {
            endpoints,
            settings,
            user: self.user,
            info: self.info,
            serializers: S::ALL,
            pinned: self.pinned,
            max_inflated: self.max_inflated,
        };
        let request_timeout = config.request_timeout.into();
        let known = self
            .pinned
            .or(self.only)
            .or_else(|| (S::ALL.len() == 1).then(|| S::ALL[0]));
        let shared = Arc::new(Shared::new(Machine::new(config), known));
        let state = Driver::spawn(&runtime, plan, Arc::clone(&shared));
        shared.tell(Input::Connect);
        Ok(Client::new(
            shared,
            state,
            request_timeout,
            self.push_buffer,
        ))
    }
}

fn header((name, value): (Vec<u8>, Vec<u8>)) -> Result<(HeaderName, HeaderValue), ConnectError> {
    match (
        HeaderName::from_bytes(&name),
        HeaderValue::from_bytes(&value),
    ) {
        (Ok(name), Ok(value)) => Ok((name, value)),
        _ => Err(ConnectError::Header {
            name: String::from_utf8_lossy(&name).into_owned(),
        }),
    }
}

/// As clients of the family name it (wire 2.1).
fn platform() -> &'static str {
    match std::env::consts::OS {
        "macos" => "mac",
        other => other,
    }
}
