//! A gate that runs.

use pitaya_server::cluster::BusError;
use pitaya_server::protocol::SerializerSet;
use pitaya_server::{DrainOptions, Handle, Server, ShutdownReport, StartError, Tls, TlsError};

use crate::engines;
use crate::settings::{Drain, Settings};

/// A gate that runs in the current tokio runtime.
#[derive(Debug)]
pub struct Gate<S: SerializerSet> {
    server: Handle<S>,
    certificate: Option<Tls>,
    drain: Drain,
}

/// Why a gate did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GateError {
    /// Its certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The way to the other servers.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The rest.
    #[error(transparent)]
    Start(#[from] StartError),
}

impl<S: SerializerSet> Gate<S> {
    /// Starts a gate.
    ///
    /// # Errors
    ///
    /// [`GateError`] when a listener, a certificate or an engine cannot be had; nothing runs then.
    pub async fn start(settings: &Settings) -> Result<Self, GateError> {
        let mut config = settings.server.clone();
        config.compression = settings.compression.on.then_some(settings.compression.from);
        config.limits.packets_per_second = settings.rate.per_second();
        let mut builder = Server::builder_for::<S>()
            .config(config)
            .cluster(engines::cluster(settings)?);
        let certificate = settings.listen.certificate()?;
        for listener in settings.listen.listeners(certificate.as_ref()) {
            builder = builder.listen(listener);
        }
        if let Some(address) = &settings.listen.health {
            builder = builder.health(address.clone());
        }
        #[cfg(unix)]
        if let Some(file) = &settings.listen.hand_over {
            builder = builder.hand_over(file);
        }
        for (server_type, routing) in &settings.routing {
            builder = routing.add(builder, server_type);
        }
        let server = builder.start().await?;
        settings.routing_default.set_default(&server);
        Ok(Self {
            server,
            certificate,
            drain: settings.drain.clone(),
        })
    }

    /// The server.
    #[must_use]
    pub const fn server(&self) -> &Handle<S> {
        &self.server
    }

    /// Reads the certificate again, for new connections. Nothing happens where there is none.
    ///
    /// # Errors
    ///
    /// When the new one cannot be used; the old one stays.
    pub fn reload_certificate(&self) -> Result<(), TlsError> {
        self.certificate.as_ref().map_or(Ok(()), Tls::reload)
    }

    /// Sends the clients away as the settings say, leaves the cluster, and ends.
    pub async fn drain(&self) -> ShutdownReport {
        let mut options = DrainOptions::new();
        for endpoint in &self.drain.endpoints {
            options = options.endpoint(endpoint.clone());
        }
        if let Some(reason) = &self.drain.reason {
            options = options.reason(reason.clone());
        }
        self.server.drain(options).await
    }
}
