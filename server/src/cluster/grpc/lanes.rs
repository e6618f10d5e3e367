//! The ways to the other servers: for each a queue, a task and a connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::poll;
use pitaya_protocol::cluster::Member;
use tokio::sync::mpsc;
use tokio::task::unconstrained;
use tokio_util::task::TaskTracker;

use super::address::Address;
use super::config::GrpcConfig;
use super::connection::Connection;
use super::metrics::Metrics;
use super::parcel::Parcel;
use crate::cluster::{CallError, Members};

/// All lanes, by the servers' ids.
#[derive(Debug)]
pub(super) struct Lanes {
    config: Arc<GrpcConfig>,
    metrics: Arc<Metrics>,
    tasks: TaskTracker,
    /// `None` when the bus was closed.
    open: Mutex<Option<HashMap<String, Lane>>>,
}

#[derive(Debug)]
struct Lane {
    host: String,
    port: String,
    /// Without a limit of its own: every parcel has a place under one.
    parcels: mpsc::UnboundedSender<Parcel>,
}

impl Lanes {
    pub(super) fn new(config: Arc<GrpcConfig>, metrics: Arc<Metrics>, tasks: TaskTracker) -> Self {
        Self {
            config,
            metrics,
            tasks,
            open: Mutex::new(Some(HashMap::new())),
        }
    }

    /// Puts a parcel behind those that were handed over for this server before.
    pub(super) fn hand_over(&self, to: &Member, mut parcel: Parcel) -> Result<(), CallError> {
        let Some(address) = Address::of(to, &self.config.region) else {
            tracing::debug!(server = %to.id, "a server without a gRPC address");
            return Err(gone(&to.id));
        };
        let mut lanes = self.lock();
        let lanes = lanes.as_mut().ok_or_else(|| CallError::Down {
            reason: "the bus was closed".to_owned(),
        })?;
        if let Some(lane) = lanes.get(&to.id)
            && lane.host == address.host
            && lane.port == address.port
        {
            match lane.parcels.send(parcel) {
                Ok(()) => return Ok(()),
                // Its task is gone, which a panic alone can do.
                Err(back) => parcel = back.0,
            }
        }
        let (parcels, taken) = mpsc::unbounded_channel();
        // The task is not there yet, but its queue is.
        let _ = parcels.send(parcel);
        let lane = Lane {
            host: address.host.to_owned(),
            port: address.port.to_owned(),
            parcels,
        };
        self.tasks.spawn(run(
            Driver {
                server: to.id.clone(),
                host: lane.host.clone(),
                port: lane.port.clone(),
                config: self.config.clone(),
                metrics: self.metrics.clone(),
                tasks: self.tasks.clone(),
                connection: None,
            },
            taken,
        ));
        lanes.insert(to.id.clone(), lane);
        Ok(())
    }

    /// Takes no more for servers that are gone. What is under way to them goes on.
    pub(super) fn keep(&self, members: &Members) {
        if let Some(lanes) = self.lock().as_mut() {
            lanes.retain(|id, _| members.get(id).is_some());
        }
    }

    /// Takes nothing more. What was handed over goes on.
    pub(super) fn close(&self) {
        self.lock().take();
    }

    fn lock(&self) -> MutexGuard<'_, Option<HashMap<String, Lane>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn gone(server: &str) -> CallError {
    CallError::Gone {
        server: server.to_owned(),
    }
}

#[derive(Debug)]
struct Driver {
    server: String,
    host: String,
    port: String,
    config: Arc<GrpcConfig>,
    metrics: Arc<Metrics>,
    tasks: TaskTracker,
    connection: Option<Connection>,
}

async fn run(mut driver: Driver, mut parcels: mpsc::UnboundedReceiver<Parcel>) {
    while let Some(parcel) = parcels.recv().await {
        if let Some(connection) = driver.connection().await {
            let mut flight = Box::pin(parcel.fly(
                connection,
                driver.server.clone(),
                driver.config.limits.message_bytes,
            ));
            // The first step puts it on the connection, here and so in order; the rest needs none. It may not be put off for the sake of
            // other tasks: the next one would pass it.
            if poll!(unconstrained(flight.as_mut())).is_pending() {
                driver.tasks.spawn(flight);
            }
            continue;
        }
        // Whoever came while the connection was tried need not wait for the next try.
        parcel.fail(gone(&driver.server));
        while let Ok(parcel) = parcels.try_recv() {
            parcel.fail(gone(&driver.server));
        }
    }
}

impl Driver {
    async fn connection(&mut self) -> Option<Connection> {
        if let Some(open) = self.connection.as_ref().filter(|its| its.is_open()) {
            return Some(open.clone());
        }
        let address = Address {
            host: &self.host,
            port: &self.port,
        };
        self.connection = match Connection::open(address, &self.config).await {
            Ok(connection) => {
                self.metrics.connects.increment(1);
                Some(connection)
            }
            Err(error) => {
                self.metrics.connect_failures.increment(1);
                tracing::debug!(server = %self.server, %error, "a server cannot be reached");
                None
            }
        };
        self.connection.clone()
    }
}
