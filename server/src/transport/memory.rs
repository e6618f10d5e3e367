//! A connection within the process, for tests and for hosts that play on their own server.

use tokio::io::DuplexStream;

/// What each direction holds before the writer has to wait; as much as a socket's buffer, so that a peer that reads nothing
/// is noticed as over the network.
const CAPACITY: usize = 64 * 1024;

/// Two connected byte streams: what one writes, the other reads.
pub(crate) fn pair() -> (DuplexStream, DuplexStream) {
    tokio::io::duplex(CAPACITY)
}
