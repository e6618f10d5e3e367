//! What the bus measures.

use std::collections::HashMap;
use std::sync::Arc;

use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use pitaya_server::cluster::{Bus, GrpcBus, MemoryBindings, grpc_metrics};
use tokio::sync::mpsc;

use crate::support::grpc::{Cluster, LONG, answer, code, config, push, request, until};

/// The recorder forgets what it has shown, so that its changes are added up here.
struct Measured {
    recorder: Snapshotter,
    sums: HashMap<String, f64>,
}

impl Measured {
    fn get(&mut self, name: &str) -> f64 {
        for (key, _, _, change) in self.recorder.snapshot().into_vec() {
            let sum = self.sums.entry(key.key().name().to_owned()).or_default();
            *sum += match change {
                DebugValue::Counter(count) => count as f64,
                DebugValue::Gauge(change) => change.into_inner(),
                DebugValue::Histogram(_) => panic!("the bus has no histograms"),
            };
        }
        self.sums.get(name).copied().unwrap_or_default()
    }
}

#[tokio::test]
async fn everything_is_counted() {
    let recorder = DebuggingRecorder::new();
    let mut measured = Measured {
        recorder: recorder.snapshotter(),
        sums: HashMap::new(),
    };
    let _guard = metrics::set_default_local_recorder(&recorder);
    let cluster = Cluster::new();
    let gate = cluster.start("gate", "g1").await;
    let (kept, mut waiting) = mpsc::unbounded_channel();
    let mut one = config();
    one.limits.taken_requests = 1;
    let room = cluster
        .start_with("room", "r1", one, move |_, reply| {
            kept.send(reply).expect("an open test");
        })
        .await;

    let call = tokio::spawn(gate.bus.call(&room.me, request("1"), LONG));
    let reply = waiting.recv().await.expect("a request");
    assert_eq!(measured.get(grpc_metrics::CONNECTS), 1.0);
    assert_eq!(measured.get(grpc_metrics::CONNECTIONS), 1.0);
    assert_eq!(measured.get(grpc_metrics::CALLS), 1.0);
    assert_eq!(measured.get(grpc_metrics::TAKEN), 1.0);
    let second = gate.bus.call(&room.me, request("2"), LONG).await;
    assert_eq!(code(&second.expect("an answer")), "PIT-503");
    assert_eq!(measured.get(grpc_metrics::OVERLOADED), 1.0);
    reply.send(answer("x"));
    assert_eq!(call.await.expect("a call"), Ok(answer("x")));
    until(async || measured.get(grpc_metrics::CALLS) == 0.0).await;
    assert_eq!(measured.get(grpc_metrics::TAKEN), 0.0);

    gate.bus
        .push_to_user("gate", push("nobody", ""))
        .expect("a push");
    until(async || measured.get(grpc_metrics::UNDELIVERED) == 1.0).await;
    let gone = GrpcBus::new(config(), Arc::new(MemoryBindings::default())).expect("a port");
    let mut dead = room.me.clone();
    gone.describe(&mut dead);
    drop(gone);
    assert!(gate.bus.call(&dead, request("3"), LONG).await.is_err());
    assert_eq!(measured.get(grpc_metrics::CONNECT_FAILURES), 1.0);
}
