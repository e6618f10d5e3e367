//! One attempt to open a transport.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use pitaya_protocol::Serializer;
use pitaya_protocol::handshake::HandshakeRequest;
use tokio::time::{Instant, timeout_at};

use super::Plan;
use crate::endpoint::Endpoint;
use crate::transport::{Transport, Unreachable, connect};

pub(super) type Attempt = Pin<Box<dyn Future<Output = Result<Opened, Failed>> + Send>>;

/// A transport, and what is said first over it.
pub(super) struct Opened {
    pub(super) transport: Transport,
    pub(super) handshake: Vec<u8>,
}

/// There is no transport.
pub(super) struct Failed {
    pub(super) reason: String,
    pub(super) retryable: bool,
    pub(super) unreachable: Option<Arc<Unreachable>>,
}

/// Makes the handshake and opens a transport, to where a server advised or else to the application's own endpoints.
pub(super) fn attempt(
    plan: &Arc<Plan>,
    advised: Option<&str>,
    known: Option<Serializer>,
) -> Attempt {
    let endpoint = advised.and_then(|url| acceptable(plan, url));
    let plan = Arc::clone(plan);
    Box::pin(async move {
        let started = Instant::now();
        let deadline = started + plan.settings.connect_timeout;
        // First of all: once there is a transport the server's patience runs.
        let user = match timeout_at(deadline, plan.user.object()).await {
            Ok(Ok(user)) => user,
            Ok(Err(error)) => return Err(without_user(&error.to_string())),
            Err(_) => return Err(without_user("it took too long")),
        };
        let mut info = plan.info.clone();
        info.serializers = known.map_or_else(|| plan.serializers.to_vec(), |known| vec![known]);
        let handshake = HandshakeRequest::new(info, user).to_json();
        let endpoints = endpoint
            .as_ref()
            .map_or(&*plan.endpoints, std::slice::from_ref);
        match connect(endpoints, &plan.settings, started).await {
            Ok((endpoint, transport)) => {
                tracing::debug!(%endpoint, "transport open");
                Ok(Opened {
                    transport,
                    handshake,
                })
            }
            Err(unreachable) => Err(Failed {
                reason: unreachable.to_string(),
                retryable: unreachable.is_retryable(),
                unreachable: Some(Arc::new(unreachable)),
            }),
        }
    })
}

fn without_user(reason: &str) -> Failed {
    let reason = format!("the handshake's user value could not be made: {reason}");
    Failed {
        reason,
        retryable: true,
        unreachable: None,
    }
}

/// A server may send us elsewhere, but not out of the encryption that the application asked for.
fn acceptable(plan: &Plan, url: &str) -> Option<Endpoint> {
    let endpoint: Endpoint = url.parse().ok()?;
    let demanded = plan.endpoints.iter().any(|own| own.scheme().is_secure());
    (endpoint.scheme().is_secure() || !demanded).then_some(endpoint)
}
