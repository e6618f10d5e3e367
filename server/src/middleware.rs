//! What runs around handlers.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use futures_core::future::BoxFuture;
use pitaya_protocol::{Json, SerializerSet};

use crate::call::{Call, Reply};
use crate::component::Component;

/// Runs around the handlers of a server or of one component: looks at calls, changes them, answers them itself, looks at answers.
///
/// An `async fn(Call, Next) -> Reply` is one already. Several run in the order in which they were added, the server's before the
/// component's. They see the calls whose route and kind are right.
///
/// ```
/// use pitaya_server::{Call, Error, Next, Reply};
///
/// async fn signed_in(call: Call, next: Next) -> Reply {
///     if call.session().uid().is_none() {
///         return Err(Error::new("AUTH-401", "sign in first"));
///     }
///     next.run(call).await
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a middleware",
    label = "expected an `async fn(Call, Next) -> Reply` or a type that implements `Middleware`"
)]
pub trait Middleware<S: SerializerSet = Json>: Send + Sync + 'static {
    /// Answers `call`, by itself or through `next`.
    fn handle(&self, call: Call<S>, next: Next<S>) -> BoxFuture<'static, Reply>;
}

impl<S, F, Fut> Middleware<S> for F
where
    S: SerializerSet,
    F: Fn(Call<S>, Next<S>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Reply> + Send + 'static,
{
    fn handle(&self, call: Call<S>, next: Next<S>) -> BoxFuture<'static, Reply> {
        Box::pin(self(call, next))
    }
}

/// A list of middleware, shared by the endpoints that it runs around.
pub(crate) type Chain<S> = Arc<[Arc<dyn Middleware<S>>]>;

/// The rest of a call's way: further middleware, then the handler.
pub struct Next<S: SerializerSet = Json> {
    chain: Chain<S>,
    at: usize,
    component: Arc<dyn Component<S>>,
    index: usize,
}

impl<S: SerializerSet> Next<S> {
    /// The whole way to endpoint `index` of `component`.
    pub(crate) const fn new(
        chain: Chain<S>,
        component: Arc<dyn Component<S>>,
        index: usize,
    ) -> Self {
        Self {
            chain,
            at: 0,
            component,
            index,
        }
    }

    /// Goes on with `call`.
    pub fn run(mut self, call: Call<S>) -> BoxFuture<'static, Reply> {
        match self.chain.get(self.at).cloned() {
            Some(middleware) => {
                self.at += 1;
                middleware.handle(call, self)
            }
            None => self.component.call(self.index, call),
        }
    }
}

impl<S: SerializerSet> fmt::Debug for Next<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next")
            .field("middleware_left", &(self.chain.len() - self.at))
            .field("component", &self.component.name())
            .field("index", &self.index)
            .finish()
    }
}
