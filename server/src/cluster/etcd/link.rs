//! A connection to one of etcd's servers.

use std::future::Future;
use std::io;
use std::path::Path;
use std::time::Duration;

use etcd_client::{Certificate, Client, ConnectOptions, Identity, TlsOptions};

use super::config::{EtcdConfig, EtcdTls};

/// A connection that says nothing for so long is asked whether it is still there. etcd cuts clients that ask more often than every 5 s.
const ASK_AFTER: Duration = Duration::from_secs(10);

/// Why etcd is of no use at present.
#[derive(Debug, thiserror::Error)]
pub(super) enum LinkError {
    #[error("there are settings for TLS, but `{0}` does not begin with https://")]
    Plain(String),
    #[error("etcd is away")]
    Away,
    #[error("the settings name no endpoint")]
    NoEndpoint,
    #[error("{0}")]
    Etcd(#[from] etcd_client::Error),
    #[error("no answer within {0:?}")]
    Silent(Duration),
    #[error("the connection ended")]
    Ended,
    #[error("the lease has run out")]
    LeaseGone,
    #[error("the watch was ended: {0}")]
    WatchEnded(String),
    #[error("a file for TLS cannot be read: {0}")]
    File(#[from] io::Error),
}

impl LinkError {
    /// Whether an answer came that is longer than answers may be.
    pub(super) fn is_too_large(&self) -> bool {
        // This side says "out of range" itself.
        self.grpc_code() == Some(11)
    }

    /// Whether etcd does not know what it was asked about.
    pub(super) fn is_not_found(&self) -> bool {
        self.grpc_code() == Some(5)
    }

    fn grpc_code(&self) -> Option<i32> {
        match self {
            Self::Etcd(etcd_client::Error::GRpcStatus(status)) => Some(status.code().into()),
            _ => None,
        }
    }
}

/// Connects to the endpoint whose turn it is: each attempt goes to the next one.
pub(super) async fn connect(config: &EtcdConfig, attempt: usize) -> Result<Client, LinkError> {
    let count = config.endpoints.len();
    let turn = attempt.checked_rem(count).ok_or(LinkError::NoEndpoint)?;
    let mut options = ConnectOptions::new()
        .with_connect_timeout(config.dial_timeout)
        .with_keep_alive(ASK_AFTER, config.request_timeout)
        // A server that has lost the others of its cluster would answer nothing and say nothing about it.
        .with_require_leader(true)
        .with_auto_token_refresh(true);
    if !config.user.is_empty() {
        options = options.with_user(&config.user, &config.password);
    }
    let endpoint = &config.endpoints[turn];
    if endpoint.starts_with("https://") {
        options = options.with_tls(trust(&config.tls)?);
    } else if config.tls != EtcdTls::default() {
        return Err(LinkError::Plain(endpoint.clone()));
    }
    // It logs in at once where there is a user, and otherwise connects with the first request.
    let within = config.dial_timeout + config.request_timeout;
    answer(within, Client::connect([endpoint], Some(options))).await
}

fn trust(tls: &EtcdTls) -> Result<TlsOptions, LinkError> {
    let mut options = match &tls.ca {
        Some(file) => TlsOptions::new().ca_certificate(Certificate::from_pem(read(file)?)),
        None => TlsOptions::new().with_enabled_roots(),
    };
    if let (Some(certificate), Some(key)) = (&tls.certificate, &tls.key) {
        options = options.identity(Identity::from_pem(read(certificate)?, read(key)?));
    }
    if let Some(name) = &tls.server_name {
        options = options.domain_name(name);
    }
    Ok(options)
}

fn read(file: &Path) -> Result<Vec<u8>, io::Error> {
    std::fs::read(file)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", file.display())))
}

/// Waits for an answer of etcd, for so long.
pub(super) async fn answer<T>(
    within: Duration,
    request: impl Future<Output = Result<T, etcd_client::Error>>,
) -> Result<T, LinkError> {
    match tokio::time::timeout(within, request).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(LinkError::Silent(within)),
    }
}
