//! What the library does, for logs.

use std::fmt::{self, Write as _};
use std::sync::{Arc, OnceLock};

use tokio::sync::{Mutex, broadcast};
use tracing::field::{Field, Visit};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber, span};

use super::cancel::CancelHandle;

/// Lines that a reader may be behind by.
const CAPACITY: usize = 256;
/// Where our lines come from; other libraries' are not passed on, as they may tell secrets.
const OURS: &str = "pitaya";

/// How important a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, uniffi::Enum)]
pub enum LogLevel {
    /// Every step.
    Trace,
    /// Connections and states.
    Debug,
    /// What happens rarely.
    Info,
    /// What may be wrong.
    Warn,
    /// What is wrong.
    Error,
}

/// A line for a log.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct LogLine {
    /// How important it is.
    pub level: LogLevel,
    /// Which part of the library says it.
    pub target: String,
    /// What it says.
    pub message: String,
    /// How many lines before it were dropped because they were not read in time.
    pub missed: u64,
}

/// Lines for a log, of all clients of the process, from the moment of asking. At most 256 wait to be read.
#[derive(Debug, uniffi::Object)]
pub struct Logs {
    level: LogLevel,
    source: Mutex<broadcast::Receiver<LogLine>>,
    stopped: CancelHandle,
}

/// Lines of this level and above, from now on.
///
/// In a Rust program that has set a `tracing` subscriber of its own nothing comes here: it has the lines already.
#[uniffi::export]
#[must_use]
pub fn open_logs(level: LogLevel) -> Arc<Logs> {
    Arc::new(Logs {
        level,
        source: Mutex::new(sink().subscribe()),
        stopped: CancelHandle::default(),
    })
}

#[uniffi::export]
impl Logs {
    /// The next line; nothing after [`stop`](Self::stop).
    pub async fn next(&self) -> Option<LogLine> {
        self.stopped.unless(self.read()).await.flatten()
    }

    /// Ends the stream, and whoever waits for its next line.
    pub fn stop(&self) {
        self.stopped.cancel();
    }
}

impl Logs {
    /// The next line, where there is one now and nobody else waits for it.
    pub(crate) fn try_next(&self) -> Option<LogLine> {
        let mut source = self.source.try_lock().ok()?;
        let mut missed = 0;
        loop {
            match source.try_recv() {
                Ok(line) if line.level >= self.level => return Some(LogLine { missed, ..line }),
                Ok(_) => {}
                Err(broadcast::error::TryRecvError::Lagged(lines)) => missed += lines,
                Err(_) => return None,
            }
        }
    }

    async fn read(&self) -> Option<LogLine> {
        let mut source = self.source.lock().await;
        let mut missed = 0;
        loop {
            match source.recv().await {
                Ok(line) if line.level >= self.level => return Some(LogLine { missed, ..line }),
                Ok(_) => {}
                Err(broadcast::error::RecvError::Lagged(lines)) => missed += lines,
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }
}

/// Where all lines go; made, and made known to `tracing`, by the first who asks.
fn sink() -> &'static broadcast::Sender<LogLine> {
    static SINK: OnceLock<broadcast::Sender<LogLine>> = OnceLock::new();
    SINK.get_or_init(|| {
        let (sink, _) = broadcast::channel(CAPACITY);
        // An error means that the program has a subscriber.
        let _ = tracing::subscriber::set_global_default(Sink {
            lines: sink.clone(),
        });
        sink
    })
}

struct Sink {
    lines: broadcast::Sender<LogLine>,
}

impl Subscriber for Sink {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if metadata.target().starts_with(OURS) {
            Interest::sometimes()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with(OURS) && self.lines.receiver_count() > 0
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        let metadata = event.metadata();
        let line = LogLine {
            level: level(*metadata.level()),
            target: metadata.target().to_owned(),
            message: text.message + &text.fields,
            missed: 0,
        };
        // Nobody may read any more.
        let _ = self.lines.send(line);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

fn level(level: tracing::Level) -> LogLevel {
    match level {
        tracing::Level::TRACE => LogLevel::Trace,
        tracing::Level::DEBUG => LogLevel::Debug,
        tracing::Level::INFO => LogLevel::Info,
        tracing::Level::WARN => LogLevel::Warn,
        tracing::Level::ERROR => LogLevel::Error,
    }
}

/// A line as it is read: the message, then ` name=value` for each field.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Text grows as needed.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}
