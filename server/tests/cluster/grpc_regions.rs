//! Servers of one region use the internal address, others the external one.

use pitaya_protocol::cluster::{Member, Response, keys};
use pitaya_server::cluster::{Bus, CallError};

use crate::support::grpc::{Cluster, LONG, Node, answer, config, echo, request};

#[tokio::test]
async fn the_region_chooses_the_address() {
    let cluster = Cluster::new();
    let mut eu = config();
    eu.region = "eu".to_owned();
    let mut us = config();
    us.region = "us".to_owned();
    let near = cluster.start_with("gate", "near", eu.clone(), echo).await;
    let far = cluster.start_with("gate", "far", us, echo).await;

    eu.external_host = "127.0.0.1".to_owned();
    // Nobody listens on port 1.
    eu.external_port = Some(1);
    let inside = cluster.start_with("room", "inside", eu.clone(), echo).await;
    assert_eq!(inside.me.metadata[keys::GRPC_EXTERNAL_PORT], "1");
    let mut outside = cluster.start_with("room", "outside", eu, echo).await.me;
    let port = inside.me.metadata[keys::GRPC_PORT].clone();
    outside
        .metadata
        .insert(keys::GRPC_PORT.to_owned(), "1".to_owned());
    outside
        .metadata
        .insert(keys::GRPC_EXTERNAL_PORT.to_owned(), port);

    let gone = |server: &str| {
        Err(CallError::Gone {
            server: server.to_owned(),
        })
    };
    assert_eq!(call(&near, &inside.me).await, Ok(answer("x")));
    assert_eq!(call(&far, &inside.me).await, gone("inside"));
    assert_eq!(call(&near, &outside).await, gone("outside"));
    assert_eq!(call(&far, &outside).await, Ok(answer("x")));
    // Without a region the external address counts everywhere.
    outside.metadata.remove(keys::REGION);
    outside.id = "elsewhere".to_owned();
    assert_eq!(call(&near, &outside).await, Ok(answer("x")));
}

async fn call(from: &Node, to: &Member) -> Result<Response, CallError> {
    from.bus.call(to, request("x"), LONG).await
}
