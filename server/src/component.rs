//! Components: the parts of a game that clients can call.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use futures_core::future::BoxFuture;
use pitaya_protocol::{Json, Notify, Remote, Request, Route, SerializerSet};

use crate::call::{Call, Reply};
use crate::cluster::RemoteCall;
use crate::middleware::Middleware;
use crate::{Handle, Result};

/// Whether a message, or the endpoint that it is for, has an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the wire has exactly these two kinds"
)]
pub enum EndpointKind {
    /// Answered, exactly once.
    Request,
    /// Never answered.
    Notify,
}

/// One method of a component that clients can call.
///
/// ```
/// use pitaya_server::{Endpoint, EndpointKind};
///
/// let endpoint = Endpoint::request("find").concurrent();
/// assert_eq!((endpoint.kind(), endpoint.name()), (EndpointKind::Request, "find"));
/// ```
#[derive(Clone, Debug)]
pub struct Endpoint {
    kind: EndpointKind,
    name: Cow<'static, str>,
    service: Option<Cow<'static, str>>,
    concurrent: bool,
    cancel: bool,
}

impl Endpoint {
    /// An endpoint that answers.
    #[must_use]
    pub fn request(name: impl Into<Cow<'static, str>>) -> Self {
        Self::new(EndpointKind::Request, name.into())
    }

    /// An endpoint that does not answer.
    #[must_use]
    pub fn notify(name: impl Into<Cow<'static, str>>) -> Self {
        Self::new(EndpointKind::Notify, name.into())
    }

    /// The endpoint of a route constant. Its service has to be the component's name; the server looks when it starts.
    #[must_use]
    pub fn answers<Req, Res>(route: &Request<Req, Res>) -> Self {
        Self::of(EndpointKind::Request, route.route())
    }

    /// The same for a route without answer.
    #[must_use]
    pub fn takes<T>(route: &Notify<T>) -> Self {
        Self::of(EndpointKind::Notify, route.route())
    }

    /// The endpoint of a method that other servers call, for [`Component::remotes`].
    #[must_use]
    pub fn remote<Req, Res>(route: &Remote<Req, Res>) -> Self {
        Self::of(EndpointKind::Request, route.route())
    }

    /// Lets the session's next handlers run beside this one instead of after it.
    ///
    /// Needed when it waits for a later message of the same player, which otherwise is not handled before it ends.
    #[must_use]
    pub const fn concurrent(mut self) -> Self {
        self.concurrent = true;
        self
    }

    /// Drops a handler in flight at its next await when its session ends, instead of letting it complete.
    #[must_use]
    pub const fn cancel(mut self) -> Self {
        self.cancel = true;
        self
    }

    /// Whether it answers.
    #[must_use]
    pub const fn kind(&self) -> EndpointKind {
        self.kind
    }

    /// The method part of its route.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// See [`concurrent`](Self::concurrent).
    #[must_use]
    pub const fn is_concurrent(&self) -> bool {
        self.concurrent
    }

    /// See [`cancel`](Self::cancel).
    #[must_use]
    pub const fn is_cancelled(&self) -> bool {
        self.cancel
    }

    /// The service that its route constant names, where it was made from one.
    pub(crate) fn service(&self) -> Option<&str> {
        self.service.as_deref()
    }

    const fn new(kind: EndpointKind, name: Cow<'static, str>) -> Self {
        Self {
            kind,
            name,
            service: None,
            concurrent: false,
            cancel: false,
        }
    }

    fn of(kind: EndpointKind, route: &str) -> Self {
        let route = Route::parse(route).expect("a typed route is checked when it is made");
        let mut endpoint = Self::new(kind, Cow::Owned(route.method.to_owned()));
        endpoint.service = Some(Cow::Owned(route.service.to_owned()));
        endpoint
    }
}

/// A part of the game with endpoints and a life: what `#[component]` and [`Functions`](crate::Functions) make, and what scripts
/// or plug-ins can implement by hand.
///
/// The hooks run one after another over all components, in the order of registration at the start and in the reverse of it at
/// the end; an error of [`init`](Self::init) or [`after_init`](Self::after_init) keeps the server from starting.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a component for the serializers `{S}`",
    label = "not a component of such a server",
    note = "put `#[component(\"name\")]` on one of its `impl` blocks, with `serializers = ..` when the server uses others than `Json`"
)]
pub trait Component<S: SerializerSet = Json>: Send + Sync + 'static {
    /// The service part of its routes.
    fn name(&self) -> Cow<'static, str>;

    /// Its endpoints. Asked once, when the server starts.
    fn endpoints(&self) -> Vec<Endpoint>;

    /// Answers a call of endpoint number `index` of the list.
    fn call(self: Arc<Self>, index: usize, call: Call<S>) -> BoxFuture<'static, Reply>;

    /// Its methods that other servers of the cluster call. None by default. Asked once, when the server starts.
    fn remotes(&self) -> Vec<Endpoint> {
        Vec::new()
    }

    /// Answers a call of remote method number `index` of the list.
    fn call_remote(
        self: Arc<Self>,
        index: usize,
        call: RemoteCall<S>,
    ) -> BoxFuture<'static, Reply> {
        drop(call);
        crate::outcome::no_endpoint(index)
    }

    /// What runs around its endpoints, behind the server's own and what it is [wrapped](ComponentExt::wrap) in. Nothing by default.
    /// Asked once, when the server starts.
    fn middleware(&self) -> Vec<Arc<dyn Middleware<S>>> {
        Vec::new()
    }

    /// Runs before anything listens, for what the component needs to begin.
    fn init<'a>(&'a self, server: &'a Handle<S>) -> BoxFuture<'a, Result<()>> {
        nothing(server)
    }

    /// Runs when every component is initialised, still before anything listens.
    fn after_init<'a>(&'a self, server: &'a Handle<S>) -> BoxFuture<'a, Result<()>> {
        nothing(server)
    }

    /// Runs when the server is told to stop, while its sessions are still there.
    fn before_shutdown<'a>(&'a self, server: &'a Handle<S>) -> BoxFuture<'a, Result<()>> {
        nothing(server)
    }

    /// Runs when the last session has ended.
    fn shutdown<'a>(&'a self, server: &'a Handle<S>) -> BoxFuture<'a, Result<()>> {
        nothing(server)
    }
}

fn nothing<S: SerializerSet>(_: &Handle<S>) -> BoxFuture<'_, Result<()>> {
    Box::pin(std::future::ready(Ok(())))
}

/// Passes a component's life on to the one that it stands for.
macro_rules! delegate_hooks {
    ($self:ident => $component:expr) => {
        fn init<'a>(&'a $self, server: &'a Handle<S>) -> BoxFuture<'a, Result<()>> {
            $component.init(server)
        }

        fn after_init<'a>(&'a $self, server: &'a Handle<S>) -> BoxFuture<'a, Result<()>> {
            $component.after_init(server)
        }

        fn before_shutdown<'a>(&'a $self, server: &'a Handle<S>) -> BoxFuture<'a, Result<()>> {
            $component.before_shutdown(server)
        }

        fn shutdown<'a>(&'a $self, server: &'a Handle<S>) -> BoxFuture<'a, Result<()>> {
            $component.shutdown(server)
        }
    };
}

/// A component that other parts of the program hold as well.
#[diagnostic::do_not_recommend]
impl<S: SerializerSet, C: Component<S>> Component<S> for Arc<C> {
    fn name(&self) -> Cow<'static, str> {
        C::name(self)
    }

    fn endpoints(&self) -> Vec<Endpoint> {
        C::endpoints(self)
    }

    fn call(self: Arc<Self>, index: usize, call: Call<S>) -> BoxFuture<'static, Reply> {
        C::call(Self::clone(&self), index, call)
    }

    fn remotes(&self) -> Vec<Endpoint> {
        C::remotes(self)
    }

    fn call_remote(
        self: Arc<Self>,
        index: usize,
        call: RemoteCall<S>,
    ) -> BoxFuture<'static, Reply> {
        C::call_remote(Self::clone(&self), index, call)
    }

    fn middleware(&self) -> Vec<Arc<dyn Middleware<S>>> {
        C::middleware(self)
    }

    delegate_hooks!(self => Self::as_ref(self));
}

/// A component under another name, or with middleware around its endpoints; made by [`ComponentExt`].
pub struct Registered<S: SerializerSet = Json> {
    name: Cow<'static, str>,
    component: Arc<dyn Component<S>>,
    middleware: Vec<Arc<dyn Middleware<S>>>,
}

impl<S: SerializerSet> Registered<S> {
    fn new(component: impl Component<S>) -> Self {
        Self {
            name: component.name(),
            component: Arc::new(component),
            middleware: Vec::new(),
        }
    }

    /// Runs one more middleware around the endpoints, behind those that are there.
    #[must_use]
    pub fn wrap(mut self, middleware: impl Middleware<S>) -> Self {
        self.middleware.push(Arc::new(middleware));
        self
    }

    /// Registers it under this name instead of its own.
    #[must_use]
    pub fn named(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = name.into();
        self
    }
}

impl<S: SerializerSet> Component<S> for Registered<S> {
    fn name(&self) -> Cow<'static, str> {
        self.name.clone()
    }

    fn endpoints(&self) -> Vec<Endpoint> {
        self.component.endpoints()
    }

    fn call(self: Arc<Self>, index: usize, call: Call<S>) -> BoxFuture<'static, Reply> {
        Arc::clone(&self.component).call(index, call)
    }

    fn remotes(&self) -> Vec<Endpoint> {
        self.component.remotes()
    }

    fn call_remote(
        self: Arc<Self>,
        index: usize,
        call: RemoteCall<S>,
    ) -> BoxFuture<'static, Reply> {
        Arc::clone(&self.component).call_remote(index, call)
    }

    fn middleware(&self) -> Vec<Arc<dyn Middleware<S>>> {
        self.middleware
            .iter()
            .cloned()
            .chain(self.component.middleware())
            .collect()
    }

    delegate_hooks!(self => self.component);
}

impl<S: SerializerSet> fmt::Debug for Registered<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registered")
            .field("name", &self.name)
            .field("middleware", &self.middleware.len())
            .finish_non_exhaustive()
    }
}

/// How a component is registered, said at the component: `.register(Room::new().wrap(signed_in))`.
pub trait ComponentExt<S: SerializerSet = Json>: Component<S> + Sized {
    /// Runs `middleware` around its endpoints, behind that of the server.
    fn wrap(self, middleware: impl Middleware<S>) -> Registered<S> {
        Registered::new(self).wrap(middleware)
    }

    /// Registers it under this name instead of its own.
    fn named(self, name: impl Into<Cow<'static, str>>) -> Registered<S> {
        Registered::new(self).named(name)
    }
}

impl<S: SerializerSet, C: Component<S>> ComponentExt<S> for C {}
