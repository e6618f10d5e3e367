//! The response: what the server settles, or that it refuses (wire 2.2 and 2.3).

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{Agreement, CODE_OK, CODE_TOO_OLD, HandshakeError, check_depth, member};
use crate::capabilities::Capabilities;
use crate::close::{Close, CloseCode};
use crate::dictionary::Dictionary;

/// Levels of nesting that a response has at most; ours has three.
const MAX_DEPTH: usize = 32;

/// The body of the server's handshake packet.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HandshakeResponse {
    /// 200, or anything else for a refusal.
    pub code: u16,
    /// What the server settles.
    pub sys: ServerInfo,
    /// Why it refuses; only told to clients that offer `close-reason`.
    pub close: Option<Close>,
}

/// `sys` of the response.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ServerInfo {
    /// `heartbeat`: time between heartbeats. Whole seconds, as the family's clients read no fraction (wire 2.2).
    pub heartbeat: Option<Duration>,
    /// `dict`: the dictionary.
    pub dictionary: Dictionary,
    /// `serializer`: name of the serializer, `json` where a server says none.
    pub serializer: String,
    /// `capabilities`: those that the server grants.
    pub capabilities: Capabilities,
}

impl ServerInfo {
    /// What a server settles with these terms and this serializer.
    #[must_use]
    pub fn new(agreement: &Agreement, serializer: &str) -> Self {
        Self {
            heartbeat: agreement.heartbeat.map(Duration::from),
            dictionary: agreement.dictionary.clone(),
            serializer: serializer.to_owned(),
            capabilities: agreement.capabilities,
        }
    }
}

impl HandshakeResponse {
    /// The acceptance on these terms.
    #[must_use]
    pub const fn accept(sys: ServerInfo) -> Self {
        Self {
            code: CODE_OK,
            sys,
            close: None,
        }
    }

    /// A refusal. `close` is only to be given for clients that offered `close-reason`.
    #[must_use]
    pub const fn refuse(code: u16, sys: ServerInfo, close: Option<Close>) -> Self {
        Self { code, sys, close }
    }

    /// Reads a body that is not compressed. A missing or non-positive heartbeat means none (wire 4); dictionary entries that are no codes are skipped.
    ///
    /// # Errors
    ///
    /// [`HandshakeError`] for what is not a JSON object with a numeric `code`.
    pub fn parse(body: &[u8]) -> Result<Self, HandshakeError> {
        check_depth(body, MAX_DEPTH)?;
        let Value::Object(body) = serde_json::from_slice(body)? else {
            return Err(HandshakeError::WrongType {
                member: "handshake",
                expected: "an object",
            });
        };
        let code = member(&body, "code").and_then(Value::as_f64);
        let code = code.ok_or(HandshakeError::WrongType {
            member: "code",
            expected: "a number",
        })?;
        let empty = Map::new();
        let sys = member(&body, "sys")
            .and_then(Value::as_object)
            .unwrap_or(&empty);
        let heartbeat = member(sys, "heartbeat")
            .and_then(Value::as_f64)
            .filter(|seconds| *seconds > 0.0);
        let dictionary = member(sys, "dict")
            .and_then(Value::as_object)
            .unwrap_or(&empty);
        let codes = dictionary
            .iter()
            .filter_map(|(route, code)| Some((route, u16::try_from(code.as_u64()?).ok()?)));
        let capabilities = member(sys, "capabilities").and_then(Value::as_array);
        let names = capabilities.into_iter().flatten().filter_map(Value::as_str);
        let close = member(&body, "close").filter(|close| close.is_object());
        Ok(Self {
            code: code as u16,
            sys: ServerInfo {
                heartbeat: heartbeat.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
                dictionary: Dictionary::new(codes).unwrap_or_default(),
                serializer: member(sys, "serializer")
                    .and_then(Value::as_str)
                    .unwrap_or("json")
                    .to_owned(),
                capabilities: Capabilities::from_names(names),
            },
            close: close.map(|close| Close::parse_kick(close.to_string().as_bytes())),
        })
    }

    /// The terms of an acceptance, or the close that a refusal means for the client.
    ///
    /// # Errors
    ///
    /// The close of a refusal: the server's own where it gave one, else by the code (wire 2.3).
    pub fn agreement(&self) -> Result<Agreement, Close> {
        if self.code == CODE_OK {
            let sys = &self.sys;
            return Ok(Agreement::new(
                sys.heartbeat,
                sys.dictionary.clone(),
                sys.capabilities,
            ));
        }
        Err(self.close.clone().unwrap_or_else(|| {
            let code = if self.code == CODE_TOO_OLD {
                CloseCode::CLIENT_TOO_OLD
            } else {
                CloseCode::REFUSED
            };
            Close::new(code).with_reason(format!(
                "the server refused the handshake with code {}",
                self.code
            ))
        }))
    }

    /// The body, its members in the alphabetical order of Go Pitaya; ours are only written when there is something to say.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let sys = &self.sys;
        let mut object = Map::new();
        let dictionary: Map<String, Value> = sys
            .dictionary
            .iter()
            .map(|(route, code)| (route.to_owned(), json!(code)))
            .collect();
        object.insert("dict".into(), dictionary.into());
        let seconds = sys.heartbeat.unwrap_or_default();
        let seconds = if seconds.subsec_nanos() == 0 {
            json!(seconds.as_secs())
        } else {
            json!(seconds.as_secs_f64())
        };
        object.insert("heartbeat".into(), seconds);
        object.insert("serializer".into(), json!(sys.serializer));
        if sys.capabilities != Capabilities::NONE {
            object.insert("capabilities".into(), sys.capabilities.names().collect());
        }
        let mut out = b"{".to_vec();
        if let Some(close) = &self.close {
            out.extend_from_slice(b"\"close\":");
            close.write_json(&mut out);
            out.push(b',');
        }
        out.extend_from_slice(format!("\"code\":{},\"sys\":", self.code).as_bytes());
        serde_json::to_writer(&mut out, &object).expect("a JSON object has a JSON form");
        out.push(b'}');
        out
    }
}
