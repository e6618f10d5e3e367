//! Capabilities: offered, and granted.

use pitaya_protocol::Capabilities;

/// Grants what both sides have.
pub fn grant() {
    // ANCHOR: grant
    let offered = Capabilities::from_names(["close-reason", "push-dict", "teleport"]);
    let ours = Capabilities::CLOSE_REASON.with(Capabilities::HEARTBEAT_ECHO);
    let granted = offered & ours;
    assert_eq!(granted.names().collect::<Vec<_>>(), ["close-reason"]);
    // ANCHOR_END: grant
}
