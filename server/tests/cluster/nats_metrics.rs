//! What the bus measures.

use std::collections::HashMap;
use std::time::Duration;

use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use pitaya_server::cluster::{Bus as _, NatsBus, NatsConfig, nats_metrics};

use crate::nats_rig::{Heard, Rig, SOON, peer, refused, request, response};
use crate::support::nats::Nats;

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
        self.sums[name]
    }
}

#[tokio::test]
async fn everything_is_counted() {
    let mut nats = Nats::start().await;
    let peer = peer(&nats).await;
    let recorder = DebuggingRecorder::new();
    let mut measured = Measured {
        recorder: recorder.snapshotter(),
        sums: HashMap::new(),
    };
    let mut config = NatsConfig::new(nats.url());
    config.limits.taken_requests = 1;
    let bus = metrics::with_local_recorder(&recorder, || NatsBus::new(config));
    let mut room = Rig::start_bus(bus, "room", "r1").await;

    let call = room.bus.call(&room.me, request("x"), SOON);
    let (_, reply) = room.next_request().await;
    assert_eq!(measured.get(nats_metrics::UP), 1.0);
    assert_eq!(measured.get(nats_metrics::CALLS), 1.0);
    assert_eq!(measured.get(nats_metrics::TAKEN), 1.0);
    let second = room.bus.call(&room.me, request("y"), SOON).await;
    assert_eq!(refused(&second.expect("an answer")), "PIT-503");
    assert_eq!(measured.get(nats_metrics::OVERLOADED), 1.0);
    reply.send(response(b"x"));
    assert_eq!(call.await, Ok(response(b"x")));
    assert_eq!(measured.get(nats_metrics::CALLS), 0.0);
    assert_eq!(measured.get(nats_metrics::TAKEN), 0.0);

    let dropped = room.bus.call(&room.me, request("z"), SOON);
    let (_, reply) = room.next_request().await;
    drop(dropped);
    assert_eq!(measured.get(nats_metrics::CALLS), 0.0);
    reply.send(response(b"late"));
    // The next answer comes behind it.
    let call = room.bus.call(&room.me, request("z"), SOON);
    room.next_request().await.1.send(response(b"z"));
    assert_eq!(call.await, Ok(response(b"z")));
    assert_eq!(measured.get(nats_metrics::LATE_ANSWERS), 1.0);

    let published = peer.publish("pitaya/servers/room/r1", "\u{7}".into()).await;
    published.expect("the engine is there");
    assert!(matches!(room.next().await, Heard::Undecodable("request")));
    assert_eq!(measured.get(nats_metrics::UNDECODABLE), 1.0);

    let lost = room.bus.call(&room.me, request("lost"), SOON);
    nats.stop();
    lost.await.expect_err("the engine is away");
    assert_eq!(measured.get(nats_metrics::CALLS), 0.0);
    nats.restart().await;
    let told = async {
        // It is set a second time; in between the recorder has shown nothing.
        while measured.get(nats_metrics::UP) < 2.0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(SOON, told)
        .await
        .expect("the gauge rises again");
}
