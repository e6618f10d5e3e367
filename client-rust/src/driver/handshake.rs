//! What the server's handshake response means.

use pitaya_client_core::{Close, CloseCode, Input};
use pitaya_protocol::Serializer;
use pitaya_protocol::compression::{inflate, is_compressed};
use pitaya_protocol::handshake::HandshakeResponse;

use super::Plan;

/// Reads a response and answers it. The first one settles the serializer for the client's life: calls may wait for the next connection that
/// are written in it already.
pub(super) fn settle(plan: &Plan, known: &mut Option<Serializer>, body: &[u8]) -> Input<'static> {
    match read(plan, *known, body) {
        Ok((serializer, agreement)) => {
            *known = Some(serializer);
            Input::Accept(agreement)
        }
        Err(close) => Input::Refuse(close),
    }
}

fn read(
    plan: &Plan,
    known: Option<Serializer>,
    body: &[u8],
) -> Result<(Serializer, pitaya_client_core::Agreement), Close> {
    let inflated;
    let body = match is_compressed(body) {
        true => {
            inflated = inflate(body, plan.max_inflated).map_err(|error| {
                Close::new(CloseCode::BAD_COMPRESSION).with_reason(error.to_string())
            })?;
            &inflated
        }
        false => body,
    };
    let response = HandshakeResponse::parse(body)
        .map_err(|error| Close::new(CloseCode::BAD_HANDSHAKE).with_reason(error.to_string()))?;
    let agreement = response.agreement()?;
    if let Some(pinned) = plan.pinned {
        return Ok((pinned, agreement));
    }
    let name = &response.sys.serializer;
    let serializer = Serializer::from_name(name)
        .filter(|serializer| plan.serializers.contains(serializer))
        .filter(|serializer| known.is_none_or(|known| known == *serializer));
    match serializer {
        Some(serializer) => Ok((serializer, agreement)),
        None => Err(Close::new(CloseCode::BAD_HANDSHAKE).with_reason(format!(
            "the server uses the serializer `{name}`, this client does not"
        ))),
    }
}
