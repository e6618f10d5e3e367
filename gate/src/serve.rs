//! The program's life: start, signals, end.

use std::process::ExitCode;

use pitaya_gate::{Gate, Serialization, Settings, metrics};
use pitaya_server::protocol::{Json, Protobuf, SerializerSet};

use crate::signals::{Asked, Signals};

/// It was told a second time to end.
const AT_ONCE: u8 = 3;

pub(crate) fn serve(settings: &Settings) -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!("no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(async {
        match settings.serializer {
            Serialization::Protobuf => live::<Protobuf>(settings).await,
            _ => live::<Json>(settings).await,
        }
    });
    // Nothing that still runs is waited for: what mattered has been.
    runtime.shutdown_background();
    code
}

async fn live<S: SerializerSet>(settings: &Settings) -> ExitCode {
    let mut signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => return failed(&error),
    };
    if let Err(error) = metrics::install(settings) {
        return failed(&error);
    }
    // Engines may be slow to answer; who ends the program meanwhile is heard.
    let gate = tokio::select! {
        started = Gate::<S>::start(settings) => match started {
            Ok(gate) => gate,
            Err(error) => return failed(&error),
        },
        () = signals.end() => return ExitCode::SUCCESS,
    };
    let server = gate.server();
    tracing::info!(id = server.server_id(), addresses = ?server.addresses(), "in the cluster");
    loop {
        let asked = tokio::select! {
            asked = signals.next() => asked,
            () = server.replaced() => Asked::End,
        };
        if asked == Asked::End {
            break;
        }
        match gate.reload_certificate() {
            Ok(()) => tracing::info!("the certificate was read again"),
            Err(error) => tracing::error!("the certificate stays as it was: {error}"),
        }
    }
    let report = tokio::select! {
        report = gate.drain() => report,
        () = signals.end() => {
            tracing::warn!("told a second time to end: clients are cut off");
            return AT_ONCE.into();
        }
    };
    tracing::info!(
        sessions = report.sessions,
        cut = report.cut,
        dropped_handlers = report.dropped_handlers,
        took = ?report.took,
        "the gate has ended"
    );
    ExitCode::SUCCESS
}

fn failed(error: &dyn std::error::Error) -> ExitCode {
    tracing::error!("the gate did not start: {error}");
    ExitCode::FAILURE
}
