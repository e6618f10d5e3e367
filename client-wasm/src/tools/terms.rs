//! What a test server settles with every client.

use std::time::Duration;

use pitaya_protocol::{Capabilities, Dictionary, Span};
use wasm_bindgen::prelude::wasm_bindgen;

/// What a server settles with every client.
#[wasm_bindgen]
#[derive(Clone, Debug)]
pub struct Terms {
    pub(super) heartbeat: Option<Duration>,
    pub(super) serializer: String,
    pub(super) compression: bool,
    pub(super) granted: Capabilities,
    pub(super) dictionary: Dictionary,
}

#[wasm_bindgen]
impl Terms {
    /// Terms with this dictionary. A `heartbeat` of 0 milliseconds stands for none, `granted` are the bits of the capabilities that clients may
    /// have, and with `compression` bodies and the handshake are deflated where that is shorter.
    ///
    /// # Errors
    ///
    /// A text for a dictionary that contradicts itself.
    #[wasm_bindgen(constructor)]
    pub fn new(
        heartbeat: f64,
        serializer: String,
        compression: bool,
        granted: u8,
        routes: Vec<String>,
        codes: &[u16],
    ) -> Result<Self, String> {
        let entries = routes.into_iter().zip(codes.iter().copied());
        Ok(Self {
            heartbeat: (heartbeat > 0.0).then(|| Span::from_millis(heartbeat).into()),
            serializer,
            compression,
            granted: Capabilities::from_bits(granted),
            dictionary: Dictionary::new(entries).map_err(|error| error.to_string())?,
        })
    }
}
