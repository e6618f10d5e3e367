//! What servers of a cluster ask of each other is one trace of OpenTelemetry.

use std::sync::LazyLock;
use std::time::Duration;

use opentelemetry::trace::{SpanKind, Status};
use opentelemetry::{Value, global};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use pitaya_server::cluster::memory::Hub;
use pitaya_server::cluster::{Cluster, Context};
use pitaya_server::protocol::{Remote, Request};
use pitaya_server::testing::TestServer;
use pitaya_server::{Error, Handle, Result, Server, Session, component};
use tokio::time::{sleep, timeout};

const ENTER: Request<String, u64> = Request::new("hall.hall.enter");
const PLACES: Remote<String, u64> = Remote::new("room.room.places");
const PARENT: Remote<(), String> = Remote::new("room.room.parent");

struct Hall;

#[component("hall")]
impl Hall {
    #[request]
    async fn enter(&self, session: &Session, name: String) -> Result<u64> {
        Ok(session.server().rpc(PLACES, &name).await?)
    }
}

struct Room;

#[component("room")]
impl Room {
    #[remote(PLACES)]
    async fn places(&self, name: String) -> Result<u64> {
        match &*name {
            "full" => Err(Error::new("ROOM-9", "no place is left")),
            _ => Ok(7),
        }
    }

    /// What the caller said of its trace.
    #[remote(PARENT)]
    async fn parent(&self) -> Result<String> {
        let context = Context::current();
        let mut said = context.metadata().trace();
        let parent = said.find(|(key, _)| *key == "traceparent");
        Ok(parent
            .map(|(_, value)| value.to_owned())
            .unwrap_or_default())
    }
}

/// Everything that ends in this process. Tests look for what is theirs.
static SPANS: LazyLock<InMemorySpanExporter> = LazyLock::new(|| {
    let spans = InMemorySpanExporter::default();
    global::set_text_map_propagator(TraceContextPropagator::new());
    global::set_tracer_provider(
        SdkTracerProvider::builder()
            .with_simple_exporter(spans.clone())
            .build(),
    );
    spans
});

/// A room, a hall that asks it, and a gate.
async fn game() -> (TestServer, Handle, Handle) {
    LazyLock::force(&SPANS);
    let hub = Hub::new();
    let backend = || Cluster::backend(hub.bus(), hub.discovery());
    let room = Server::builder()
        .configure(|config| config.server_type = "room".into())
        .register(Room)
        .cluster(backend());
    let room = room.start().await.expect("a room");
    let hall = Server::builder()
        .configure(|config| config.server_type = "hall".into())
        .register(Hall)
        .cluster(backend());
    let hall = hall.start().await.expect("a hall");
    let gate = Server::builder()
        .configure(|config| config.server_type = "gate".into())
        .cluster(Cluster::frontend(hub.bus(), hub.discovery()));
    let gate = TestServer::start(gate).await.expect("a gate");
    (gate, hall, room)
}

/// The span and those above it, from its own to the first of the trace.
fn up_from(span: &SpanData, all: &[SpanData]) -> Vec<SpanData> {
    let mut way = vec![span.clone()];
    while let Some(above) = all.iter().find(|above| {
        above.span_context.span_id() == way[way.len() - 1].parent_span_id
            && above.span_context.trace_id() == span.span_context.trace_id()
    }) {
        way.push(above.clone());
    }
    way
}

/// The way up from the room's span that ended with this outcome. They are exported a moment after the answer.
async fn way(outcome: Status) -> Vec<SpanData> {
    let found = timeout(Duration::from_secs(10), find(outcome));
    found.await.expect("spans of all servers")
}

async fn find(outcome: Status) -> Vec<SpanData> {
    loop {
        let all = SPANS.get_finished_spans().expect("spans");
        let own = |span: &&SpanData| {
            span.name == "room.places"
                && span.span_kind == SpanKind::Server
                && span.status == outcome
        };
        if let Some(span) = all.iter().find(own) {
            let way = up_from(span, &all);
            if way.len() == 4 {
                return way;
            }
        }
        sleep(Duration::from_millis(5)).await;
    }
}

fn names(way: &[SpanData]) -> Vec<(&str, SpanKind)> {
    way.iter()
        .map(|span| (&*span.name, span.span_kind.clone()))
        .collect()
}

const WAY: [(&str, SpanKind); 4] = [
    ("room.places", SpanKind::Server),
    ("room.room.places", SpanKind::Client),
    ("hall.enter", SpanKind::Server),
    ("hall.hall.enter", SpanKind::Client),
];

#[tokio::test]
async fn a_clients_request_is_one_trace_through_all_servers() {
    let (gate, _hall, _room) = game().await;
    let mut client = gate.connect().await.expect("a client");
    assert_eq!(client.request(ENTER, &"ann".into()).await.ok(), Some(7));
    let way = way(Status::Unset).await;
    assert_eq!(names(&way), WAY);
    assert!(way.iter().all(|span| span.status == Status::Unset));
}

#[tokio::test]
async fn an_error_is_seen_in_every_span() {
    let (gate, _hall, _room) = game().await;
    let mut client = gate.connect().await.expect("a client");
    client
        .request(ENTER, &"full".into())
        .await
        .expect_err("a refusal");
    let outcome = Status::error("no place is left");
    let way = way(outcome).await;
    assert_eq!(names(&way), WAY);
    for span in &way {
        let code = span
            .attributes
            .iter()
            .find(|kv| kv.key.as_str() == "error.type");
        assert_eq!(
            code.map(|kv| &kv.value),
            Some(&Value::from("ROOM-9")),
            "{span:?}"
        );
        assert!(matches!(span.status, Status::Error { .. }), "{span:?}");
    }
}

#[tokio::test]
async fn a_request_says_its_trace_as_the_family_does() {
    let (gate, _hall, _room) = game().await;
    let parent = gate.rpc(PARENT, &()).await.expect("an answer");
    let parts: Vec<_> = parent.split('-').map(str::len).collect();
    assert_eq!(parts, [2, 32, 16, 2], "{parent}");
}
