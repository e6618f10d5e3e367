//! What the server's handshake response means.

use pitaya_client_core::Input;
use pitaya_protocol::Serializer;
use pitaya_protocol::handshake::Offer;

use super::Plan;

/// Reads a response and answers it. The first one settles the serializer for the client's life: calls may wait for the next connection that
/// are written in it already.
pub(super) fn settle(plan: &Plan, known: &mut Option<Serializer>, body: &[u8]) -> Input<'static> {
    let offer = Offer {
        serializers: plan.serializers,
        pinned: plan.pinned,
        max_inflated: plan.max_inflated,
    };
    match offer.settle(*known, body) {
        Ok((serializer, agreement)) => {
            *known = Some(serializer);
            Input::Accept(agreement)
        }
        Err(close) => Input::Refuse(close),
    }
}
