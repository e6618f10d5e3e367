//! The handle of an application.

use std::future::IntoFuture as _;
use std::sync::Arc;

use pitaya_client as rust;
use pitaya_client::Both;

use super::call::CallOptions;
use super::cancel::{CancelHandle, unless_cancelled};
use super::error::PitayaError;
use super::events::Events;
use super::options::{ConnectOptions, Serializer};
use super::state::{RoundTrip, State};
use super::subscription::Subscription;
use super::user::{UserQuestions, questions};
use crate::runtime;

/// A client: requests, notifies and pushes over one connection that comes back by itself.
///
/// When it is dropped the connection is closed; [`disconnect`](Self::disconnect) waits until it is.
#[derive(Debug, uniffi::Object)]
pub struct Client {
    client: rust::Client<Both>,
    questions: Arc<UserQuestions>,
}

/// Connects, and returns when messages can be sent. Dropping the future, or cancelling, gives up.
///
/// # Errors
/// There will be no connection: see [`FailureKind`](super::FailureKind).
#[uniffi::export(default(cancel = None))]
pub async fn connect(
    options: ConnectOptions,
    cancel: Option<Arc<CancelHandle>>,
) -> Result<Arc<Client>, PitayaError> {
    let client = Client::start(options)?;
    client.connected(cancel).await?;
    Ok(client)
}

#[uniffi::export]
impl Client {
    /// Starts to connect and returns at once: for who wants to listen before there is a connection. Calls fail until there is one, unless they
    /// wait for it.
    ///
    /// # Errors
    /// What is wrong with the settings; everything else is told by [`connected`](Self::connected) and [`state`](Self::state).
    #[uniffi::constructor]
    pub fn start(options: ConnectOptions) -> Result<Arc<Self>, PitayaError> {
        let on_demand = options.user_on_demand;
        let mut builder = options.builder()?;
        let (questions, make) = questions();
        if on_demand {
            builder = builder.user_with(make);
        }
        let _inside = runtime::handle().enter();
        let client = builder.start()?;
        Ok(Arc::new(Self { client, questions }))
    }

    /// Returns when messages can be sent, now or at last.
    ///
    /// # Errors
    /// This client is closed, or is before it is connected; or it was cancelled, which leaves the client as it is.
    #[uniffi::method(default(cancel = None))]
    pub async fn connected(&self, cancel: Option<Arc<CancelHandle>>) -> Result<(), PitayaError> {
        match unless_cancelled(cancel, self.client.connected()).await {
            Some(connected) => Ok(connected?),
            None => Err(PitayaError::cancelled(false)),
        }
    }

    /// A request; returns the answer's bytes. Dropping the future, or cancelling, gives it up: the server may still act on it.
    ///
    /// # Errors
    /// See [`FailureKind`](super::FailureKind). With the kind `server` the server answered with an error.
    #[uniffi::method(default(options = None, cancel = None))]
    pub async fn request(
        &self,
        route: String,
        body: Vec<u8>,
        options: Option<CallOptions>,
        cancel: Option<Arc<CancelHandle>>,
    ) -> Result<Vec<u8>, PitayaError> {
        let mut call = self.client.request_raw(&route, body);
        if let Some(options) = options {
            call = options.of_request(call);
        }
        match unless_cancelled(cancel, call.into_future()).await {
            Some(answer) => Ok(answer?.into()),
            None => Err(PitayaError::cancelled(true)),
        }
    }

    /// A notify: not answered. Returns when the transport has taken it. Dropping the future, or cancelling, gives up one that still waits.
    ///
    /// # Errors
    /// It was not handed to the transport: see [`FailureKind`](super::FailureKind).
    #[uniffi::method(default(options = None, cancel = None))]
    pub async fn notify(
        &self,
        route: String,
        body: Vec<u8>,
        options: Option<CallOptions>,
        cancel: Option<Arc<CancelHandle>>,
    ) -> Result<(), PitayaError> {
        let mut call = self.client.notify_raw(&route, body);
        if let Some(options) = options {
            call = options.of_notify(call);
        }
        match unless_cancelled(cancel, call.into_future()).await {
            Some(sent) => Ok(sent?),
            None => Err(PitayaError::cancelled(true)),
        }
    }

    /// The pushes of a route, from now on.
    ///
    /// # Errors
    /// The route is empty or longer than 255 bytes.
    #[expect(clippy::needless_pass_by_value, reason = "foreign values are owned")]
    pub fn subscribe(&self, route: String) -> Result<Arc<Subscription>, PitayaError> {
        let pushes = self.client.subscribe_raw(&route);
        Ok(Subscription::new(
            pushes.map_err(|error| PitayaError::route(&error))?,
        ))
    }

    /// What happens from now on.
    #[must_use]
    pub fn events(&self) -> Arc<Events> {
        Events::new(self.client.events())
    }

    /// Asks for the handshake's `user` object at each attempt, with [`ConnectOptions::user_on_demand`]. There is one list of questions: who takes one
    /// answers it.
    #[must_use]
    pub fn user_questions(&self) -> Arc<UserQuestions> {
        Arc::clone(&self.questions)
    }

    /// Where the client stands.
    #[must_use]
    pub fn state(&self) -> State {
        (&*self.client.state().borrow()).into()
    }

    /// The smoothed round trip to the server; nothing before the first measurement.
    #[must_use]
    pub fn rtt(&self) -> Option<RoundTrip> {
        self.client.rtt().map(RoundTrip::from)
    }

    /// Which serializer payloads have; nothing before the first handshake where there is a choice.
    #[must_use]
    pub fn serializer(&self) -> Option<Serializer> {
        self.client.serializer().and_then(Serializer::of_rust)
    }

    /// Says that the application goes to the background: the server's silence does not count, and no connection is tried.
    pub fn pause(&self) {
        self.client.pause();
    }

    /// Says that the application is back: a connection is checked, as it may have died unnoticed, and a lost one is tried at once.
    pub fn resume(&self) {
        self.client.resume();
    }

    /// Says whether there is a network: without one no connection is tried, and when it is back or has changed the connection is checked as by
    /// [`resume`](Self::resume).
    pub fn set_online(&self, online: bool) {
        self.client.set_online(online);
    }

    /// Starts an attempt now where one is waited for.
    pub fn reconnect_now(&self) {
        self.client.reconnect_now();
    }

    /// Sends the calls that waited for this connection, with [`ConnectOptions::hold_queue`].
    pub fn release(&self) {
        self.client.release();
    }

    /// Closes the client: what was sent is written, calls that wait fail, streams end. Returns when the connection is gone, or after a second
    /// if the server does not let go of it. More than once is as good as once.
    pub async fn disconnect(&self) {
        self.client.close().await;
    }
}
