//! Running a server: settings, certificates, the end.

use std::path::Path;

use pitaya_server::{
    Handle, Server, ServerBuilder, ServerConfig, ShutdownReport, Tls, TlsError, any,
};

use crate::server::Room;

/// Settings from a file's text.
///
/// # Errors
///
/// When the text is no configuration.
pub fn config() -> Result<ServerConfig, serde_json::Error> {
    // ANCHOR: config
    let text = r#"{
        "heartbeat": "15s",
        "compression": null,
        "dictionary": {"room.join": 1, "onLine": 2},
        "limits": {"packet_bytes": 65536, "packets_per_second": 50}
    }"#;
    let config: ServerConfig = serde_json::from_str(text)?;
    assert_eq!(config.limits.packets_per_second, Some(50));
    // ANCHOR_END: config
    Ok(config)
}

/// Who was lost, and why.
#[must_use]
pub fn lost(server: &Handle) -> Vec<String> {
    // ANCHOR: closes
    let mut lost = Vec::new();
    for end in server.recent_closes() {
        let user = end.uid.as_deref().unwrap_or("somebody");
        let close = &end.closed.close;
        lost.push(format!(
            "{user}: {} ({}) after {:?}",
            close.reason(),
            close.code.number(),
            end.lasted
        ));
    }
    // ANCHOR_END: closes
    lost
}

/// A server with a certificate, and what renews it.
///
/// # Errors
///
/// When the files are no certificate and key.
pub fn certificate(folder: &Path) -> Result<ServerBuilder, TlsError> {
    // ANCHOR: tls
    let tls = Tls::from_pem_files(folder.join("cert.pem"), folder.join("key.pem"))?;
    let server = Server::builder()
        .register(Room::default())
        .listen(any("0.0.0.0:443").tls(tls.clone()));
    // Later, after the files have been renewed:
    tls.reload()?;
    // ANCHOR_END: tls
    Ok(server)
}

/// Ends a server.
pub async fn end(server: &Handle) -> ShutdownReport {
    // ANCHOR: shutdown
    let report = server.shutdown().await;
    println!(
        "{} sessions, {} cut, took {:?}",
        report.sessions, report.cut, report.took
    );
    // ANCHOR_END: shutdown
    report
}
