//! Who a client says it is.

use pitaya_server::protocol::handshake::ClientInfo;
use pitaya_server::protocol::{Capabilities, Serializer};
use serde_json::{Map, Value};

/// What a client says of itself.
#[derive(Clone, Debug)]
pub(crate) struct Hello {
    pub(crate) info: ClientInfo,
    pub(crate) user: Map<String, Value>,
}

impl Hello {
    /// One of ours, with every capability.
    pub(crate) fn ours() -> Self {
        let mut hello = Self::family();
        hello.info.capabilities = Capabilities::ALL;
        hello
    }

    /// A client of the family: no capabilities, but it inflates.
    pub(crate) fn family() -> Self {
        let mut info = ClientInfo::default();
        info.platform = "mac".into();
        info.lib_version = "0.3.5-release".into();
        Self {
            info,
            user: Map::new(),
        }
    }

    /// A client in a browser of old, which cannot inflate.
    pub(crate) fn pomelo() -> Self {
        let info = ClientInfo::default();
        let user = Map::new();
        Self { info, user }
    }

    pub(crate) fn serializer(mut self, serializer: Serializer) -> Self {
        self.info.serializers = vec![serializer];
        self
    }

    pub(crate) fn user(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.user.insert(key.into(), value.into());
        self
    }
}
