//! The request: what a client says of itself (wire 2.1).

use serde_json::{Map, Value, json};

use super::{HandshakeError, check_depth, member};
use crate::capabilities::Capabilities;
use crate::serializer::Serializer;

/// The body of the client's handshake packet.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct HandshakeRequest {
    /// The client's library and build.
    pub sys: ClientInfo,
    /// The application's own members; left out when empty.
    pub user: Map<String, Value>,
}

/// `sys` of the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientInfo {
    /// `platform`, such as `mac` or `desktop`.
    pub platform: String,
    /// `libVersion`: version of the client library.
    pub lib_version: String,
    /// `clientBuildNumber`: build of the application.
    pub build_number: String,
    /// `clientVersion`: version of the application.
    pub version: String,
    /// `serializers` that the client can use, the preferred one first; empty for clients of the family.
    pub serializers: Vec<Serializer>,
    /// `capabilities` that the client offers; none for clients of the family.
    pub capabilities: Capabilities,
}

impl HandshakeRequest {
    /// A request with these members.
    #[must_use]
    pub const fn new(sys: ClientInfo, user: Map<String, Value>) -> Self {
        Self { sys, user }
    }

    /// Reads a body. Unknown members are skipped, names match in any case, `null` and absent members are empty, as is the body `null`.
    ///
    /// # Errors
    ///
    /// [`HandshakeError`] for what is not JSON, nests deeper than `max_depth` levels, or has a member of a wrong type.
    pub fn parse(body: &[u8], max_depth: usize) -> Result<Self, HandshakeError> {
        check_depth(body, max_depth)?;
        let empty = Map::new();
        let body = match serde_json::from_slice(body)? {
            Value::Object(body) => body,
            Value::Null => return Ok(Self::default()),
            _ => return Err(wrong("handshake", "an object")),
        };
        let sys = match member(&body, "sys") {
            Some(Value::Object(sys)) => sys,
            None => &empty,
            Some(_) => return Err(wrong("sys", "an object")),
        };
        let user = match member(&body, "user") {
            Some(Value::Object(user)) => user.clone(),
            None => Map::new(),
            Some(_) => return Err(wrong("user", "an object")),
        };
        Ok(Self {
            sys: ClientInfo {
                platform: text(sys, "platform")?,
                lib_version: text(sys, "libVersion")?,
                build_number: text(sys, "clientBuildNumber")?,
                version: text(sys, "clientVersion")?,
                serializers: names(sys, "serializers")
                    .filter_map(Serializer::from_name)
                    .collect(),
                capabilities: Capabilities::from_names(names(sys, "capabilities")),
            },
            user,
        })
    }

    /// The body, its members in the order that Go Pitaya writes them.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let sys = &self.sys;
        let mut out = b"{\"sys\":{\"platform\":".to_vec();
        write(&mut out, &json!(sys.platform));
        for (name, value) in [
            ("libVersion", &sys.lib_version),
            ("clientBuildNumber", &sys.build_number),
            ("clientVersion", &sys.version),
        ] {
            out.extend_from_slice(format!(",\"{name}\":").as_bytes());
            write(&mut out, &json!(value));
        }
        if !sys.serializers.is_empty() {
            out.extend_from_slice(b",\"serializers\":");
            write(
                &mut out,
                &sys.serializers
                    .iter()
                    .map(|serializer| serializer.name())
                    .collect(),
            );
        }
        if sys.capabilities != Capabilities::NONE {
            out.extend_from_slice(b",\"capabilities\":");
            write(&mut out, &sys.capabilities.names().collect());
        }
        out.push(b'}');
        if !self.user.is_empty() {
            out.extend_from_slice(b",\"user\":");
            serde_json::to_writer(&mut out, &self.user).expect("a JSON object has a JSON form");
        }
        out.push(b'}');
        out
    }
}

const fn wrong(member: &'static str, expected: &'static str) -> HandshakeError {
    HandshakeError::WrongType { member, expected }
}

fn text(sys: &Map<String, Value>, name: &'static str) -> Result<String, HandshakeError> {
    match member(sys, name) {
        None => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(wrong(name, "a string")),
    }
}

/// The texts of a list; what is not such a list is empty, as peers of the family may use the name for something else.
fn names<'a>(sys: &'a Map<String, Value>, name: &str) -> impl Iterator<Item = &'a str> {
    member(sys, name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

fn write(out: &mut Vec<u8>, value: &Value) {
    serde_json::to_writer(out, value).expect("a JSON value has a JSON form");
}
