//! Pushes: how a value becomes packets for one session or for many.

use std::cell::RefCell;

use bytes::Bytes;
use pitaya_protocol::compression::Deflater;
use pitaya_protocol::handshake::Agreement;
use pitaya_protocol::{
    Capabilities, Close, CloseCode, Encode, EncodeError, Message, MessageKind, Push,
    SerializeError, Serializer, SerializerSet,
};

use super::{Refused, Session};
use crate::cluster::CallError;
use crate::config::SlowConsumer;

/// Why a push was not queued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PushError {
    /// The session has ended.
    #[error("the session has ended")]
    Closed,
    /// The client does not read what is sent to it, and the limit is reached.
    #[error("the client reads too slowly, the push was not queued")]
    SlowConsumer,
    /// The client is connected to a server of the family, which takes pushes for bound users only (wire 25).
    #[error(
        "the session's frontend takes pushes for bound users only, and the session is not bound"
    )]
    NotBound,
    /// The push was not handed to the server that the client is connected to.
    #[error("{0}")]
    Bus(#[from] CallError),
    /// The value cannot be written.
    #[error(transparent)]
    Serialize(#[from] SerializeError),
    /// The packet cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

thread_local! {
    static WRITER: RefCell<Writer> = RefCell::default();
}

/// Writes messages; its buffers and its deflater are kept from message to message.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    body: Vec<u8>,
    deflated: Vec<u8>,
    deflater: Option<Deflater>,
}

/// Everything that makes the bytes of one push differ between sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Variant {
    serializer: Serializer,
    /// Bodies of at least this many bytes are deflated.
    compress: Option<usize>,
    route_codes: bool,
}

impl Variant {
    /// How many there are.
    pub(crate) const COUNT: usize = 8;

    pub(crate) fn of<S: SerializerSet>(session: &Session<S>) -> Self {
        Self {
            serializer: session.serializer(),
            compress: session
                .compresses()
                .then(|| session.server().config().compression)
                .flatten(),
            route_codes: session.capabilities().contains(Capabilities::PUSH_DICT),
        }
    }

    /// A number below [`COUNT`](Self::COUNT).
    pub(crate) fn index(self) -> usize {
        usize::from(self.serializer == Serializer::Protobuf)
            | usize::from(self.compress.is_some()) << 1
            | usize::from(self.route_codes) << 2
    }
}

impl Writer {
    /// Runs `work` with this thread's writer. Encoders of values run inside; one that pushes in turn gets a writer of its own.
    pub(crate) fn with<R>(work: impl FnOnce(&mut Self) -> R) -> R {
        WRITER.with(|writer| match writer.try_borrow_mut() {
            Ok(mut writer) => work(&mut writer),
            Err(_) => work(&mut Self::default()),
        })
    }

    /// Appends a push as a whole packet.
    pub(crate) fn push<S, T: Encode<S> + ?Sized>(
        &mut self,
        variant: Variant,
        agreement: &Agreement,
        route: &str,
        value: &T,
        out: &mut Vec<u8>,
    ) -> Result<(), PushError> {
        self.body.clear();
        value.encode(variant.serializer, &mut self.body)?;
        let route = agreement.route_ref(MessageKind::Push, route);
        let body = std::mem::take(&mut self.body);
        let written = self.message(Message::push(route, &body), variant.compress, out);
        self.body = body;
        Ok(written?)
    }

    /// As [`message`](Self::message), with this thread's writer where it takes one: most answers are too short to be deflated.
    pub(crate) fn write(
        message: Message<'_>,
        compress: Option<usize>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        if compress.is_none_or(|least| message.body.len() < least) {
            return message.encode_packet(out);
        }
        Self::with(|writer| writer.message(message, compress, out))
    }

    /// Appends a message as a whole packet, its body deflated if it has at least `compress` bytes and that makes it shorter.
    pub(crate) fn message(
        &mut self,
        message: Message<'_>,
        compress: Option<usize>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        if compress.is_none_or(|least| message.body.len() < least) {
            return message.encode_packet(out);
        }
        self.deflated.clear();
        let deflated = self
            .deflater
            .get_or_insert_default()
            .deflate(message.body, &mut self.deflated);
        let body = if deflated {
            self.deflated.as_slice()
        } else {
            message.body
        };
        Message {
            deflated,
            body,
            ..message
        }
        .encode_packet(out)
    }
}

impl<S: SerializerSet> Session<S> {
    /// Sends `value` to the client on `route`. It is queued: pushes arrive in the order of these calls, and a push that a handler makes arrives before
    /// the handler's answer.
    ///
    /// # Errors
    ///
    /// [`PushError`]: nothing was queued.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a route is a constant, written without a reference"
    )]
    pub fn push<T: Encode<S>>(&self, route: Push<T>, value: &T) -> Result<(), PushError> {
        self.push_to(route.route(), value)
    }

    /// The same with a route that is only known at run time: any text of 1 to 255 bytes.
    ///
    /// # Errors
    ///
    /// [`PushError`]: nothing was queued.
    pub fn push_to<T: Encode<S> + ?Sized>(&self, route: &str, value: &T) -> Result<(), PushError> {
        let mut packet = Vec::new();
        let agreement = self.agreement();
        Writer::with(|writer| {
            writer.push(Variant::of(self), &agreement, route, value, &mut packet)
        })?;
        if let Some(remote) = self.remote() {
            return self.push_packets_remote(remote, &packet, &[]);
        }
        let limit = self.server().config().limits.outbox_bytes;
        let queued = self
            .outbox()
            .push(limit, |out| out.extend_from_slice(&packet));
        self.refused(queued)
    }

    /// Sends a body that is encoded already.
    pub(crate) fn push_body(&self, route: &str, body: &[u8]) -> Result<(), PushError> {
        let variant = Variant::of(self);
        let agreement = self.agreement();
        let mut packet = Vec::new();
        let route = agreement.route_ref(MessageKind::Push, route);
        Writer::write(Message::push(route, body), variant.compress, &mut packet)?;
        let limit = self.server().config().limits.outbox_bytes;
        let queued = self
            .outbox()
            .push(limit, |out| out.extend_from_slice(&packet));
        self.refused(queued)
    }

    /// Queues packets that were written for this session's variant.
    pub(crate) fn push_packets(&self, packets: &Bytes) -> Result<(), PushError> {
        let limit = self.server().config().limits.outbox_bytes;
        let queued = self.outbox().push_shared(limit, packets);
        self.refused(queued)
    }

    /// A full outbox meets the policy for slow consumers.
    fn refused(&self, queued: Result<(), Refused>) -> Result<(), PushError> {
        queued.map_err(|refused| match refused {
            Refused::Closed => PushError::Closed,
            Refused::Full => {
                let server = self.server();
                server.metrics().limit("outbox_bytes");
                if server.config().slow_consumer == SlowConsumer::Disconnect {
                    self.close(Close::new(CloseCode::SLOW_CONSUMER));
                }
                PushError::SlowConsumer
            }
        })
    }
}
