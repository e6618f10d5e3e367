//! What the page's side does for the machine.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// The page's side. Its methods run while the machine is borrowed: they must not call it. Bytes are views into the machine's memory that
    /// end with the call.
    #[derive(Debug)]
    pub type Host;

    /// Open a socket to `endpoint`, or to the application's own address where it is empty. Answered with `connected`, or `end` 0.
    #[wasm_bindgen(method, structural)]
    pub(crate) fn connect(this: &Host, attempt: u32, endpoint: &str);

    /// Close the socket with this code and text, or give up opening it.
    #[wasm_bindgen(method, structural)]
    pub(crate) fn disconnect(this: &Host, code: u16, reason: &str);

    /// The server's handshake body, raw. Answered with `accept`, or `end` 2.
    #[wasm_bindgen(method, structural)]
    pub(crate) fn handshake(this: &Host, body: &[u8]);

    /// The body of a kick, raw. Answered with `end` 3.
    #[wasm_bindgen(method, structural)]
    pub(crate) fn kick(this: &Host, body: &[u8]);

    /// A request was answered.
    #[wasm_bindgen(method, structural)]
    pub(crate) fn response(this: &Host, call: u32, error: bool, deflated: bool, body: &[u8]);

    /// A push came.
    #[wasm_bindgen(method, structural)]
    pub(crate) fn push(this: &Host, route: &str, deflated: bool, body: &[u8]);

    /// A notify was handed to the socket.
    #[wasm_bindgen(method, structural)]
    pub(crate) fn sent(this: &Host, call: u32);

    /// A call ended without an answer; `kind` is a [`Failure`](crate::convert::Failure).
    #[wasm_bindgen(method, structural)]
    pub(crate) fn failed(this: &Host, call: u32, kind: u8, sent: bool);

    /// How a connection or an attempt ended: what the following `failed` and `state` refer to. `retry_after` is in milliseconds and negative
    /// where the server said none, as `endpoint` is empty then.
    #[wasm_bindgen(method, structural)]
    pub(crate) fn ended(
        this: &Host,
        code: u16,
        origin: u8,
        reason: &str,
        retry_after: f64,
        endpoint: &str,
    );

    /// The client is in another state, a [`Standing`](crate::convert::Standing). `next` is when the next attempt starts in milliseconds of
    /// the machine's clock, and negative while it is being made.
    #[wasm_bindgen(method, structural)]
    pub(crate) fn state(this: &Host, kind: u8, attempt: u32, next: f64, exhausted: bool);

    /// An answer came that no request waits for.
    #[wasm_bindgen(method, structural)]
    pub(crate) fn unmatched(this: &Host, late: bool);
}
