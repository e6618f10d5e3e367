//! The methods of service `protos.Pitaya` (wire 16) and the form of their messages.

use std::marker::PhantomData;

use bytes::Buf;
use http::uri::PathAndQuery;
use prost::Message;
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder};
use tonic_prost::{ProstDecoder, ProstEncoder};

/// A method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Call,
    Push,
    Bind,
    Kick,
}

const METHODS: [(Method, &str); 4] = [
    (Method::Call, "/protos.Pitaya/Call"),
    (Method::Push, "/protos.Pitaya/PushToUser"),
    (Method::Bind, "/protos.Pitaya/SessionBindRemote"),
    (Method::Kick, "/protos.Pitaya/KickUser"),
];

impl Method {
    pub(super) fn at(path: &str) -> Option<Self> {
        let mut methods = METHODS.iter();
        methods.find_map(|(method, its)| (*its == path).then_some(*method))
    }

    pub(super) fn path(self) -> PathAndQuery {
        let mut methods = METHODS.iter();
        let found = methods.find(|(method, _)| *method == self);
        let (_, path) = found.expect("every method is in the list");
        PathAndQuery::from_static(path)
    }
}

/// Protobuf, where bytes that are no message are an item and not the end: whoever sent them gets an answer.
#[derive(Debug)]
pub(super) struct Messages<Sent, Received>(PhantomData<(Sent, Received)>);

impl<Sent, Received> Default for Messages<Sent, Received> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

/// A message, or what is wrong with its bytes.
pub(super) type Read<Received> = Result<Received, Status>;

impl<Sent, Received> Codec for Messages<Sent, Received>
where
    Sent: Message + 'static,
    Received: Message + Default + 'static,
{
    type Encode = Sent;
    type Decode = Read<Received>;
    type Encoder = ProstEncoder<Sent>;
    type Decoder = Reader<Received>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstEncoder::default()
    }

    fn decoder(&mut self) -> Self::Decoder {
        Reader(ProstDecoder::default())
    }
}

#[derive(Debug)]
pub(super) struct Reader<Received>(ProstDecoder<Received>);

impl<Received: Message + Default> Decoder for Reader<Received> {
    type Item = Read<Received>;
    type Error = Status;

    fn decode(&mut self, bytes: &mut DecodeBuf<'_>) -> Result<Option<Self::Item>, Status> {
        let message = self.0.decode(bytes).transpose();
        // What was not read would be taken for the next message.
        bytes.advance(bytes.remaining());
        Ok(message)
    }
}
