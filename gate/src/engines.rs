//! The engines of the cluster, by the settings.

use std::sync::Arc;

use pitaya_server::cluster::{
    self, BusError, Cluster, EtcdBindings, EtcdConfig, EtcdDiscovery, EtcdTls, GrpcBus, GrpcConfig,
    NatsBus, NatsConfig, NatsTls,
};
use pitaya_server::protocol::cluster::keys;

use crate::settings::{Bus, Settings};

/// The gate's place in its cluster.
pub(crate) fn cluster(settings: &Settings) -> Result<Cluster, BusError> {
    let bus: Arc<dyn cluster::Bus> = match settings.bus {
        Bus::Nats => Arc::new(NatsBus::new(nats(settings))),
        Bus::Grpc => {
            let bindings = EtcdBindings::new(bindings(settings));
            Arc::new(GrpcBus::new(grpc(settings), Arc::new(bindings))?)
        }
    };
    let discovery = Arc::new(EtcdDiscovery::new(etcd(settings)));
    let mut cluster = Cluster::over(bus, discovery, true).config(settings.cluster.clone());
    if let Some(id) = &settings.me.id {
        cluster = cluster.id(id);
    }
    if let Some(region) = &settings.me.region {
        cluster = cluster.metadata(keys::REGION, region);
    }
    for (key, value) in &settings.me.metadata {
        cluster = cluster.metadata(key, value);
    }
    Ok(cluster)
}

fn nats(settings: &Settings) -> NatsConfig {
    let from = &settings.nats;
    let mut nats = NatsConfig::default();
    nats.urls.clone_from(&from.urls);
    nats.user.clone_from(&from.user);
    nats.password = from.password.reveal();
    nats.token = from.token.reveal();
    nats.credentials.clone_from(&from.credentials);
    let mut tls = NatsTls::default();
    tls.ca.clone_from(&from.ca);
    tls.certificate.clone_from(&from.certificate);
    tls.key.clone_from(&from.key);
    nats.tls = tls;
    nats.connect_timeout = from.connect_timeout;
    nats.reconnect_delay = from.reconnect_delay;
    nats.ping_interval = from.ping_interval;
    nats
}

fn grpc(settings: &Settings) -> GrpcConfig {
    let from = &settings.grpc;
    let mut grpc = GrpcConfig::default();
    grpc.listen = from.listen;
    grpc.port = from.port;
    grpc.host.clone_from(&from.host);
    grpc.external_host = from.external_host.clone().unwrap_or_default();
    grpc.external_port = from.external_port;
    grpc.region = settings.me.region.clone().unwrap_or_default();
    grpc.request_timeout = settings.cluster.request_timeout;
    grpc.connect_timeout = from.connect_timeout;
    grpc
}

fn etcd(settings: &Settings) -> EtcdConfig {
    let from = &settings.etcd;
    let mut etcd = EtcdConfig::default();
    etcd.endpoints.clone_from(&from.endpoints);
    etcd.prefix.clone_from(&from.prefix);
    etcd.user.clone_from(&from.user);
    etcd.password = from.password.reveal().unwrap_or_default();
    let mut tls = EtcdTls::default();
    tls.ca.clone_from(&from.ca);
    tls.certificate.clone_from(&from.certificate);
    tls.key.clone_from(&from.key);
    tls.server_name.clone_from(&from.server_name);
    etcd.tls = tls;
    etcd.dial_timeout = from.dial_timeout;
    etcd.request_timeout = from.request_timeout;
    etcd.lease_ttl = from.lease_ttl;
    etcd.bindings_ttl = settings.bindings.ttl;
    etcd.sync_interval = from.sync_interval;
    etcd.ignore_types.clone_from(&from.ignore_types);
    etcd
}

/// As for the servers themselves, but for what is said of bindings.
fn bindings(settings: &Settings) -> EtcdConfig {
    let from = &settings.bindings;
    let mut etcd = etcd(settings);
    if let Some(endpoints) = &from.endpoints {
        etcd.endpoints.clone_from(endpoints);
    }
    if let Some(prefix) = &from.prefix {
        etcd.prefix.clone_from(prefix);
    }
    if let Some(timeout) = from.dial_timeout {
        etcd.dial_timeout = timeout;
    }
    etcd
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_those_of_the_engines() {
        let settings = Settings::default();
        let (ours, theirs) = (nats(&settings), NatsConfig::default());
        assert_eq!(ours.urls, theirs.urls);
        assert_eq!(
            (
                ours.connect_timeout,
                ours.reconnect_delay,
                ours.ping_interval
            ),
            (
                theirs.connect_timeout,
                theirs.reconnect_delay,
                theirs.ping_interval
            )
        );
        assert_eq!(grpc(&settings), GrpcConfig::default());
        let theirs = EtcdConfig::default();
        for ours in [etcd(&settings), bindings(&settings)] {
            assert_eq!(
                (&ours.endpoints, &ours.prefix),
                (&theirs.endpoints, &theirs.prefix)
            );
            assert_eq!(
                (
                    ours.dial_timeout,
                    ours.request_timeout,
                    ours.lease_ttl,
                    ours.bindings_ttl,
                    ours.sync_interval
                ),
                (
                    theirs.dial_timeout,
                    theirs.request_timeout,
                    theirs.lease_ttl,
                    theirs.bindings_ttl,
                    theirs.sync_interval
                )
            );
        }
    }
}
