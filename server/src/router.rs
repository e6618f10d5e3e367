//! The table from routes to handlers.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use foldhash::fast::RandomState;
use futures_core::future::BoxFuture;
use pitaya_protocol::{MAX_ROUTE, Route, RouteError, SerializerSet, codes};

use crate::Error;
use crate::call::{Call, Reply};
use crate::cluster::RemoteCall;
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
    /// Filled once and only read by strangers, who cannot make it slow: a fast hash will do.
    by_route: HashMap<Arc<str>, usize, RandomState>,
    remotes: Vec<RemoteEntry<S, M>>,
    by_remote: HashMap<Arc<str>, usize, RandomState>,
}

/// One method that other servers call.
pub(crate) struct RemoteEntry<S: SerializerSet, M> {
    route: Arc<str>,
    meter: M,
    component: Arc<dyn Component<S>>,
    index: usize,
}

impl<S: SerializerSet, M> RemoteEntry<S, M> {
    /// `service.method`.
    pub(crate) const fn route(&self) -> &Arc<str> {
        &self.route
    }

    /// What measures it.
    pub(crate) const fn meter(&self) -> &M {
        &self.meter
    }
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
            by_route: HashMap::default(),
            remotes: Vec::new(),
            by_remote: HashMap::default(),
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
            router.add_remotes(&name, component, &mut meter)?;
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

    fn add_remotes(
        &mut self,
        name: &str,
        component: &Arc<dyn Component<S>>,
        meter: &mut impl FnMut(&Arc<str>) -> M,
    ) -> Result<(), RouterError> {
        for (index, endpoint) in component.remotes().iter().enumerate() {
            let route = route(name, endpoint)?;
            let number = self.remotes.len();
            if self.by_remote.insert(Arc::clone(&route), number).is_some() {
                return Err(RouterError::DuplicateEndpoint {
                    component: name.to_owned(),
                    endpoint: endpoint.name().to_owned(),
                });
            }
            self.remotes.push(RemoteEntry {
                meter: meter(&route),
                component: Arc::clone(component),
                index,
                route,
            });
        }
        Ok(())
    }

    /// The number of the remote method behind `service.method`.
    pub(crate) fn remote(&self, route: &str) -> Option<usize> {
        self.by_remote.get(route).copied()
    }

    /// Remote method `number`, as [`remote`](Self::remote) returned it.
    pub(crate) fn remote_entry(&self, number: usize) -> &RemoteEntry<S, M> {
        &self.remotes[number]
    }

    /// Starts remote method `number`.
    pub(crate) fn dispatch_remote(
        &self,
        number: usize,
        call: RemoteCall<S>,
    ) -> BoxFuture<'static, Reply> {
        let entry = &self.remotes[number];
        Arc::clone(&entry.component).call_remote(entry.index, call)
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

#[cfg(test)]
mod tests {
    use pitaya_protocol::{Json, Notify, Request};

    use super::*;
    use crate::call::Body;
    use crate::component::ComponentExt;
    use crate::functions::Functions;

    const JOIN: Request<String, u32> = Request::new("room.join");
    const SAY: Notify<String> = Notify::new("room.say");

    fn room() -> Functions {
        Functions::new("room")
            .request(JOIN, async |_, _| Ok(1))
            .notify(SAY, async |_, _| ())
            .concurrent()
    }

    async fn unused(_: Call) -> Reply {
        Ok(Body::default())
    }

    fn router(components: &[Arc<dyn Component>]) -> Result<Router<Json, String>, RouterError> {
        Router::new("connector", &[], components, |route| route.to_string())
    }

    fn error(found: Result<usize, Error>) -> (String, String) {
        let error = found.expect_err("an error");
        (error.code().to_owned(), error.message().to_owned())
    }

    #[test]
    fn routes_lead_to_endpoints() {
        let shop = Functions::new("shop").call(Endpoint::request("buy"), unused);
        let router = router(&[Arc::new(room()), Arc::new(shop.named("store"))]).expect("a table");
        for (route, kind, expected) in [
            ("room.join", EndpointKind::Request, "room.join"),
            ("connector.room.join", EndpointKind::Request, "room.join"),
            ("room.join", EndpointKind::Notify, "room.join"),
            ("room.say", EndpointKind::Notify, "room.say"),
            ("store.buy", EndpointKind::Request, "store.buy"),
        ] {
            let index = router.find(route, kind).expect("an endpoint");
            let entry = router.entry(index);
            assert_eq!(
                (&**entry.route(), entry.meter().as_str()),
                (expected, expected)
            );
            assert_eq!(entry.is_concurrent(), expected == "room.say");
        }
    }

    #[test]
    fn wrong_routes_are_answered_as_the_family_does() {
        let router = router(&[Arc::new(room())]).expect("a table");
        for (route, code, message) in [
            (
                "room.leave",
                "PIT-404",
                "pitaya/handler: connector.room.leave not found",
            ),
            (
                "connector.room.leave",
                "PIT-404",
                "pitaya/handler: connector.room.leave not found",
            ),
            (
                "connector.route",
                "PIT-404",
                "pitaya/handler: connector.connector.route not found",
            ),
            (
                "Room.join",
                "PIT-404",
                "pitaya/handler: connector.Room.join not found",
            ),
            (
                "chat.room.join",
                "PIT-500",
                "no servers available of this type",
            ),
            ("room.say", "PIT-400", "tried to request a notify route"),
            ("room", "PIT-400", "invalid route"),
            ("room..join", "PIT-400", "invalid route"),
            ("a.b.c.d", "PIT-400", "invalid route"),
            ("", "PIT-400", "invalid route"),
        ] {
            let found = error(router.find(route, EndpointKind::Request));
            assert_eq!(found, (code.to_owned(), message.to_owned()), "{route}");
        }
    }

    #[test]
    fn mistakes_are_found_at_the_start() {
        let twice = Functions::new("shop")
            .call(Endpoint::request("buy"), unused)
            .call(Endpoint::notify("buy"), unused);
        let dotted = Functions::new("shop").call(Endpoint::request("a.b"), unused);
        let components: [(Vec<Arc<dyn Component>>, &str); 5] = [
            (
                vec![Arc::new(room()), Arc::new(room())],
                "two components are called `room`: register one of them with `.named(..)`",
            ),
            (
                vec![Arc::new(twice)],
                "component `shop` has two endpoints called `buy`",
            ),
            (
                vec![Arc::new(room().named("lobby"))],
                "component `lobby` serves `room.join`, a route of `room`",
            ),
            (
                vec![Arc::new(dotted)],
                "component `shop` with endpoint `a.b` has no route: a route has two or three parts: \
                 `service.method` or `server.service.method`",
            ),
            (
                vec![Arc::new(
                    Functions::new(" ").call(Endpoint::request("a"), unused),
                )],
                "component ` ` with endpoint `a` has no route: a part of the route is empty",
            ),
        ];
        for (components, message) in components {
            assert_eq!(
                router(&components).expect_err("a mistake").to_string(),
                message
            );
        }
    }
}
