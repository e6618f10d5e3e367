//! What the test server does for a peer.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// The test server's side. Its methods run while the peer is borrowed: they must not call it. Bytes are views into the peer's memory
    /// that end with the call.
    #[derive(Debug)]
    pub type PeerHost;

    /// Send the client this WebSocket message.
    #[wasm_bindgen(method, structural)]
    pub(crate) fn transmit(this: &PeerHost, frame: &[u8]);

    /// The client's handshake, JSON text. Answered with `accept` or `refuse`.
    #[wasm_bindgen(method, structural)]
    pub(crate) fn handshake(this: &PeerHost, request: &str);

    /// Messages may go both ways.
    #[wasm_bindgen(method, structural)]
    pub(crate) fn open(this: &PeerHost);

    /// A request to answer with `respond` or `fail`, its body inflated.
    #[wasm_bindgen(method, structural)]
    pub(crate) fn request(this: &PeerHost, id: f64, route: &str, body: &[u8]);

    /// A notify, its body inflated.
    #[wasm_bindgen(method, structural)]
    pub(crate) fn notify(this: &PeerHost, route: &str, body: &[u8]);

    /// The end: close the socket with this WebSocket code and text.
    #[wasm_bindgen(method, structural)]
    pub(crate) fn closed(this: &PeerHost, code: u16, reason: &str);
}
