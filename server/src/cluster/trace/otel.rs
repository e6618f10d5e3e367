//! Spans of OpenTelemetry. Tracer and propagator are the program's global ones; what they say travels as `otel-span` (wire 14).

use std::collections::HashMap;

use opentelemetry::trace::{FutureExt, SpanKind, Status, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, InstrumentationScope, KeyValue, global};
use pitaya_protocol::cluster::Metadata;

/// A request from one server to another, on one of both sides. One that is dropped ends without an outcome.
pub(crate) struct Span(Context);

impl Span {
    /// On the side that asks, in the trace of the current task.
    pub(crate) fn asking(route: &str) -> Self {
        Self::begin(SpanKind::Client, route, &Context::current())
    }

    /// On the side that is asked, in the trace that the request names.
    pub(crate) fn asked(metadata: &Metadata, route: &str) -> Self {
        let carrier: HashMap<_, _> = metadata
            .trace()
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let parent = global::get_text_map_propagator(|propagator| {
            propagator.extract_with_context(&Context::new(), &carrier)
        });
        Self::begin(SpanKind::Server, route, &parent)
    }

    fn begin(kind: SpanKind, route: &str, parent: &Context) -> Self {
        let scope = InstrumentationScope::builder("pitaya-server")
            .with_version(env!("CARGO_PKG_VERSION"))
            .build();
        let tracer = global::tracer_provider().tracer_with_scope(scope);
        let span = tracer
            .span_builder(route.to_owned())
            .with_kind(kind)
            .with_attributes([
                KeyValue::new("rpc.system.name", "pitaya"),
                KeyValue::new("rpc.method", route.to_owned()),
            ])
            .start_with_context(&tracer, parent);
        Self(parent.with_span(span))
    }

    /// What the request says, so that the other side goes on with this trace.
    pub(crate) fn carried_by(&self, metadata: Metadata) -> Metadata {
        let mut carrier = HashMap::new();
        global::get_text_map_propagator(|propagator| {
            propagator.inject_context(&self.0, &mut carrier);
        });
        if carrier.is_empty() {
            // A program without tracing passes on what it was told.
            return metadata;
        }
        metadata.with_trace(carrier.iter().map(|(key, value)| (&**key, &**value)))
    }

    /// Does `work` within the span: what it asks of others belongs to it.
    pub(crate) fn around<F: Future>(&self, work: F) -> impl Future<Output = F::Output> + use<F> {
        work.with_context(self.0.clone())
    }

    /// The request has its answer, or failed with this code and text.
    pub(crate) fn end<'a>(self, error: impl FnOnce() -> Option<(&'a str, String)>) {
        let span = self.0.span();
        if span.is_recording()
            && let Some((code, text)) = error()
        {
            span.set_attribute(KeyValue::new("error.type", code.to_owned()));
            span.set_status(Status::error(text));
        }
        span.end();
    }
}
