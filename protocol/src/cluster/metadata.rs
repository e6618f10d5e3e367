//! The context that travels with a request, from server to server (wire 14).

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::duration::{DurationError, format_duration, parse_duration};

/// The context of a request: a JSON object whose entries are passed on with every request that is made on its behalf.
///
/// A cheap handle; a change makes a copy, so that two calls of one handler never see each other's.
///
/// ```
/// use std::time::Duration;
/// use pitaya_protocol::cluster::Metadata;
///
/// let metadata = Metadata::default().from_peer("g1", "gate").with_timeout(Duration::from_secs(5));
/// assert_eq!(metadata.to_json(), r#"{"peer.id":"g1","peer.service":"gate","reqTimeout":"5s"}"#);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata(Arc<Map<String, Value>>);

/// Why metadata cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// There are none. Go servers refuse such a request as well (wire 14).
    #[error("no context found")]
    Missing,
    /// They are no JSON object.
    #[error("the context is no JSON object: {0}")]
    Json(#[from] serde_json::Error),
    /// The time limit is none.
    #[error("the context's `reqTimeout`: {0}")]
    Timeout(#[from] DurationError),
    /// The time limit is not a text.
    #[error("the context's `reqTimeout` is not a text")]
    TimeoutType,
}

const PEER_ID: &str = "peer.id";
const PEER_TYPE: &str = "peer.service";
const TIMEOUT: &str = "reqTimeout";
const REQUEST_ID: &str = "request.id";
const ROUTE: &str = "req-route";
const START: &str = "req-start-time";
const TRACE: &str = "otel-span";

impl Metadata {
    /// Reads a request's metadata.
    ///
    /// # Errors
    ///
    /// [`MetadataError`] when there are none, or they are no JSON object.
    pub fn read(json: &[u8]) -> Result<Self, MetadataError> {
        if json.is_empty() {
            return Err(MetadataError::Missing);
        }
        Ok(Self(Arc::new(serde_json::from_slice(json)?)))
    }

    /// The JSON text for a request; `{}` at least.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(&*self.0).expect("a JSON value has a JSON form")
    }

    /// The entry of this name.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// The same with one more entry, or another value of one.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        Arc::make_mut(&mut self.0).insert(key.into(), value.into());
        self
    }

    /// The same as the next hop sees it: it comes from this server.
    #[must_use]
    pub fn from_peer(self, id: &str, server_type: &str) -> Self {
        self.with(PEER_ID, id).with(PEER_TYPE, server_type)
    }

    /// The same with a time limit for the callee.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        self.with(TIMEOUT, format_duration(timeout))
    }

    /// The same with what a frontend enters: an id by which logs of several servers can be brought together, the route, and the time in
    /// nanoseconds since 1970.
    #[must_use]
    pub fn for_message(self, id: &str, route: &str, now: u64) -> Self {
        self.with(REQUEST_ID, id)
            .with(ROUTE, route)
            .with(START, now)
    }

    /// The same within a trace: W3C `traceparent`, `tracestate` and `baggage` by name.
    #[must_use]
    pub fn with_trace<'a>(self, carrier: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let carrier: Map<_, _> = carrier
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.into()))
            .collect();
        self.with(TRACE, carrier)
    }

    /// The id of the server that asks.
    #[must_use]
    pub fn peer_id(&self) -> Option<&str> {
        self.text(PEER_ID)
    }

    /// The type of the server that asks.
    #[must_use]
    pub fn peer_type(&self) -> Option<&str> {
        self.text(PEER_TYPE)
    }

    /// The id of the client's request on whose behalf this is.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.text(REQUEST_ID)
    }

    /// How long the callee may take; `None` when the caller does not say.
    ///
    /// # Errors
    ///
    /// [`MetadataError`] when what is there is no duration.
    pub fn timeout(&self) -> Result<Option<Duration>, MetadataError> {
        match self.get(TIMEOUT) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(parse_duration(text)?)),
            Some(_) => Err(MetadataError::TimeoutType),
        }
    }

    /// The trace that the request is part of, entry by entry. Anything but an object of texts is none.
    pub fn trace(&self) -> impl Iterator<Item = (&str, &str)> {
        let entries = self.get(TRACE).and_then(Value::as_object);
        entries
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Value::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_not_seen_by_copies() {
        let first = Metadata::read(br#"{"game":{"season":3}}"#).expect("an object");
        let second = first.clone().from_peer("g1", "gate");
        assert_eq!(first.to_json(), r#"{"game":{"season":3}}"#);
        assert_eq!(
            (second.peer_id(), second.peer_type()),
            (Some("g1"), Some("gate"))
        );
        assert_eq!(second.get("game"), first.get("game"));
    }

    #[test]
    fn a_time_limit_is_a_text() {
        let read = |json: &str| {
            Metadata::read(json.as_bytes())
                .expect("an object")
                .timeout()
        };
        assert_eq!(read("{}").expect("none"), None);
        let limit = read(r#"{"reqTimeout":"1m0s"}"#).expect("a limit");
        assert_eq!(limit, Some(Duration::from_secs(60)));
        assert!(matches!(
            read(r#"{"reqTimeout":5}"#),
            Err(MetadataError::TimeoutType)
        ));
        assert!(matches!(
            read(r#"{"reqTimeout":"soon"}"#),
            Err(MetadataError::Timeout(_))
        ));
    }

    #[test]
    fn anything_but_an_object_is_refused() {
        assert!(matches!(Metadata::read(b""), Err(MetadataError::Missing)));
        for json in ["[]", "null", "{", "5"] {
            assert!(Metadata::read(json.as_bytes()).is_err(), "{json}");
        }
    }

    #[test]
    fn a_trace_is_passed_on() {
        let metadata = Metadata::default().with_trace([("traceparent", "00-ab-cd-01")]);
        assert_eq!(
            metadata.to_json(),
            r#"{"otel-span":{"traceparent":"00-ab-cd-01"}}"#
        );
        assert_eq!(
            metadata.trace().collect::<Vec<_>>(),
            [("traceparent", "00-ab-cd-01")]
        );
        let odd = Metadata::read(br#"{"otel-span":"x"}"#).expect("an object");
        assert_eq!(odd.trace().count(), 0);
    }

    #[test]
    fn a_start_time_keeps_its_nanoseconds() {
        let metadata =
            Metadata::default().for_message("id", "room.room.join", 1_700_000_000_123_456_789);
        assert!(metadata.to_json().contains("1700000000123456789"));
    }
}
