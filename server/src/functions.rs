//! A component that is made of functions, without a type or a macro.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use futures_core::future::BoxFuture;
use pitaya_protocol::{Decode, Encode, Json, Notify, Remote, Request, SerializerSet};

use crate::call::{Call, Reply};
use crate::cluster::RemoteCall;
use crate::component::{Component, Endpoint};
use crate::outcome::{self, Outcome};
use crate::{Handle, Result, Session};

/// A component that is put together from functions and route constants.
///
/// ```
/// use pitaya_server::protocol::Request;
/// use pitaya_server::{Functions, Session};
///
/// const DOUBLE: Request<u32, u32> = Request::new("math.double");
///
/// let math = Functions::new("math").request(DOUBLE, async |_: Session, number: u32| Ok(number * 2));
/// # let _: pitaya_server::Functions = math;
/// ```
pub struct Functions<S: SerializerSet = Json> {
    name: Cow<'static, str>,
    endpoints: Vec<Endpoint>,
    functions: Vec<Box<Function<S>>>,
    remotes: Vec<(Endpoint, Box<RemoteFunction<S>>)>,
}

type RemoteFunction<S> = dyn Fn(RemoteCall<S>) -> BoxFuture<'static, Reply> + Send + Sync;
type Function<S> = dyn Fn(Call<S>) -> BoxFuture<'static, Reply> + Send + Sync;

impl<S: SerializerSet> Functions<S> {
    /// No functions yet; `name` is the service part of the routes.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: name.into(),
            endpoints: Vec::new(),
            functions: Vec::new(),
            remotes: Vec::new(),
        }
    }

    /// Adds the function that answers `route`.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a constant is written without `&`, here as in a client's call"
    )]
    pub fn request<Req, Res, F, Fut>(self, route: Request<Req, Res>, function: F) -> Self
    where
        Req: Decode<S> + 'static,
        Res: Encode<S> + 'static,
        F: Fn(Session<S>, Req) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Res>> + Send + 'static,
    {
        let function = Arc::new(function);
        self.with(
            Endpoint::answers(&route),
            Box::new(move |call| {
                let function = Arc::clone(&function);
                Box::pin(async move {
                    let payload = call.decode()?;
                    match function(call.session().clone(), payload).await {
                        Ok(value) => outcome::encode(&call, value),
                        Err(error) => Err(error),
                    }
                })
            }),
        )
    }

    /// Adds the function that takes `route`. It returns nothing or a `Result<()>`, whose error is logged.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a constant is written without `&`, here as in a client's call"
    )]
    pub fn notify<T, F, Fut>(self, route: Notify<T>, function: F) -> Self
    where
        T: Decode<S> + 'static,
        F: Fn(Session<S>, T) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        let function = Arc::new(function);
        self.with(
            Endpoint::takes(&route),
            Box::new(move |call| {
                let function = Arc::clone(&function);
                Box::pin(async move {
                    let payload = call.decode()?;
                    function(call.session().clone(), payload).await.into_reply()
                })
            }),
        )
    }

    /// Adds the function that answers other servers of the cluster on `route`.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a constant is written without `&`, here as in a call of it"
    )]
    pub fn remote<Req, Res, F, Fut>(mut self, route: Remote<Req, Res>, function: F) -> Self
    where
        Req: prost::Message + Default + 'static,
        Res: prost::Message + 'static,
        F: Fn(Handle<S>, Req) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Res>> + Send + 'static,
    {
        let function = Arc::new(function);
        self.remotes.push((
            Endpoint::remote(&route),
            Box::new(move |call| {
                let function = Arc::clone(&function);
                Box::pin(async move {
                    let request = call.decode()?;
                    call.reply(&function(call.server().clone(), request).await?)
                })
            }),
        ));
        self
    }

    /// Adds a function that gets the call as it is, for scripts and whatever else finds out about types at run time.
    #[must_use]
    pub fn call<F, Fut>(self, endpoint: Endpoint, function: F) -> Self
    where
        F: Fn(Call<S>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Reply> + Send + 'static,
    {
        self.with(endpoint, Box::new(move |call| Box::pin(function(call))))
    }

    /// Makes the endpoint that was added last [concurrent](Endpoint::concurrent).
    #[must_use]
    pub fn concurrent(mut self) -> Self {
        self.change_last(Endpoint::concurrent);
        self
    }

    /// Makes the endpoint that was added last one that is [cancelled](Endpoint::cancel) with its session.
    #[must_use]
    pub fn cancel(mut self) -> Self {
        self.change_last(Endpoint::cancel);
        self
    }

    fn with(mut self, endpoint: Endpoint, function: Box<Function<S>>) -> Self {
        self.endpoints.push(endpoint);
        self.functions.push(function);
        self
    }

    fn change_last(&mut self, change: fn(Endpoint) -> Endpoint) {
        let last = self.endpoints.pop().map(change);
        self.endpoints.extend(last);
    }
}

impl<S: SerializerSet> Component<S> for Functions<S> {
    fn name(&self) -> Cow<'static, str> {
        self.name.clone()
    }

    fn endpoints(&self) -> Vec<Endpoint> {
        self.endpoints.clone()
    }

    fn call(self: Arc<Self>, index: usize, call: Call<S>) -> BoxFuture<'static, Reply> {
        match self.functions.get(index) {
            Some(function) => function(call),
            None => outcome::no_endpoint(index),
        }
    }

    fn remotes(&self) -> Vec<Endpoint> {
        let endpoints = self.remotes.iter().map(|(endpoint, _)| endpoint.clone());
        endpoints.collect()
    }

    fn call_remote(
        self: Arc<Self>,
        index: usize,
        call: RemoteCall<S>,
    ) -> BoxFuture<'static, Reply> {
        match self.remotes.get(index) {
            Some((_, function)) => function(call),
            None => outcome::no_endpoint(index),
        }
    }
}

impl<S: SerializerSet> fmt::Debug for Functions<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Functions")
            .field("name", &self.name)
            .field("endpoints", &self.endpoints)
            .finish_non_exhaustive()
    }
}
