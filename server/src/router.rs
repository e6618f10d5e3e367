//! The table from routes to handlers.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use futures_core::future::BoxFuture;
use pitaya_protocol::{MAX_ROUTE, Route, RouteError, SerializerSet, codes};

use crate::Error;
use crate::call::{Call, Reply};
use crate::component::{Component, Endpoint, EndpointKind};
use crate::middleware::{Chain, Middleware, Next};

/// Why components cannot be served together; the server does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RouterError {
    /// Two components have one name.
    #[error("two components are called `{name}`: register one of them with `.named(..)`")]
    DuplicateComponent {
        /// The name.
        name: String,
    },
    /// Two endpoints of a component have one name.
    #[error("component `{component}` has two endpoints called `{endpoint}`")]
    DuplicateEndpoint {
        /// The component's name.
        component: String,
        /// The name that both have.
        endpoint: String,
    },
    /// A route constant is not one of the component that uses it.
    #[error("component `{component}` serves `{service}.{endpoint}`, a route of `{service}`")]
    ForeignRoute {
        /// The component's name.
        component: String,
        /// The service of the constant.
        service: String,
        /// The constant's method.
        endpoint: String,
    },
    /// The names make no route.
    #[error("component `{component}` with endpoint `{endpoint}` has no route: {source}")]
    Malformed {
        /// The component's name.
        component: String,
        /// The endpoint's name.
        endpoint: String,
        /// What is wrong with `component.endpoint`.
        source: RouteError,
    },
}

/// Every endpoint of a server. `M` is what the server keeps per route to measure it.
pub(crate) struct Router<S: SerializerSet, M> {
    server_type: Cow<'static, str>,
    entries: Vec<Entry<S, M>>,
    by_route: HashMap<Arc<str>, usize>,
}

/// One endpoint.
pub(crate) struct Entry<S: SerializerSet, M> {
    route: Arc<str>,
    kind: EndpointKind,
    concurrent: bool,
    cancel: bool,
    meter: M,
    component: Arc<dyn Component<S>>,
    index: usize,
    chain: Chain<S>,
}

impl<S: SerializerSet, M> Router<S, M> {
    /// The table of `components`, each behind the server's middleware and then its own. `meter` is called once per route.
    pub(crate) fn new(
        server_type: impl Into<Cow<'static, str>>,
        middleware: &[Arc<dyn Middleware<S>>],
        components: &[Arc<dyn Component<S>>],
        mut meter: impl FnMut(&Arc<str>) -> M,
    ) -> Result<Self, RouterError> {
        let mut router = Self {
            server_type: server_type.into(),
            entries: Vec::new(),
            by_route: HashMap::new(),
        };
        let mut names = HashSet::new();
        for component in components {
            let name = component.name();
            if !names.insert(name.clone()) {
                return Err(RouterError::DuplicateComponent {
                    name: name.into_owned(),
                });
            }
            let chain = middleware
                .iter()
                .cloned()
                .chain(component.middleware())
                .collect();
            router.add(&name, component, &chain, &mut meter)?;
        }
        Ok(router)
    }

    fn add(
        &mut self,
        name: &str,
        component: &Arc<dyn Component<S>>,
        chain: &Chain<S>,
        meter: &mut impl FnMut(&Arc<str>) -> M,
    ) -> Result<(), RouterError> {
        for (index, endpoint) in component.endpoints().iter().enumerate() {
            let route = route(name, endpoint)?;
            if self
                .by_route
                .insert(Arc::clone(&route), self.entries.len())
                .is_some()
            {
                return Err(RouterError::DuplicateEndpoint {
                    component: name.to_owned(),
                    endpoint: endpoint.name().to_owned(),
                });
            }
            self.entries.push(Entry {
                kind: endpoint.kind(),
                concurrent: endpoint.is_concurrent(),
                cancel: endpoint.is_cancelled(),
                meter: meter(&route),
                component: Arc::clone(component),
                index,
                chain: Arc::clone(chain),
                route,
            });
        }
        Ok(())
    }

    /// The number of the endpoint that a client's message of `kind` to `route` is for.
    ///
    /// # Errors
    ///
    /// What the family answers: `PIT-400` for a malformed route and for a request to a notify's route, `PIT-404` for an unknown
    /// one, `PIT-500` for one of another type of server (wire 7.2, 8.3, 8.4).
    pub(crate) fn find(&self, route: &str, kind: EndpointKind) -> Result<usize, Error> {
        let index = match self.by_route.get(route) {
            Some(&index) => index,
            None => self.find_parsed(route)?,
        };
        match (kind, self.entries[index].kind) {
            (EndpointKind::Request, EndpointKind::Notify) => Err(Error::new(
                codes::BAD_REQUEST,
                "tried to request a notify route",
            )),
            _ => Ok(index),
        }
    }

    fn find_parsed(&self, text: &str) -> Result<usize, Error> {
        let route =
            Route::parse(text).map_err(|_| Error::new(codes::BAD_REQUEST, "invalid route"))?;
        if let Some(server) = route.server {
            if server != self.server_type {
                return Err(Error::new(
                    codes::INTERNAL,
                    "no servers available of this type",
                ));
            }
            if let Some(&index) = self.by_route.get(&text[server.len() + 1..]) {
                return Ok(index);
            }
        }
        // The longest route has 255 bytes, so has what a stranger can make the server say here.
        debug_assert!(text.len() <= MAX_ROUTE, "a checked route");
        let Route {
            service, method, ..
        } = route;
        let message = format!(
            "pitaya/handler: {}.{service}.{method} not found",
            self.server_type
        );
        Err(Error::new(codes::NOT_FOUND, message))
    }

    /// Endpoint `index`, as [`find`](Self::find) returned it.
    pub(crate) fn entry(&self, index: usize) -> &Entry<S, M> {
        &self.entries[index]
    }

    /// Every endpoint, in the order of registration.
    pub(crate) fn entries(&self) -> &[Entry<S, M>] {
        &self.entries
    }

    /// Starts the handler of endpoint `index`, behind its middleware. Without any the component's future is the only allocation.
    pub(crate) fn dispatch(&self, index: usize, call: Call<S>) -> BoxFuture<'static, Reply> {
        let entry = &self.entries[index];
        let component = Arc::clone(&entry.component);
        if entry.chain.is_empty() {
            component.call(entry.index, call)
        } else {
            Next::new(Arc::clone(&entry.chain), component, entry.index).run(call)
        }
    }
}

/// `service.method` of an endpoint, if that is a route.
fn route(component: &str, endpoint: &Endpoint) -> Result<Arc<str>, RouterError> {
    let names = || (component.to_owned(), endpoint.name().to_owned());
    if let Some(service) = endpoint.service()
        && service != component
    {
        let (component, endpoint) = names();
        return Err(RouterError::ForeignRoute {
            component,
            service: service.to_owned(),
            endpoint,
        });
    }
    let text = format!("{component}.{}", endpoint.name());
    let wrong = match Route::parse(&text) {
        Ok(Route { server: None, .. }) => return Ok(text.into()),
        // A dot inside one of the names.
        Ok(_) => RouteError::Parts,
        Err(error) => error,
    };
    let (component, endpoint) = names();
    Err(RouterError::Malformed {
        component,
        endpoint,
        source: wrong,
    })
}

impl<S: SerializerSet, M> Entry<S, M> {
    /// `service.method`.
    pub(crate) const fn route(&self) -> &Arc<str> {
        &self.route
    }

    /// Whether it answers.
    pub(crate) const fn kind(&self) -> EndpointKind {
        self.kind
    }

    /// Whether the session's next handlers run beside it.
    pub(crate) const fn is_concurrent(&self) -> bool {
        self.concurrent
    }

    /// Whether it is dropped when its session ends.
    pub(crate) const fn is_cancelled(&self) -> bool {
        self.cancel
    }

    /// What measures it.
    pub(crate) const fn meter(&self) -> &M {
        &self.meter
    }
}

impl<S: SerializerSet, M> fmt::Debug for Router<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.entries.iter().map(|entry| &entry.route))
            .finish()
    }
}
