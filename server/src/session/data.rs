//! Session data: JSON values by key, which travel with the session (wire 12).

use pitaya_protocol::SerializerSet;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Session;

/// The key under which every session says how its client is connected: `ipv4` or `ipv6` (wire 2.6).
const IP_VERSION: &str = "ipversion";

/// A value that cannot be session data, or data that is not the expected value.
#[derive(Debug, thiserror::Error)]
#[error("session data `{key}`: {source}")]
#[non_exhaustive]
pub struct DataError {
    /// The key.
    pub key: String,
    /// What serde said.
    pub source: serde_json::Error,
}

impl<S: SerializerSet> Session<S> {
    /// Stores `value` under `key`, in the place of what was there.
    ///
    /// # Errors
    ///
    /// [`DataError`] when the value has no JSON form.
    pub fn set(&self, key: impl Into<String>, value: &impl Serialize) -> Result<(), DataError> {
        let key = key.into();
        match serde_json::to_value(value) {
            Ok(value) => {
                if let Some(remote) = self.remote() {
                    remote.changed(&key);
                }
                self.state().data.get_or_insert_default().insert(key, value);
                Ok(())
            }
            Err(source) => Err(DataError { key, source }),
        }
    }

    /// The value under `key`, if there is one.
    ///
    /// # Errors
    ///
    /// [`DataError`] when what is there is no `T`.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, DataError> {
        let found = self
            .state()
            .data
            .as_ref()
            .and_then(|data| data.get(key).cloned());
        let found = found.or_else(|| (key == IP_VERSION).then(|| self.ip_version()));
        found
            .map(serde_json::from_value)
            .transpose()
            .map_err(|source| DataError {
                key: key.to_owned(),
                source,
            })
    }

    /// Removes the value under `key` and says whether there was one.
    #[expect(
        clippy::must_use_candidate,
        reason = "whoever wants it gone seldom asks whether it was there"
    )]
    pub fn remove(&self, key: &str) -> bool {
        if let Some(remote) = self.remote() {
            remote.changed(key);
        }
        self.state()
            .data
            .as_mut()
            .is_some_and(|data| data.remove(key).is_some())
    }

    /// All data. It is never empty: `ipversion` is always there, which peers in a cluster rely on (wire 2.6).
    #[must_use]
    pub fn data(&self) -> Map<String, Value> {
        let mut data = self.state().data.as_deref().cloned().unwrap_or_default();
        data.entry(IP_VERSION).or_insert_with(|| self.ip_version());
        data
    }

    /// Puts `data` in the place of all data.
    pub fn replace_data(&self, data: Map<String, Value>) {
        if let Some(remote) = self.remote() {
            remote.replaced();
        }
        self.state().data = (!data.is_empty()).then(|| Box::new(data));
    }

    fn ip_version(&self) -> Value {
        let v6 = self
            .peer()
            .address()
            .is_some_and(|address| address.is_ipv6());
        if v6 { "ipv6" } else { "ipv4" }.into()
    }
}
