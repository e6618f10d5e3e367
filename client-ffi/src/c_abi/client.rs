//! A client behind a handle: its events, and one of the two ways to its server.

use std::time::Duration;

use pitaya_client_core::{Input, RoundTrip};
use pitaya_protocol::{Route, Serializer};

use super::call::Call;
use super::event::Record;
use super::fault::Fault;
use super::host::Host;
use super::inbox::Inbox;
#[cfg(feature = "native")]
use super::native::Native;
use super::numbers::*;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// News of the application without particulars.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Signal {
    Connect,
    Disconnect,
    Pause,
    Resume,
    Online,
    Offline,
    Release,
}

#[derive(Debug)]
enum Side {
    /// The host owns sockets and clock.
    Host(Box<Mutex<Host>>),
    #[cfg(feature = "native")]
    Native(Box<Native>),
}

/// See the [module docs](self).
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) inbox: Arc<Inbox>,
    side: Side,
}

impl Client {
    pub(crate) fn of_host(inbox: Arc<Inbox>, host: Host) -> Self {
        let side = Side::Host(Box::new(Mutex::new(host)));
        Self { inbox, side }
    }

    #[cfg(feature = "native")]
    pub(crate) fn native(inbox: Arc<Inbox>, native: Native) -> Self {
        let side = Side::Native(Box::new(native));
        Self { inbox, side }
    }

    /// The side of a host that owns its sockets.
    pub(crate) fn host(&self) -> Result<MutexGuard<'_, Host>, Fault> {
        match &self.side {
            Side::Host(host) => Ok(host.lock().unwrap_or_else(PoisonError::into_inner)),
            #[cfg(feature = "native")]
            Side::Native(_) => Err(Fault::new(
                PITAYA_WRONG_KIND,
                "this client owns its sockets: `pitaya_host_*` is for those of `pitaya_host_create`",
            )),
        }
    }

    pub(crate) fn signal(&self, signal: Signal) -> Result<(), Fault> {
        match &self.side {
            Side::Host(_) => {
                let input = match signal {
                    Signal::Connect => Input::Connect,
                    Signal::Disconnect => Input::Close(pitaya_protocol::CloseCode::NORMAL.into()),
                    Signal::Pause => Input::Pause,
                    Signal::Resume => Input::Resume,
                    Signal::Online => Input::Online,
                    Signal::Offline => Input::Offline,
                    Signal::Release => Input::Release,
                };
                self.host()?.tell(None, input)
            }
            #[cfg(feature = "native")]
            Side::Native(native) => native.signal(signal),
        }
    }

    /// Starts a call, which ends with one event.
    pub(crate) fn call(&self, call: &Call<'_>) -> Result<Result<u64, i32>, Fault> {
        let Some(id) = self.inbox.begin_call() else {
            return Ok(Err(PITAYA_ERROR_QUEUE_FULL));
        };
        if let Err(error) = Route::parse(call.route) {
            self.inbox.push(Record::failed(
                call.kind.end(),
                id,
                PITAYA_ERROR_ROUTE,
                error.to_string(),
            ));
            return Ok(Ok(id));
        }
        match &self.side {
            Side::Host(_) => self.host()?.call(id, call)?,
            #[cfg(feature = "native")]
            Side::Native(native) => native.call(id, call),
        }
        Ok(Ok(id))
    }

    pub(crate) fn cancel(&self, call: u64) -> Result<(), Fault> {
        match &self.side {
            Side::Host(_) => self.host()?.cancel(call),
            #[cfg(feature = "native")]
            Side::Native(native) => {
                native.cancel(call);
                Ok(())
            }
        }
    }

    /// Pushes of this route are events from now on, or no longer.
    pub(crate) fn listen(&self, route: &str, listen: bool) -> Result<(), Fault> {
        if route.is_empty() || route.len() > pitaya_protocol::MAX_ROUTE {
            return Err(Fault::argument("a push route has 1 to 255 bytes"));
        }
        match &self.side {
            Side::Host(_) => {
                self.host()?.listen(route, listen);
                Ok(())
            }
            #[cfg(feature = "native")]
            Side::Native(native) => native.listen(route, listen),
        }
    }

    pub(crate) fn set_user(&self, json: &str) -> Result<(), Fault> {
        let user = user(json)?;
        match &self.side {
            Side::Host(_) => {
                self.host()?.set_user(user);
                Ok(())
            }
            #[cfg(feature = "native")]
            Side::Native(native) => {
                native.set_user(user);
                Ok(())
            }
        }
    }

    pub(crate) fn state(&self) -> Result<u32, Fault> {
        match &self.side {
            Side::Host(_) => Ok(self.host()?.state()),
            #[cfg(feature = "native")]
            Side::Native(native) => Ok(native.state()),
        }
    }

    pub(crate) fn rtt(&self) -> Result<Option<RoundTrip>, Fault> {
        match &self.side {
            Side::Host(_) => Ok(self.host()?.rtt()),
            #[cfg(feature = "native")]
            Side::Native(native) => Ok(native.rtt()),
        }
    }

    pub(crate) fn serializer(&self) -> Result<Option<Serializer>, Fault> {
        match &self.side {
            Side::Host(_) => Ok(self.host()?.serializer()),
            #[cfg(feature = "native")]
            Side::Native(native) => Ok(native.serializer()),
        }
    }

    /// Ends the connection. Waits at most this long for the server to take what was sent; a host's own sockets are its own.
    pub(crate) fn end(&self, wait: Duration) {
        match &self.side {
            Side::Host(_) => {}
            #[cfg(feature = "native")]
            Side::Native(native) => native.end(wait),
        }
        let _ = wait;
    }
}

/// Reads a `user` object.
pub(crate) fn user(json: &str) -> Result<serde_json::Map<String, serde_json::Value>, Fault> {
    if json.is_empty() {
        return Ok(serde_json::Map::new());
    }
    serde_json::from_str(json)
        .map_err(|error| Fault::argument(format!("the user value is no JSON object: {error}")))
}
