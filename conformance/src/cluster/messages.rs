//! What the fixture's routes carry: JSON by serde, protobuf by prost.

use serde::{Deserialize, Serialize};

/// A request with a text.
#[derive(Clone, PartialEq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct TestRequest {
    #[prost(string, tag = "1")]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) msg: String,
}

/// An answer with a code and a text.
#[derive(Clone, PartialEq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct TestResponse {
    #[prost(int32, tag = "1")]
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) code: i32,
    #[prost(string, tag = "2")]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) msg: String,
}

/// Which remote method to call, and with what.
#[derive(Clone, PartialEq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct RpcRequest {
    #[prost(string, tag = "1")]
    pub(super) route: String,
    #[prost(string, tag = "2")]
    pub(super) data: String,
}

/// Whom to push to, and what.
#[derive(Clone, PartialEq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct SendToUsers {
    #[prost(string, repeated, tag = "1")]
    pub(super) uids: Vec<String>,
    #[prost(string, tag = "2")]
    pub(super) msg: String,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_zero(code: &i32) -> bool {
    *code == 0
}

impl TestResponse {
    pub(super) fn ok(msg: impl Into<String>) -> Self {
        Self {
            code: 200,
            msg: msg.into(),
        }
    }
}
