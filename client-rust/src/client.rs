//! The handle of an application.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use pitaya_client_core::{Close, CloseCode, Input, RoundTrip};
use pitaya_protocol::{
    Decode, Encode, Json, Notify, Push, Request, Route, RouteError, Serializer, SerializerSet,
};
use tokio::sync::watch;

use crate::buffer::Capacity;
use crate::builder::Builder;
use crate::call::Outgoing;
use crate::endpoint::IntoEndpoints;
use crate::error::{ConnectError, Unsendable};
use crate::events::Events;
use crate::notify::NotifyCall;
use crate::request::RequestCall;
use crate::shared::Shared;
use crate::state::State;
use crate::subscription::Subscription;

/// A client: requests, notifies and pushes over one connection that comes back by itself.
///
/// It is a handle: clones are cheap and share the connection, and when the last one is dropped the connection is closed. `S` is the set of
/// serializers that its payload types have, [`Json`] unless [`Builder::serializers`] says otherwise.
///
/// ```no_run
/// use pitaya_client::{Client, Push, Request};
///
/// #[derive(serde::Serialize)]
/// struct Join { name: String }
/// #[derive(serde::Deserialize)]
/// struct Joined { members: Vec<String> }
/// #[derive(serde::Deserialize)]
/// struct Line { from: String, text: String }
///
/// const JOIN: Request<Join, Joined> = Request::new("room.join");
/// const ON_LINE: Push<Line> = Push::new("onLine");
///
/// # async fn chat() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::builder("ws://127.0.0.1:3261").connect().await?;
/// let mut lines = client.subscribe(ON_LINE);
/// let joined = client.request(JOIN, &Join { name: "ann".into() }).await?;
/// println!("with {:?}", joined.members);
/// while let Some(line) = lines.next().await {
///     let Line { from, text } = line?;
///     println!("{from}: {text}");
/// }
/// # Ok(()) }
/// ```
pub struct Client<S = Json> {
    handle: Arc<Handle>,
    serializers: PhantomData<S>,
}

/// What all clones share; its end is the client's.
struct Handle {
    shared: Arc<Shared>,
    state: watch::Receiver<State>,
    request_timeout: Duration,
    push_buffer: Capacity,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared
            .tell(Input::Close(Close::new(CloseCode::NORMAL)));
    }
}

impl Client {
    /// Settings for a client of the server at this address, or at the first of these addresses that answers.
    pub fn builder(endpoints: impl IntoEndpoints) -> Builder {
        Builder::new(endpoints)
    }
}

impl<S: SerializerSet> Client<S> {
    pub(crate) fn new(
        shared: Arc<Shared>,
        state: watch::Receiver<State>,
        request_timeout: Duration,
        push_buffer: Capacity,
    ) -> Self {
        let handle = Handle {
            shared,
            state,
            request_timeout,
            push_buffer,
        };
        Self {
            handle: Arc::new(handle),
            serializers: PhantomData,
        }
    }

    /// A request on a typed route, sent when it is awaited.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a route is a constant: a reference to it would only be noise"
    )]
    pub fn request<Req, Res>(&self, route: Request<Req, Res>, body: &Req) -> RequestCall<Res>
    where
        Req: Encode<S>,
        Res: Decode<S>,
    {
        let outgoing = Outgoing::new(&self.handle.shared, route.route(), self.encode(body));
        RequestCall::new(outgoing, self.handle.request_timeout, Res::decode)
    }

    /// A request with bytes as they are, on a route that is only known at run time. The answer is the server's bytes.
    pub fn request_raw(&self, route: &str, body: impl Into<Bytes>) -> RequestCall<Bytes> {
        let outgoing = Outgoing::new(&self.handle.shared, route, raw(route, body));
        RequestCall::new(outgoing, self.handle.request_timeout, |_, body| {
            Ok(body.clone())
        })
    }

    /// A notify on a typed route, sent when it is awaited.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a route is a constant: a reference to it would only be noise"
    )]
    pub fn notify<T: Encode<S>>(&self, route: Notify<T>, body: &T) -> NotifyCall {
        NotifyCall::new(Outgoing::new(
            &self.handle.shared,
            route.route(),
            self.encode(body),
        ))
    }

    /// A notify with bytes as they are, on a route that is only known at run time.
    pub fn notify_raw(&self, route: &str, body: impl Into<Bytes>) -> NotifyCall {
        NotifyCall::new(Outgoing::new(&self.handle.shared, route, raw(route, body)))
    }

    /// The pushes of a typed route, from now on.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a route is a constant: a reference to it would only be noise"
    )]
    pub fn subscribe<T: Decode<S>>(&self, route: Push<T>) -> Subscription<T> {
        let mut inner = self.handle.shared.lock();
        Subscription::new(
            inner
                .subscribers
                .add(route.route(), self.handle.push_buffer),
            T::decode,
        )
    }

    /// The pushes of a route that is only known at run time, from now on, as bytes.
    ///
    /// # Errors
    /// The route is empty or longer than 255 bytes.
    pub fn subscribe_raw(&self, route: &str) -> Result<Subscription<Bytes>, RouteError> {
        let route: Push<Bytes> = Push::parse(route)?;
        let mut inner = self.handle.shared.lock();
        let buffer = inner
            .subscribers
            .add(route.route(), self.handle.push_buffer);
        Ok(Subscription::new(buffer, |_, body| Ok(body.clone())))
    }

    /// Where the client stands, now and as it changes. The last state is [`State::Closed`].
    #[must_use]
    pub fn state(&self) -> watch::Receiver<State> {
        self.handle.state.clone()
    }

    /// Returns when messages can be sent, now or at last.
    ///
    /// # Errors
    /// [`ConnectError`] when this client is closed, or is before it is connected.
    pub async fn connected(&self) -> Result<(), ConnectError> {
        let mut state = self.state();
        let ended = loop {
            match &*state.borrow_and_update() {
                State::Connected => return Ok(()),
                State::Closed(ended) => break ended.clone(),
                _ => {}
            }
            state
                .changed()
                .await
                .expect("a driver says how it ended before it goes");
        };
        let unreachable = self.handle.shared.lock().unreachable.clone();
        Err(unreachable.map_or(ConnectError::Closed(ended), ConnectError::Unreachable))
    }

    /// What happens from now on.
    pub fn events(&self) -> Events {
        self.handle.shared.lock().listeners.add()
    }

    /// The smoothed round trip to the server and what it was measured with; `None` before the first measurement.
    #[must_use]
    pub fn rtt(&self) -> Option<RoundTrip> {
        self.handle.shared.lock().machine.rtt()
    }

    /// Which serializer payloads have; with [`Both`](crate::Both) `None` before the first handshake.
    #[must_use]
    pub fn serializer(&self) -> Option<Serializer> {
        self.handle.shared.lock().serializer
    }

    /// Says that the application goes to the background: the server's silence does not count, and no connection is tried.
    pub fn pause(&self) {
        self.handle.shared.tell(Input::Pause);
    }

    /// Says that the application is back: a connection is checked, as it may have died unnoticed, and a lost one is tried at once.
    pub fn resume(&self) {
        self.handle.shared.tell(Input::Resume);
    }

    /// Says whether there is a network, where the platform tells: without one no connection is tried, and when it is back or has changed the
    /// connection is checked as by [`resume`](Self::resume).
    pub fn set_online(&self, online: bool) {
        self.handle.shared.tell(if online {
            Input::Online
        } else {
            Input::Offline
        });
    }

    /// Starts an attempt now where one is waited for.
    pub fn reconnect_now(&self) {
        if !matches!(*self.handle.state.borrow(), State::Closed(_)) {
            self.handle.shared.tell(Input::Connect);
        }
    }

    /// Sends the calls that waited for this connection; only with [`Builder::hold_queue`].
    pub fn release(&self) {
        self.handle.shared.tell(Input::Release);
    }

    /// Closes the client, for all clones: what was sent is written, calls that wait fail, streams end. Returns when the connection is gone, or
    /// after a second if the server does not let go of it.
    pub async fn close(&self) {
        self.handle
            .shared
            .tell(Input::Close(Close::new(CloseCode::NORMAL)));
        let mut state = self.state();
        // An error means that the driver is gone, and the connection with it.
        while state.changed().await.is_ok() {}
    }

    fn encode<T: Encode<S>>(&self, body: &T) -> Result<Bytes, Unsendable> {
        let serializer = self.serializer().ok_or(Unsendable::NoSerializer)?;
        let mut out = Vec::new();
        body.encode(serializer, &mut out)
            .map_err(Unsendable::Encode)?;
        Ok(out.into())
    }
}

fn raw(route: &str, body: impl Into<Bytes>) -> Result<Bytes, Unsendable> {
    Route::parse(route).map_err(Unsendable::Route)?;
    Ok(body.into())
}

impl<S> Clone for Client<S> {
    fn clone(&self) -> Self {
        Self {
            handle: Arc::clone(&self.handle),
            serializers: PhantomData,
        }
    }
}

impl<S> fmt::Debug for Client<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("state", &*self.handle.state.borrow())
            .finish_non_exhaustive()
    }
}
