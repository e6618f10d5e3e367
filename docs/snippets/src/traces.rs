//! Traces of a cluster.

use opentelemetry::global;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanExporter};

/// Where the spans go is the program's choice.
pub fn install(exporter: impl SpanExporter + 'static) -> SdkTracerProvider {
    // ANCHOR: start
    global::set_text_map_propagator(TraceContextPropagator::new());
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .build();
    global::set_tracer_provider(provider.clone());
    // ANCHOR_END: start
    provider
}
