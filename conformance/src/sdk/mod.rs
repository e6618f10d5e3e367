//! The fixture servers that the family's client SDKs are tested against: one for JSON, one for protobuf, three listeners each.
//!
//! They are two servers in one process and share nothing. Routes and answers are listed in `scenarios/README.md`.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use pitaya_conformance::sdk::{self, Config};
//!
//! # let directory = std::env::temp_dir().join(format!("pitaya-doc-{}", std::process::id()));
//! # let config = Config::default().certificate(directory.join("cert.pem"), directory.join("key.pem"));
//! let server = sdk::start(config.any_ports()).await?;
//! for (name, addr) in server.listeners() {
//!     println!("listening {name} {addr}");
//! }
//! server.shutdown().await;
//! # std::fs::remove_dir_all(directory)?;
//! # Ok(())
//! # }
//! ```

mod big_message;
mod certificate;
mod json;
mod protobuf;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use pitaya_server::{
    Handle, Server, StartError, Tls, TlsError,
    protocol::{Json, Protobuf},
    tcp, tls, ws,
};

pub use certificate::CertificateError;

/// Ports of one server, on 127.0.0.1; 0 takes a free one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a profile has exactly these three listeners"
)]
pub struct Ports {
    /// WebSocket.
    pub ws: u16,
    /// Plain TCP.
    pub tcp: u16,
    /// TCP with TLS.
    pub tls: u16,
}

/// Where the fixture servers listen, and how.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The JSON server: 3250, 3251 and 3252 by default.
    pub json: Ports,
    /// The protobuf server: 3350, 3351 and 3352 by default.
    pub protobuf: Ports,
    /// The heartbeat interval of both, in whole seconds. 6 s by default.
    pub heartbeat: Duration,
    /// The certificate chain in PEM. By default a file in the system's temporary directory.
    pub certificate: PathBuf,
    /// The certificate's private key in PEM. When neither file exists, both are made: a certificate for `localhost` and 127.0.0.1 that
    /// signs itself.
    pub key: PathBuf,
}

impl Default for Config {
    fn default() -> Self {
        let directory = std::env::temp_dir().join("pitaya-conformance");
        Self {
            json: Ports {
                ws: 3250,
                tcp: 3251,
                tls: 3252,
            },
            protobuf: Ports {
                ws: 3350,
                tcp: 3351,
                tls: 3352,
            },
            heartbeat: Duration::from_secs(6),
            certificate: directory.join("cert.pem"),
            key: directory.join("key.pem"),
        }
    }
}

impl Config {
    /// Takes free ports for all listeners.
    #[must_use]
    pub const fn any_ports(mut self) -> Self {
        let any = Ports {
            ws: 0,
            tcp: 0,
            tls: 0,
        };
        (self.json, self.protobuf) = (any, any);
        self
    }

    /// Sets the files of the certificate and its key.
    #[must_use]
    pub fn certificate(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        (self.certificate, self.key) = (certificate.into(), key.into());
        self
    }

    /// Sets the heartbeat interval.
    #[must_use]
    pub const fn heartbeat(mut self, interval: Duration) -> Self {
        self.heartbeat = interval;
        self
    }
}

/// Why the fixture servers did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SdkError {
    /// The certificate could not be made.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The certificate could not be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A server did not start.
    #[error(transparent)]
    Start(#[from] StartError),
}

/// Both fixture servers. They run until [`shutdown`](Self::shutdown) or the end of the runtime.
#[derive(Debug)]
pub struct SdkServer {
    json: Handle<Json>,
    protobuf: Handle<Protobuf>,
}

impl SdkServer {
    /// Names and addresses of the listeners: `json-ws`, `json-tcp`, `json-tls`, `protobuf-ws`, `protobuf-tcp`, `protobuf-tls`.
    #[must_use]
    pub fn listeners(&self) -> Vec<(&'static str, SocketAddr)> {
        let names = [
            "json-ws",
            "json-tcp",
            "json-tls",
            "protobuf-ws",
            "protobuf-tcp",
            "protobuf-tls",
        ];
        names
            .into_iter()
            .zip(
                self.json
                    .addresses()
                    .into_iter()
                    .chain(self.protobuf.addresses()),
            )
            .collect()
    }

    /// Where the listener of this name listens.
    #[must_use]
    pub fn address(&self, name: &str) -> Option<SocketAddr> {
        self.listeners()
            .into_iter()
            .find(|(known, _)| *known == name)
            .map(|(_, addr)| addr)
    }

    /// Stops both servers and waits until their connections are closed.
    pub async fn shutdown(self) {
        self.json.shutdown().await;
        self.protobuf.shutdown().await;
    }
}

/// Starts both fixture servers.
///
/// # Errors
///
/// [`SdkError`]; then neither runs.
pub async fn start(config: Config) -> Result<SdkServer, SdkError> {
    certificate::make_missing(&config.certificate, &config.key)?;
    let certificate = Tls::from_pem_files(&config.certificate, &config.key)?;
    let on = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let heartbeat = config.heartbeat;
    let json = Server::builder()
        .configure(|server| server.heartbeat = heartbeat)
        .register(json::Connector)
        .listen(ws(on(config.json.ws)).name("json-ws"))
        .listen(tcp(on(config.json.tcp)).name("json-tcp"))
        .listen(tls(on(config.json.tls), certificate.clone()).name("json-tls"))
        .start()
        .await?;
    let protobuf = Server::builder_for::<Protobuf>()
        .configure(|server| server.heartbeat = heartbeat)
        .register(protobuf::Connector)
        .listen(ws(on(config.protobuf.ws)).name("protobuf-ws"))
        .listen(tcp(on(config.protobuf.tcp)).name("protobuf-tcp"))
        .listen(tls(on(config.protobuf.tls), certificate).name("protobuf-tls"))
        .start()
        .await;
    match protobuf {
        Ok(protobuf) => Ok(SdkServer { json, protobuf }),
        Err(error) => {
            json.shutdown().await;
            Err(error.into())
        }
    }
}
