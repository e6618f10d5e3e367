//! Ends of connections.

use std::time::Duration;

use pitaya_protocol::{Close, CloseCode};

/// Writes a close, and reads others.
pub fn close() {
    // ANCHOR: close
    let close = Close::new(CloseCode::DRAINING)
        .with_retry_after(Duration::from_millis(500))
        .with_endpoint("wss://eu2.example.com/ws");
    let mut body = Vec::new();
    close.write_json(&mut body);
    assert_eq!(Close::parse_kick(&body), close);
    assert!(close.code.reconnect());

    let kick = Close::parse_kick(br#"{"reason":"cheating"}"#); // as pomelo kicks
    assert_eq!((kick.code, kick.reason()), (CloseCode::KICKED, "cheating"));
    assert!(!kick.code.reconnect());
    // ANCHOR_END: close
}
