//! A client that brings its own sockets and TLS: `pitaya_client`, with everything that happens to it put into one queue.

use std::future::Future as _;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::task::{Context, Waker};
use std::time::Duration;

use pitaya_client::{Both, Builder, RoundTrip, Serializer, State};
use pitaya_client_core::Offline;
use serde_json::{Map, Value};
use tokio::sync::watch;

use super::call::{Call, Kind};
use super::client::Signal;
use super::event::Record;
use super::fault::Fault;
use super::inbox::Inbox;
use super::numbers::*;
use super::watcher::{Source, Watcher, Watchers};
use crate::runtime;

/// A connection's life, from one `pitaya_connect` to its close.
#[derive(Debug)]
struct Session {
    client: pitaya_client::Client<Both>,
    events: Arc<Watcher>,
}

#[derive(Debug, Default)]
struct Inner {
    session: Option<Session>,
    /// What is subscribed to, with who watches it in the present session.
    routes: Vec<(String, Option<Arc<Watcher>>)>,
    /// The application's last word about the network and the background, for a session that comes later.
    paused: bool,
    offline: bool,
}

/// See the [module docs](self).
#[derive(Debug)]
pub(crate) struct Native {
    builder: Builder<Both>,
    user: Arc<Mutex<Map<String, Value>>>,
    inbox: Arc<Inbox>,
    inner: Mutex<Inner>,
    calls: Watchers,
    ended: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Native {
    pub(crate) fn new(builder: Builder<Both>, user: Map<String, Value>, inbox: Arc<Inbox>) -> Self {
        Self {
            builder,
            user: Arc::new(Mutex::new(user)),
            calls: Watchers::default(),
            inner: Mutex::default(),
            ended: AtomicBool::new(false),
            inbox,
        }
    }

    pub(crate) fn signal(&self, signal: Signal) -> Result<(), Fault> {
        let mut inner = lock(&self.inner);
        match signal {
            Signal::Pause => inner.paused = true,
            Signal::Resume => inner.paused = false,
            Signal::Offline => inner.offline = true,
            Signal::Online => inner.offline = false,
            Signal::Connect | Signal::Disconnect | Signal::Release => {}
        }
        let client = inner.session.as_ref().map(|session| &session.client);
        let closed =
            client.is_none_or(|client| matches!(*client.state().borrow(), State::Closed(_)));
        let Some(client) = client.filter(|_| !closed) else {
            return match signal {
                Signal::Connect => self.start(&mut inner),
                _ => Ok(()),
            };
        };
        match signal {
            Signal::Connect => client.reconnect_now(),
            Signal::Pause => client.pause(),
            Signal::Resume => client.resume(),
            Signal::Online => client.set_online(true),
            Signal::Offline => client.set_online(false),
            Signal::Release => client.release(),
            Signal::Disconnect => {
                // The first poll says that the client shall close; who waits for it polls on.
                let closing = pin!(client.close());
                let _ = closing.poll(&mut Context::from_waker(Waker::noop()));
            }
        }
        Ok(())
    }

    /// Starts to connect. Nothing is sent before everybody listens who wants to.
    fn start(&self, inner: &mut Inner) -> Result<(), Fault> {
        if self.ended.load(Ordering::Acquire) {
            return Err(Fault::argument("the client is being destroyed"));
        }
        let (open, gate) = watch::channel(false);
        let user = Arc::clone(&self.user);
        let builder = self.builder.clone().user_with(move || {
            let (mut gate, user) = (gate.clone(), Arc::clone(&user));
            async move {
                // An error means that the gate's other half is gone, after it was opened.
                let _ = gate.wait_for(|open| *open).await;
                Ok::<_, String>(Value::Object(lock(&user).clone()))
            }
        });
        let entered = runtime::handle().enter();
        let client = builder
            .start()
            .map_err(|error| Fault::argument(error.to_string()))?;
        drop(entered);
        self.inbox.push(Record::state(PITAYA_STATE_CONNECTING));
        let source = Source::events(client.events());
        let events = Watcher::start(source, &self.inbox, &self.calls);
        for (route, watcher) in &mut inner.routes {
            *watcher = Some(self.watch(&client, route)?);
        }
        if inner.paused {
            client.pause();
        }
        if inner.offline {
            client.set_online(false);
        }
        open.send_replace(true);
        inner.session = Some(Session { client, events });
        Ok(())
    }

    fn watch(
        &self,
        client: &pitaya_client::Client<Both>,
        route: &str,
    ) -> Result<Arc<Watcher>, Fault> {
        let stream = client
            .subscribe_raw(route)
            .map_err(|error| Fault::argument(error.to_string()))?;
        let source = Source::Pushes {
            route: route.to_owned(),
            stream,
        };
        Ok(Watcher::start(source, &self.inbox, &self.calls))
    }

    pub(crate) fn call(&self, id: u64, call: &Call<'_>) {
        let inner = lock(&self.inner);
        let Some(session) = &inner.session else {
            let text = "not connected".to_owned();
            let record = Record::failed(call.kind.end(), id, PITAYA_ERROR_NOT_CONNECTED, text);
            drop(inner);
            return self
                .inbox
                .push(record.with_flag(PITAYA_FLAG_RETRYABLE, true));
        };
        let client = session.client.clone();
        drop(inner);
        let body = call.body.to_vec();
        let source = match call.kind {
            Kind::Request => {
                let mut request = client.request_raw(call.route, body);
                if let Some(timeout) = call.timeout {
                    request = request.timeout(timeout);
                }
                request = match call.offline {
                    Offline::Queue(limits) => request.queued_within(limits),
                    Offline::LatestOnly { key } => request.latest_only(key),
                    _ => request,
                };
                Source::request(id, request)
            }
            Kind::Notify => {
                let mut notify = client.notify_raw(call.route, body);
                notify = match call.offline {
                    Offline::Queue(limits) => notify.queued_within(limits),
                    Offline::LatestOnly { key } => notify.latest_only(key),
                    _ => notify,
                };
                Source::notify(id, notify)
            }
        };
        Watcher::start(source, &self.inbox, &self.calls);
    }

    pub(crate) fn cancel(&self, id: u64) {
        let Some(watcher) = self.calls.remove(id) else {
            return;
        };
        // Dropping the future gives the call up; if it was still there, nobody else tells of its end.
        let source = watcher.stop();
        if let Some(kind) = source.as_ref().and_then(Source::kind) {
            drop(source);
            let text = "cancelled".to_owned();
            let record = Record::failed(kind.end(), id, PITAYA_ERROR_CANCELLED, text);
            self.inbox.push(record.with_flag(PITAYA_FLAG_SENT, true));
        }
    }

    pub(crate) fn listen(&self, route: &str, listen: bool) -> Result<(), Fault> {
        let mut inner = lock(&self.inner);
        let index = inner.routes.iter().position(|(known, _)| known == route);
        match (index, listen) {
            (None, true) => {
                let session = inner.session.as_ref();
                let watcher = session.map(|session| self.watch(&session.client, route));
                inner.routes.push((route.to_owned(), watcher.transpose()?));
            }
            (Some(index), false) => {
                let (_, watcher) = inner.routes.swap_remove(index);
                drop(inner);
                watcher.map(|watcher| watcher.stop());
            }
            _ => {}
        }
        Ok(())
    }

    pub(crate) fn set_user(&self, user: Map<String, Value>) {
        *lock(&self.user) = user;
    }

    pub(crate) fn state(&self) -> u32 {
        let inner = lock(&self.inner);
        let Some(session) = &inner.session else {
            return PITAYA_STATE_IDLE;
        };
        match *session.client.state().borrow() {
            State::Connected => PITAYA_STATE_CONNECTED,
            State::Reconnecting { .. } => PITAYA_STATE_RECONNECTING,
            State::Closed(_) => PITAYA_STATE_CLOSED,
            _ => PITAYA_STATE_CONNECTING,
        }
    }

    pub(crate) fn rtt(&self) -> Option<RoundTrip> {
        lock(&self.inner).session.as_ref()?.client.rtt()
    }

    pub(crate) fn serializer(&self) -> Option<Serializer> {
        lock(&self.inner).session.as_ref()?.client.serializer()
    }

    /// Closes the connection and forgets everything; waits at most this long for the server to take what was sent.
    pub(crate) fn end(&self, wait: Duration) {
        if self.ended.swap(true, Ordering::AcqRel) {
            return;
        }
        let mut inner = lock(&self.inner);
        let routes = std::mem::take(&mut inner.routes);
        let session = inner.session.take();
        drop(inner);
        for watcher in routes.into_iter().filter_map(|(_, watcher)| watcher) {
            watcher.stop();
        }
        if let Some(Session { client, events }) = session {
            events.stop();
            let (done, closed) = mpsc::sync_channel(1);
            runtime::handle().spawn(async move {
                client.close().await;
                // Nobody may wait any more.
                let _ = done.send(());
            });
            if !wait.is_zero() {
                // An error means that the time is over, or that the runtime is.
                let _ = closed.recv_timeout(wait);
            }
        }
        self.calls.clear();
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        self.end(Duration::ZERO);
    }
}
