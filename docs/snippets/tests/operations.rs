//! What the guide says about running a server is so, and its tables are complete.

use std::error::Error;

use docs_snippets::operations::{certificate, config, end, lost};
use docs_snippets::server::Room;
use pitaya_server::testing::TestServer;
use pitaya_server::{Limits, Server, ServerConfig};

#[tokio::test(start_paused = true)]
async fn a_server_ends_and_remembers_who_was_there() -> Result<(), Box<dyn Error>> {
    let server = TestServer::start(
        Server::builder()
            .config(config()?)
            .register(Room::default()),
    )
    .await?;
    let mut client = server.connect().await?;
    let (closed, report) = tokio::join!(client.closed(), end(&server));
    assert_eq!((report.sessions, report.cut), (1, 0));
    assert_eq!(closed.close.code.number(), 110);
    assert!(lost(&server)[0].starts_with("somebody: the server is shutting down (110) after"));
    Ok(())
}

#[test]
fn a_certificate_that_is_missing_is_named() {
    let error = certificate("/nowhere".as_ref()).expect_err("there is no such file");
    assert!(error.to_string().contains("/nowhere/cert.pem"), "{error}");
}

/// The names of a struct's fields, as its debug form shows them.
fn fields(debug: &str) -> Vec<&str> {
    let lines = debug.lines().filter_map(|line| line.strip_prefix("    "));
    lines
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn every_setting_is_listed() {
    let page = include_str!("../../src/guide/operations.md");
    let debug = format!("{:#?}", ServerConfig::default());
    let settings = fields(&debug);
    assert!(settings.contains(&"heartbeat"), "{settings:?}");
    for name in settings {
        assert!(
            page.contains(&format!("\n| `{name}` |")),
            "operations.md has no row `{name}`"
        );
    }
}

#[test]
fn every_limit_is_listed() {
    let page = include_str!("../../src/protocol/limits.md");
    let debug = format!("{:#?}", Limits::default());
    let limits = fields(&debug);
    assert!(limits.contains(&"packet_bytes"), "{limits:?}");
    for name in limits {
        assert!(
            page.contains(&format!("`{name}`")),
            "limits.md does not name `{name}`"
        );
    }
}

#[test]
fn every_metric_is_listed() {
    let page = include_str!("../../src/guide/operations.md");
    let source = include_str!("../../../server/src/metrics.rs");
    let names: Vec<_> = source
        .split('"')
        .filter(|text| text.starts_with("pitaya_"))
        .collect();
    assert!(!names.is_empty());
    for name in names {
        assert!(
            page.contains(&format!("\n| `{name}` |")),
            "operations.md has no row `{name}`"
        );
    }
}
