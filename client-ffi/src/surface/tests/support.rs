//! A peer and a client of it.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::surface::{Client, ConnectOptions, connect};
use pitaya_conformance::mock::{self, Mock, MockServer};

/// Fails instead of hanging.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    let done = tokio::time::timeout(Duration::from_secs(30), future).await;
    done.expect("this does not come")
}

/// Nothing but an address.
pub(crate) fn options(url: impl Into<String>) -> ConnectOptions {
    ConnectOptions {
        endpoints: vec![url.into()],
        serializers: Vec::new(),
        pinned_serializer: None,
        user_json: None,
        user_on_demand: false,
        app_version: None,
        app_build: None,
        platform: None,
        capabilities: None,
        tls: None,
        headers: Vec::new(),
        connect_timeout_ms: None,
        race_ms: None,
        handshake_timeout_ms: None,
        request_timeout_ms: None,
        reconnect: None,
        retry_first: false,
        hold_queue: false,
        max_in_flight: None,
        queue_items: None,
        queue_bytes: None,
        max_packet: None,
        max_inflated: None,
        push_buffer: None,
        push_buffer_bytes: None,
    }
}

pub(crate) async fn connected(script: Mock) -> (MockServer, Arc<Client>) {
    let server = mock::start(script, "127.0.0.1:0".parse().unwrap())
        .await
        .unwrap();
    let client = soon(connect(options(server.tcp_url()), None))
        .await
        .unwrap();
    (server, client)
}
