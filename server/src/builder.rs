//! How a server is put together and started.

use std::fmt;
#[cfg(unix)]
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pitaya_protocol::{Close, Closed, Dictionary, DictionaryError, Json, SerializerSet};

use crate::agent::Validator;
use crate::cluster::{Cluster, For, JoinError, Node, Policy, Routes};
use crate::component::Component;
use crate::config::ServerConfig;
use crate::error::Error;
#[cfg(unix)]
use crate::hand_over::{HandOverError, Predecessor, Seat};
use crate::handle::{Handle, Parts};
use crate::limits::{Limits, LimitsError};
use crate::metrics::{self, Metrics};
use crate::middleware::Middleware;
use crate::router::{Router, RouterError};
use crate::session::{Hooks, Session};
use crate::shutdown::ShutdownReport;
use crate::transport::bind::BindError;
use crate::transport::listener::{ListenOn, Listener, tcp};

/// Where a server begins.
#[derive(Debug)]
#[non_exhaustive]
pub struct Server;

impl Server {
    /// A server whose payloads are JSON.
    pub fn builder() -> ServerBuilder {
        ServerBuilder::new()
    }

    /// A server with this set of serializers: [`Json`], [`Protobuf`](pitaya_protocol::Protobuf) or [`Both`](pitaya_protocol::Both).
    pub fn builder_for<S: SerializerSet>() -> ServerBuilder<S> {
        ServerBuilder::new()
    }
}

/// Collects what a server is made of. See [`Server::builder`].
///
/// ```
/// use pitaya_server::protocol::Request;
/// use pitaya_server::{Functions, Server, Session};
///
/// const DOUBLE: Request<u32, u32> = Request::new("math.double");
///
/// # async fn start() -> Result<(), pitaya_server::StartError> {
/// let math = Functions::new("math").request(DOUBLE, async |_: Session, number: u32| Ok(number * 2));
/// let server = Server::builder().register(math).start().await?;
/// let client = server.connect();
/// # drop(client);
/// # Ok(())
/// # }
/// ```
#[must_use = "a server does nothing before `start` or `run`"]
pub struct ServerBuilder<S: SerializerSet = Json> {
    config: ServerConfig,
    components: Vec<Arc<dyn Component<S>>>,
    middleware: Vec<Arc<dyn Middleware<S>>>,
    validators: Vec<Validator<S>>,
    hooks: Hooks<S>,
    listeners: Vec<Listener>,
    health: Option<ListenOn>,
    #[cfg(unix)]
    hand_over: Option<PathBuf>,
    cluster: Option<Cluster>,
    routes: Routes<S>,
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A listener could not be bound.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// Components cannot be served together.
    #[error(transparent)]
    Routes(#[from] RouterError),
    /// The dictionary is none.
    #[error(transparent)]
    Dictionary(#[from] DictionaryError),
    /// The limits contradict each other.
    #[error(transparent)]
    Limits(#[from] LimitsError),
    /// The heartbeat is no whole number of seconds, or none (wire 2.2).
    #[error(
        "the heartbeat is {0:?}, but clients of the family only understand whole seconds, at least one"
    )]
    Heartbeat(std::time::Duration),
    /// The server's type is empty or has a dot in it, so that no route could name it.
    #[error("the server type `{0}` cannot be part of a route")]
    ServerType(String),
    /// The listeners of the server before this one could not be taken over.
    #[cfg(unix)]
    #[error(transparent)]
    HandOver(#[from] HandOverError),
    /// The server was not let into its cluster.
    #[error(transparent)]
    Join(#[from] JoinError),
    /// A component's hook failed.
    #[error("component `{component}` failed to start: {cause}")]
    Component {
        /// The component's name.
        component: String,
        /// What its hook said.
        cause: Error,
    },
}

impl<S: SerializerSet> Default for ServerBuilder<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: SerializerSet> ServerBuilder<S> {
    /// A server with the default settings and nothing in it.
    pub fn new() -> Self {
        Self {
            config: ServerConfig::default(),
            components: Vec::new(),
            middleware: Vec::new(),
            validators: Vec::new(),
            hooks: Hooks::default(),
            listeners: Vec::new(),
            health: None,
            #[cfg(unix)]
            hand_over: None,
            cluster: None,
            routes: Routes::default(),
        }
    }

    /// Takes all settings, in the place of those set before.
    pub fn config(mut self, config: ServerConfig) -> Self {
        self.config = config;
        self
    }

    /// Changes settings in place.
    pub fn configure(mut self, change: impl FnOnce(&mut ServerConfig)) -> Self {
        change(&mut self.config);
        self
    }

    /// Takes the limits, in the place of those set before.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.config.limits = limits;
        self
    }

    /// Takes the codes for routes, from 1 up.
    pub fn dictionary<R: Into<String>>(
        mut self,
        codes: impl IntoIterator<Item = (R, u16)>,
    ) -> Self {
        self.config.dictionary = codes
            .into_iter()
            .map(|(route, code)| (route.into(), code))
            .collect();
        self
    }

    /// Adds a component.
    pub fn register(mut self, component: impl Component<S>) -> Self {
        self.components.push(Arc::new(component));
        self
    }

    /// Runs `middleware` around every handler, inside of what was added before.
    pub fn wrap(mut self, middleware: impl Middleware<S>) -> Self {
        self.middleware.push(Arc::new(middleware));
        self
    }

    /// Asks `validator` before a client is let in; several are asked one after another, until one refuses.
    ///
    /// It sees the session with its [`handshake`](Session::handshake) and [`peer`](Session::peer), and may bind it and set its data. All of them
    /// together have to be done within the handshake's deadline.
    pub fn validate<F, Fut>(mut self, validator: F) -> Self
    where
        F: Fn(Session<S>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Close>> + Send + 'static,
    {
        self.validators
            .push(Arc::new(move |session| Box::pin(validator(session))));
        self
    }

    /// Runs `hook` when a session loses its connection; with `grace` the session lives on for a while.
    pub fn on_drop<F, Fut>(mut self, hook: F) -> Self
    where
        F: Fn(Session<S>, Closed) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.hooks.on_drop.push(Arc::new(move |session, closed| {
            Box::pin(hook(session, closed))
        }));
        self
    }

    /// Runs `hook` when a session ends, exactly once for each.
    pub fn on_close<F, Fut>(mut self, hook: F) -> Self
    where
        F: Fn(Session<S>, Closed) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.hooks.on_close.push(Arc::new(move |session, closed| {
            Box::pin(hook(session, closed))
        }));
        self
    }

    /// Adds a listener. A server without one serves what the host program gives it.
    pub fn listen(mut self, listener: Listener) -> Self {
        self.listeners.push(listener);
        self
    }

    /// Answers HTTP there: `/ready` with 200, or 503 and the reasons of [`Handle::ready`], `/live` by [`Handle::live`]. From before the components are
    /// initialised to the end of the shutdown. Give it an address that strangers do not reach.
    pub fn health(mut self, on: impl Into<ListenOn>) -> Self {
        self.health = Some(on.into());
        self
    }

    /// Takes the listeners over from the server that runs with the same file, if there is one, and hands them over to the next, so that no connection is
    /// refused in between. Listeners are known by their addresses.
    ///
    /// The next process asks when it starts. When it has started, this server stops to accept, [`run`](Self::run) drains it, and others hear of it by
    /// [`Handle::replaced`]. One that does not get so far changes nothing. The file's folder has to be one into which strangers cannot write.
    #[cfg(unix)]
    pub fn hand_over(mut self, file: impl Into<PathBuf>) -> Self {
        self.hand_over = Some(file.into());
        self
    }

    /// Makes the server part of a cluster. It joins when its components are initialised.
    pub fn cluster(mut self, cluster: Cluster) -> Self {
        self.cluster = Some(cluster);
        self
    }

    /// Sets the policy for messages or remote calls to servers of a type. Default [`Random`](crate::cluster::Random). It can be changed with
    /// [`Handle::set_routing`].
    pub fn routing(self, kind: For, server_type: &str, policy: impl Policy<S>) -> Self {
        self.routes.set(kind, server_type, policy);
        self
    }

    /// Starts the server in the current tokio runtime.
    ///
    /// # Errors
    ///
    /// [`StartError`] for a mistake in what was put together, a port that is taken, a component that fails; nothing runs then.
    pub async fn start(self) -> Result<Handle<S>, StartError> {
        let Self {
            config,
            components,
            middleware,
            validators,
            hooks,
            listeners,
            health,
            #[cfg(unix)]
            hand_over,
            cluster,
            routes,
        } = self;
        config.limits.check()?;
        if config.heartbeat.as_secs() == 0 || config.heartbeat.subsec_nanos() != 0 {
            return Err(StartError::Heartbeat(config.heartbeat));
        }
        if config.server_type.trim().is_empty() || config.server_type.contains('.') {
            return Err(StartError::ServerType(config.server_type));
        }
        let dictionary =
            Dictionary::new(config.dictionary.iter().map(|(route, code)| (route, *code)))?;
        let meter = |route: &Arc<str>| metrics::route(route);
        let router = Router::new(config.server_type.clone(), &middleware, &components, meter)?;
        #[cfg(unix)]
        let mut predecessor = match &hand_over {
            Some(file) => Predecessor::find(file)
                .await
                .map_err(|error| HandOverError::new(file, error))?,
            None => None,
        };
        let mut bound = Vec::new();
        // Whoever asks how the server is gets an answer while it starts.
        let health = health.map(|on| tcp(on).name("health"));
        let with_health = health.is_some();
        for listener in health.into_iter().chain(listeners) {
            #[cfg(unix)]
            let listener = match &mut predecessor {
                Some(predecessor) => listener.inherit(predecessor).await,
                None => listener,
            };
            bound.push(listener.bind().await?);
        }
        let mut bound = bound.into_iter();
        let metrics = Metrics::new();
        let node = cluster.map(|cluster| Node::new(cluster, &config.server_type, routes));
        let handle = Handle::new(Parts {
            node,
            config,
            dictionary,
            router,
            components,
            validators,
            hooks,
            metrics,
        });
        #[cfg(unix)]
        if hand_over.is_some() {
            handle.life().lent.open();
        }
        if with_health && let Some(bound) = bound.next() {
            handle.answer_probes(bound);
        }
        let mut begun = initialise(&handle).await;
        if begun.is_ok() {
            begun = handle.join_cluster().await.map_err(StartError::from);
        }
        if let Err(error) = begun {
            // What components have begun by then would otherwise go on without a server.
            handle.clear_groups();
            let mut tasks = std::mem::take(&mut *handle.tasks());
            tasks.shutdown().await;
            return Err(error);
        }
        #[cfg(unix)]
        if let Some(file) = &hand_over
            && let Err(error) = take_over(&handle, file, predecessor).await
        {
            handle.shutdown().await;
            return Err(HandOverError::new(file, error).into());
        }
        for bound in bound {
            handle.accept_from(bound);
        }
        handle.life().start();
        Ok(handle)
    }

    /// Starts the server and runs it until the process is told to stop (Ctrl-C, or SIGTERM on Unix) or another one has taken its place, then shuts it
    /// down.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub async fn run(self) -> Result<ShutdownReport, StartError> {
        let handle = self.start().await?;
        tokio::select! {
            () = told_to_stop() => {}
            () = handle.replaced() => {}
        }
        Ok(handle.shutdown().await)
    }
}

/// Runs the hooks of the start, in the order of registration.
async fn initialise<S: SerializerSet>(handle: &Handle<S>) -> Result<(), StartError> {
    for component in handle.components() {
        let begun = component.init(handle).await;
        begun.map_err(|cause| failed(&**component, cause))?;
    }
    for component in handle.components() {
        let begun = component.after_init(handle).await;
        begun.map_err(|cause| failed(&**component, cause))?;
    }
    Ok(())
}

/// The server before this one stops to accept; the next one will ask by the same file.
#[cfg(unix)]
async fn take_over<S: SerializerSet>(
    handle: &Handle<S>,
    file: &Path,
    predecessor: Option<Predecessor>,
) -> std::io::Result<()> {
    let seat = Seat::beside(file)?;
    if let Some(predecessor) = predecessor
        && let Err(error) = predecessor.replace().await
    {
        seat.leave();
        return Err(error);
    }
    // There is no way back from here: the other one drains.
    handle.await_successor(seat.take(file));
    Ok(())
}

fn failed<S: SerializerSet>(component: &dyn Component<S>, cause: Error) -> StartError {
    StartError::Component {
        component: component.name().into_owned(),
        cause,
    }
}

/// Waits for the operating system's request to stop.
async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    // Where the signal cannot be listened to there is nothing to wait for but the process's end.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

impl<S: SerializerSet> fmt::Debug for ServerBuilder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerBuilder")
            .field("config", &self.config)
            .field(
                "components",
                &self
                    .components
                    .iter()
                    .map(|component| component.name())
                    .collect::<Vec<_>>(),
            )
            .field("listeners", &self.listeners)
            .finish_non_exhaustive()
    }
}
