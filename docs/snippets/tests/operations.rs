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

/// As the page writes sizes.
fn bytes(count: usize) -> String {
    match count {
        0xFF_FFFF => "16,777,215".to_owned(),
        _ if count.is_multiple_of(1024 * 1024) => format!("{} MiB", count / (1024 * 1024)),
        _ => format!("{} KiB", count / 1024),
    }
}

#[test]
fn every_limit_has_its_default() {
    let page = include_str!("../../src/protocol/limits.md");
    let limits = Limits::default();
    let seconds = |time: std::time::Duration| format!("{} s", time.as_secs());
    assert_eq!(limits.connections, Some(65_536));
    assert_eq!(
        (limits.connections_per_ip, limits.packets_per_second),
        (None, None)
    );
    assert_eq!(limits.orphaned_handlers, 1_024);
    let defaults = [
        ("connections", "65,536".to_owned()),
        ("connections_per_ip", "off".to_owned()),
        ("proxy_timeout", seconds(limits.proxy_timeout)),
        ("proxy_bytes", bytes(limits.proxy_bytes)),
        ("tls_timeout", seconds(limits.tls_timeout)),
        ("upgrade_timeout", seconds(limits.upgrade_timeout)),
        ("upgrade_bytes", bytes(limits.upgrade_bytes)),
        ("handshake_timeout", seconds(limits.handshake_timeout)),
        (
            "handshake_packet_bytes",
            bytes(limits.handshake_packet_bytes),
        ),
        ("handshake_json_bytes", bytes(limits.handshake_json_bytes)),
        (
            "handshake_json_depth",
            format!("{} levels", limits.handshake_json_depth),
        ),
        ("packet_bytes", bytes(limits.packet_bytes)),
        ("inflated_bytes", bytes(limits.inflated_bytes)),
        ("packets_per_second", "off".to_owned()),
        ("packets_grace", seconds(limits.packets_grace)),
        ("read_ahead", format!("{} messages", limits.read_ahead)),
        (
            "concurrent_handlers",
            format!("{} per session", limits.concurrent_handlers),
        ),
        ("orphaned_handlers", "1,024 in the server".to_owned()),
        ("wakeup_messages", limits.wakeup_messages.to_string()),
        ("outbox_soft_bytes", bytes(limits.outbox_soft_bytes)),
        ("outbox_bytes", bytes(limits.outbox_bytes)),
        ("stalled_timeout", seconds(limits.stalled_timeout)),
        ("close_timeout", seconds(limits.close_timeout)),
    ];
    for (name, default) in defaults {
        let row = page
            .lines()
            .find(|line| line.starts_with("| `") && line.contains(&format!("`{name}`")));
        let cell = row
            .and_then(|row| row.split('|').nth(2))
            .unwrap_or_default();
        assert!(
            cell.contains(&default),
            "limits.md: `{name}` is {default}, not {cell}"
        );
    }
}

#[test]
fn every_metric_is_listed() {
    let page = include_str!("../../src/guide/operations.md");
    let sources = [
        include_str!("../../../server/src/metrics.rs"),
        include_str!("../../../server/src/cluster/nats/metrics.rs"),
        include_str!("../../../server/src/cluster/grpc/metrics.rs"),
    ];
    let names: Vec<_> = sources
        .iter()
        .flat_map(|source| source.split('"'))
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
