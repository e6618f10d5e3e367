//! A server of the cluster as discovery describes it (wire 19).

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Keys of [`Member::metadata`]. The styles are mixed in the family as well (wire 16).
pub mod keys {
    /// The internal host of its gRPC server.
    pub const GRPC_HOST: &str = "grpcHost";
    /// The port of its gRPC server.
    pub const GRPC_PORT: &str = "grpcPort";
    /// The host for servers of other regions.
    pub const GRPC_EXTERNAL_HOST: &str = "grpc-external-host";
    /// The port for servers of other regions.
    pub const GRPC_EXTERNAL_PORT: &str = "grpc-external-port";
    /// The name of its region.
    pub const REGION: &str = "region";
    /// Set by servers of this suite, to the version of what they understand beyond the family: today `1`.
    pub const SUITE: &str = "pitaya-rust";
}

/// A server of the cluster.
///
/// ```
/// use pitaya_protocol::cluster::Member;
///
/// let room = Member::new("room", "r1");
/// assert_eq!(
///     room.to_json(),
///     r#"{"id":"r1","type":"room","metadata":{},"frontend":false,"hostname":""}"#
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Member {
    /// Its id, unique for each start.
    pub id: String,
    /// Its type, the first part of the routes that it serves.
    #[serde(rename = "type")]
    pub server_type: String,
    /// What others should know; see [`keys`]. Values that are no text are read as their JSON text, and anything but an object as none:
    /// peers write `null` and `""`.
    #[serde(default, deserialize_with = "lenient")]
    pub metadata: BTreeMap<String, String>,
    /// Whether clients connect to it.
    #[serde(default)]
    pub frontend: bool,
    /// The name of its machine.
    #[serde(default)]
    pub hostname: String,
}

/// Why a value of discovery is no server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MemberError {
    /// It is longer than any server's.
    #[error("{bytes} bytes are more than the {limit} that a server may say of itself")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// It is no such JSON.
    #[error("not a server's description: {0}")]
    Json(#[from] serde_json::Error),
    /// It has no id or no type.
    #[error("a server without `{0}`")]
    Empty(&'static str),
}

impl Member {
    /// Bytes that a server may say of itself: far more than any does, far less than what etcd keeps (1.5 MiB).
    pub const MAX_BYTES: usize = 64 * 1024;

    /// A backend without metadata.
    #[must_use]
    pub fn new(server_type: impl Into<String>, id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            server_type: server_type.into(),
            metadata: BTreeMap::new(),
            frontend: false,
            hostname: String::new(),
        }
    }

    /// The value for discovery, member by member as Go writes it.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts always have a JSON form")
    }

    /// Reads a value of discovery.
    ///
    /// # Errors
    ///
    /// [`MemberError`] when it is no server's.
    pub fn from_json(json: &[u8]) -> Result<Self, MemberError> {
        if json.len() > Self::MAX_BYTES {
            return Err(MemberError::TooLong {
                bytes: json.len(),
                limit: Self::MAX_BYTES,
            });
        }
        let member: Self = serde_json::from_slice(json)?;
        for (name, value) in [("id", &member.id), ("type", &member.server_type)] {
            if value.is_empty() {
                return Err(MemberError::Empty(name));
            }
        }
        Ok(member)
    }

    /// Whether it is a server of this suite, which understands the fields and remotes from 1001 up.
    #[must_use]
    pub fn is_of_this_suite(&self) -> bool {
        self.metadata.contains_key(keys::SUITE)
    }
}

fn lenient<'de, D: Deserializer<'de>>(input: D) -> Result<BTreeMap<String, String>, D::Error> {
    let Value::Object(entries) = Value::deserialize(input)? else {
        return Ok(BTreeMap::new());
    };
    let text = |value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    Ok(entries
        .into_iter()
        .map(|(key, value)| (key, text(value)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_writes_is_read_and_written_back() {
        let text = r#"{"id":"a-b","type":"connector","metadata":{"grpcHost":"127.0.0.1"},"frontend":true,"hostname":"host"}"#;
        let member = Member::from_json(text.as_bytes()).expect("a server");
        assert!(member.frontend && !member.is_of_this_suite());
        assert_eq!(member.metadata[keys::GRPC_HOST], "127.0.0.1");
        assert_eq!(member.to_json(), text);
    }

    #[test]
    fn what_peers_leave_out_is_tolerated() {
        for text in [
            r#"{"type":"room","id":"r1","metadata":null,"frontend":false,"hostname":""}"#,
            r#"{"id":"r1","type":"room","metadata":"","extra":[1]}"#,
            r#"{"id":"r1","type":"room"}"#,
        ] {
            let member = Member::from_json(text.as_bytes()).expect(text);
            assert_eq!(member, Member::new("room", "r1"), "{text}");
        }
        let odd = r#"{"id":"r1","type":"room","metadata":{"weight":3,"tags":["a"]}}"#;
        let odd = Member::from_json(odd.as_bytes()).expect("a server");
        assert_eq!(odd.metadata["weight"], "3");
        assert_eq!(odd.metadata["tags"], r#"["a"]"#);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"id":"","type":"room"}"#,
            r#"{"id":"r1"}"#,
            r#"{"id":1,"type":"room"}"#,
        ] {
            assert!(Member::from_json(text.as_bytes()).is_err(), "{text}");
        }
        let long = format!(
            r#"{{"id":"r1","type":"room","hostname":"{}"}}"#,
            "h".repeat(Member::MAX_BYTES)
        );
        assert!(matches!(
            Member::from_json(long.as_bytes()),
            Err(MemberError::TooLong { .. })
        ));
    }
}
