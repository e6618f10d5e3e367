//! The handshake of one connection: what the client says, what the validators think of it, what is answered.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use pitaya_protocol::connection::Input;
use pitaya_protocol::handshake::{
    CODE_REFUSED, CODE_TOO_OLD, HandshakeRequest, HandshakeResponse, ServerInfo,
};
use pitaya_protocol::{
    Capabilities, Close, CloseCode, Connection, Serializer, SerializerSet, Timestamp,
};

use crate::handle::Handle;
use crate::peer::Peer;
use crate::session::{Beginning, Session};

/// Looks at a session before it opens; may bind it, set its data, or refuse it.
pub(crate) type Validator<S> =
    Arc<dyn Fn(Session<S>) -> BoxFuture<'static, Result<(), Close>> + Send + Sync>;

/// What the listener or the host says about a connection.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Terms {
    /// Whether bodies may be deflated; nothing: as the server.
    pub(crate) compression: Option<bool>,
    /// For clients that do not choose; nothing: the server's first.
    pub(crate) serializer: Option<Serializer>,
}

/// Reads the request and makes the session.
///
/// # Errors
///
/// The close, for what is not a handshake.
pub(super) fn begin<S: SerializerSet>(
    server: &Handle<S>,
    peer: Peer,
    terms: Terms,
    body: &[u8],
) -> Result<Session<S>, Close> {
    let limits = &server.config().limits;
    if body.len() > limits.handshake_json_bytes {
        server.metrics().limit("handshake_json_bytes");
        let reason = format!(
            "a handshake of {} bytes, the limit is {}",
            body.len(),
            limits.handshake_json_bytes
        );
        return Err(Close::new(CloseCode::BAD_HANDSHAKE).with_reason(reason));
    }
    let handshake = HandshakeRequest::parse(body, limits.handshake_json_depth)
        .map_err(|error| Close::new(CloseCode::BAD_HANDSHAKE).with_reason(error.to_string()))?;
    let sys = &handshake.sys;
    let chosen = sys
        .serializers
        .iter()
        .copied()
        .find(|wanted| S::ALL.contains(wanted));
    let preset = terms.serializer.filter(|preset| S::ALL.contains(preset));
    // Pomelo's JavaScript clients, which cannot inflate, say neither of these (wire 2.1 and 2.4).
    let inflates = !(sys.platform.is_empty() && sys.lib_version.is_empty());
    let allowed = server.config().compression.is_some() && terms.compression.unwrap_or(true);
    Ok(server.begin_session(Beginning {
        peer,
        serializer: chosen.or(preset).unwrap_or(S::ALL[0]),
        compress: allowed && inflates,
        capabilities: sys.capabilities & Capabilities::ALL,
        handshake,
    }))
}

/// The validators, one after another, as one future; `None` when there are none.
pub(super) fn validate<S: SerializerSet>(
    session: &Session<S>,
) -> Option<BoxFuture<'static, Result<(), Close>>> {
    if session.server().validators().is_empty() {
        return None;
    }
    let session = session.clone();
    Some(Box::pin(async move {
        let server = session.server().clone();
        for validator in server.validators() {
            validator(session.clone()).await?;
        }
        Ok(())
    }))
}

/// Accepts the client.
pub(super) fn accept<S: SerializerSet>(
    conn: &mut Connection,
    now: Timestamp,
    session: &Session<S>,
) {
    let response = session.server().handshake_response(
        session.serializer(),
        session.compresses(),
        session.capabilities(),
    );
    let accept = Input::Accept {
        agreement: session.agreement(),
        response: &response,
    };
    // Only a dictionary of more than 16 MiB would not fit, which the builder refuses.
    conn.handle_input(now, accept)
        .expect("a handshake waits for this answer");
}

/// Refuses the client, in words if it understands them (wire 2.3).
pub(super) fn refuse<S: SerializerSet>(
    conn: &mut Connection,
    now: Timestamp,
    server: &Handle<S>,
    session: Option<&Session<S>>,
    close: Close,
) {
    let capabilities = session.map_or(Capabilities::NONE, Session::capabilities);
    let serializer = session.map_or(S::ALL[0], Session::serializer);
    let code = if close.code == CloseCode::CLIENT_TOO_OLD {
        CODE_TOO_OLD
    } else {
        CODE_REFUSED
    };
    let told = capabilities
        .contains(Capabilities::CLOSE_REASON)
        .then(|| close.clone());
    let sys = ServerInfo::new(&server.agreement(capabilities), serializer.name());
    let response = HandshakeResponse::refuse(code, sys, told).to_json();
    let refuse = Input::Refuse {
        close,
        response: &response,
    };
    conn.handle_input(now, refuse)
        .expect("a handshake waits for this answer");
}
