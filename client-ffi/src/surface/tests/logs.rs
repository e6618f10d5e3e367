//! Lines for a log.

use crate::surface::{LogLevel, open_logs};
use pitaya_conformance::mock::Mock;

use super::support::{connected, soon};

#[tokio::test]
async fn what_the_library_does_is_told_at_the_level_that_was_asked_for() {
    let (debug, error) = (open_logs(LogLevel::Debug), open_logs(LogLevel::Error));
    let (_server, client) = connected(Mock::OnDemand).await;
    let line = soon(debug.next()).await.unwrap();
    assert_eq!(line.level, LogLevel::Debug);
    assert!(line.target.starts_with("pitaya_client"), "{line:?}");
    assert!(!line.message.is_empty());
    client.disconnect().await;
    let (next, ()) = soon(async { tokio::join!(error.next(), async { error.stop() }) }).await;
    assert_eq!(next, None);
}
