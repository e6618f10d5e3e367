//! What a client offers, and what comes of it: the rules for drivers that read handshakes themselves.

use super::{Agreement, HandshakeResponse};
use crate::close::{Close, CloseCode};
use crate::compression::{inflate, is_compressed};
use crate::serializer::Serializer;

/// What a client can do, as far as the server's response depends on it.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a driver makes it from its own settings"
)]
pub struct Offer<'a> {
    /// What its payloads can be written in.
    pub serializers: &'a [Serializer],
    /// Used whatever the server says.
    pub pinned: Option<Serializer>,
    /// Longest inflated body that is taken, in bytes.
    pub max_inflated: usize,
}

impl Offer<'_> {
    /// Reads a response, compressed or not. `known` is what an earlier handshake of this client has settled: calls may wait that are written in
    /// it already.
    ///
    /// # Errors
    /// The close with which the client leaves: it was refused, cannot read the response, or does not have the server's serializer.
    pub fn settle(
        self,
        known: Option<Serializer>,
        body: &[u8],
    ) -> Result<(Serializer, Agreement), Close> {
        let inflated;
        let body = match is_compressed(body) {
            true => {
                inflated = inflate(body, self.max_inflated)?;
                &inflated
            }
            false => body,
        };
        let response = HandshakeResponse::parse(body)
            .map_err(|error| Close::new(CloseCode::BAD_HANDSHAKE).with_reason(error.to_string()))?;
        let agreement = response.agreement()?;
        if let Some(pinned) = self.pinned {
            return Ok((pinned, agreement));
        }
        let name = &response.sys.serializer;
        let serializer = Serializer::from_name(name)
            .filter(|serializer| self.serializers.contains(serializer))
            .filter(|serializer| known.is_none_or(|known| known == *serializer));
        match serializer {
            Some(serializer) => Ok((serializer, agreement)),
            None => Err(Close::new(CloseCode::BAD_HANDSHAKE).with_reason(format!(
                "the server uses the serializer `{name}`, this client does not"
            ))),
        }
    }
}
