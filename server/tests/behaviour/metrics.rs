//! What a server measures.

use std::collections::BTreeMap;

use metrics_util::CompositeKey;
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use pitaya_server::metrics::names;
use pitaya_server::protocol::Request;
use pitaya_server::{Functions, Server, Session};

use crate::support::{Gate, Rig, Via};

/// What was recorded since the last look, by name and the value of the label.
struct Recorded(Vec<(CompositeKey, DebugValue)>);

impl Recorded {
    fn since_last(snapshotter: &Snapshotter) -> Self {
        let all = snapshotter.snapshot().into_vec().into_iter();
        Self(all.map(|(key, _, _, value)| (key, value)).collect())
    }

    fn get(&self, name: &str) -> BTreeMap<&str, &DebugValue> {
        let named = self.0.iter().filter(|(key, _)| key.key().name() == name);
        named
            .map(|(key, value)| {
                let label = key.key().labels().next();
                (label.map_or("", |label| label.value()), value)
            })
            .collect()
    }
}

fn count(count: u64) -> DebugValue {
    DebugValue::Counter(count)
}

fn gauge(value: f64) -> DebugValue {
    DebugValue::Gauge(value.into())
}

#[tokio::test]
async fn connections_requests_closes_and_limits_are_recorded() {
    let recorder = DebuggingRecorder::new();
    let seen = recorder.snapshotter();
    let _recording = metrics::set_default_local_recorder(&recorder);
    let gate = Gate::new();
    let waits = gate.clone();
    let game = Functions::new("game")
        .request(Request::new("game.double"), async |_: Session, n: u32| {
            Ok(n * 2)
        })
        .request(Request::new("game.wait"), move |_: Session, (): ()| {
            let gate = waits.clone();
            async move {
                gate.pass().await;
                Ok(1)
            }
        });
    let builder = Server::builder().register(game).configure(|config| {
        config.limits.connections = Some(2);
        config.limits.outbox_bytes = 100_000;
        config.compression = None;
    });
    let rig = Rig::start(Via::Memory, builder).await;
    let (mut client, mut stalled) = (rig.client().await, rig.client().await);
    assert!(rig.link().await.read_to_end().await.is_empty());
    for number in 0..3 {
        assert_eq!(client.request("game.double", &number).await, Ok(2 * number));
    }
    for route in ["game.nothing", "nothing.game", "x.y", "x.z"] {
        client.request::<u32>(route, &1).await.expect_err("unknown");
    }
    stalled.send_json("game.wait", &());
    stalled.flush().await;
    gate.reached(1).await;
    let recorded = Recorded::since_last(&seen);
    assert_eq!(recorded.get(names::CONNECTIONS)[""], &gauge(2.0));
    assert_eq!(recorded.get(names::SESSIONS)[""], &count(2));
    assert_eq!(recorded.get(names::LIMITS)["connections"], &count(1));

    // One leaves its handler behind, and is cut for what it does not read.
    let session = rig.session(2).expect("a session");
    for _ in 0..3 {
        let _ = session.push_to("onNews", &"x".repeat(100_000));
        tokio::task::yield_now().await;
    }
    session.ended().await;
    let recorded = Recorded::since_last(&seen);
    assert_eq!(recorded.get(names::ORPHANS)[""], &gauge(1.0));
    assert_eq!(recorded.get(names::LIMITS)["outbox_bytes"], &count(1));
    let waited = recorded.get(names::OUTBOX_BYTES)[""];
    assert!(matches!(waited, DebugValue::Histogram(values) if !values.is_empty()));
    gate.open(1);
    client.hang_up().await;
    rig.newest_close(2).await;
    drop(stalled);
    rig.shutdown().await;
    let last = Recorded::since_last(&seen);
    // The change since the last look.
    assert_eq!(last.get(names::ORPHANS)[""], &gauge(-1.0));
    assert_eq!(last.get(names::CONNECTIONS)[""], &gauge(-2.0));
    assert_eq!(recorded.get(names::CLOSES)["112"], &count(1));
    assert_eq!(last.get(names::CLOSES)["100"], &count(1));
}

#[tokio::test]
async fn latency_is_recorded_per_route_and_unknown_routes_are_one() {
    let recorder = DebuggingRecorder::new();
    let seen = recorder.snapshotter();
    let _recording = metrics::set_default_local_recorder(&recorder);
    let game = Functions::new("game")
        .request(Request::new("game.double"), async |_: Session, n: u32| {
            Ok(n * 2)
        });
    let rig = Rig::start(Via::Memory, Server::builder().register(game)).await;
    let mut client = rig.client().await;
    for number in 0..50 {
        let route = format!("stranger{number}.any");
        client
            .request::<u32>(&route, &1)
            .await
            .expect_err("unknown");
    }
    // Last, because who has an answer finds it counted, also before the server's next wake-up.
    for number in 0..3 {
        assert_eq!(client.request("game.double", &number).await, Ok(2 * number));
    }
    let recorded = Recorded::since_last(&seen);
    let requests = recorded.get(names::REQUEST_SECONDS);
    let counts: Vec<_> = requests
        .into_iter()
        .map(|(route, value)| match value {
            DebugValue::Histogram(values) => (route, values.len()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(counts, [("_unknown", 50), ("game.double", 3)]);
}
