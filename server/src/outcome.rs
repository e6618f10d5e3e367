//! From what a handler's function returns to the reply: shared by [`Functions`](crate::Functions) and the code that
//! `#[component]` writes. Hidden: its traits carry the words of compile errors, nothing here is called by hand.

use std::any::Any;
use std::future::ready;

pub use futures_core::future::BoxFuture;
use pitaya_protocol::{Decode, Encode, Notify, Raw, Remote, Request, SerializerSet};

use crate::call::{Body, Call, Reply};
use crate::cluster::RemoteCall;
use crate::component::Endpoint;
use crate::{Error, Result};

/// Something that [`Error`] can be made from.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error that a handler can return",
    label = "neither `pitaya_server::Error` nor something that turns into it",
    note = "implement `std::error::Error` for it, which answers with `PIT-000` and its text, or `From<{Self}> for pitaya_server::Error` to pick a code"
)]
pub trait Failure {
    /// The error that the client gets.
    fn into_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Error>> Failure for E {
    fn into_error(self) -> Error {
        self.into()
    }
}

/// What the function behind a notify returns: nothing, or a result without a value.
#[diagnostic::on_unimplemented(
    message = "a notify cannot return `{Self}`: it has no answer",
    label = "a notify returns nothing or `Result<()>`"
)]
pub trait Outcome {
    /// The reply, which is empty.
    ///
    /// # Errors
    ///
    /// The function's own.
    fn into_reply(self) -> Reply;
}

impl Outcome for () {
    fn into_reply(self) -> Reply {
        Ok(Body::default())
    }
}

impl<E: Failure> Outcome for Result<(), E> {
    fn into_reply(self) -> Reply {
        self.map(|()| Body::default()).map_err(Failure::into_error)
    }
}

/// A route constant that fits a request's method.
#[diagnostic::on_unimplemented(
    message = "this route is not one that takes `{Req}` and answers `{Res}`, as the method does: it is a `{Self}`",
    label = "the method's payload and answer differ from this constant's"
)]
pub trait AgreesOnRequest<Req, Res> {
    /// Its endpoint.
    fn endpoint(&self) -> Endpoint;
}

impl<Req, Res> AgreesOnRequest<Req, Res> for Request<Req, Res> {
    fn endpoint(&self) -> Endpoint {
        Endpoint::answers(self)
    }
}

/// A route constant that fits a notify's method.
#[diagnostic::on_unimplemented(
    message = "this route is not a notify that takes `{T}`, as the method does: it is a `{Self}`",
    label = "the method's payload differs from this constant's"
)]
pub trait AgreesOnNotify<T> {
    /// Its endpoint.
    fn endpoint(&self) -> Endpoint;
}

impl<T> AgreesOnNotify<T> for Notify<T> {
    fn endpoint(&self) -> Endpoint {
        Endpoint::takes(self)
    }
}

/// The endpoint of a constant that agrees with a request's method.
pub fn request_endpoint<Req, Res>(route: &impl AgreesOnRequest<Req, Res>) -> Endpoint {
    route.endpoint()
}

/// The endpoint of a constant that agrees with a notify's method.
pub fn notify_endpoint<T>(route: &impl AgreesOnNotify<T>) -> Endpoint {
    route.endpoint()
}

/// A route constant that fits a remote method.
#[diagnostic::on_unimplemented(
    message = "this route is not one that takes `{Req}` and answers `{Res}`, as the method does: it is a `{Self}`",
    label = "the method's argument and answer differ from this constant's"
)]
pub trait AgreesOnRemote<Req, Res> {
    /// Its endpoint.
    fn endpoint(&self) -> Endpoint;
}

impl<Req, Res> AgreesOnRemote<Req, Res> for Remote<Req, Res> {
    fn endpoint(&self) -> Endpoint {
        Endpoint::remote(self)
    }
}

/// The endpoint of a constant that agrees with a remote method.
pub fn remote_endpoint<Req, Res>(route: &impl AgreesOnRemote<Req, Res>) -> Endpoint {
    route.endpoint()
}

/// The argument of a remote call.
///
/// # Errors
///
/// As [`RemoteCall::decode`].
pub fn argument<T: prost::Message + Default, S: SerializerSet>(call: &RemoteCall<S>) -> Result<T> {
    call.decode()
}

/// What encodes a remote method's answer.
#[must_use]
pub const fn remote_encoder<R: prost::Message, S: SerializerSet>() -> fn(&RemoteCall<S>, R) -> Reply
{
    |call, value| call.reply(&value)
}

/// The payload of a call. `T` comes first, so that the macro can name it alone.
///
/// # Errors
///
/// As [`Call::decode`].
pub fn payload<T: Decode<S>, S: SerializerSet>(call: &Call<S>) -> Result<T> {
    call.decode()
}

/// What encodes a request's answer. The macro names `R` here and nowhere else, so that a type without a form is reported once.
#[must_use]
pub const fn encoder<R: Encode<S> + 'static, S: SerializerSet>() -> fn(&Call<S>, R) -> Reply {
    encode
}

/// What turns a method's error into the one that the client gets.
#[must_use]
pub const fn failure<E: Failure>() -> fn(E) -> Error {
    Failure::into_error
}

/// The reply that carries `value`. Raw bytes are passed on as they are, anything else is encoded.
pub(crate) fn encode<R: Encode<S> + 'static, S: SerializerSet>(call: &Call<S>, value: R) -> Reply {
    let mut value = Some(value);
    // The comparison of types is decided when this is compiled for `R`.
    if let Some(raw) = (&mut value as &mut dyn Any).downcast_mut::<Option<Raw>>() {
        return Ok(raw
            .take()
            .map_or_else(Body::default, |raw| Body::from(raw.0)));
    }
    value.map_or_else(|| Ok(Body::default()), |value| call.reply(&value))
}

/// The result of a lifecycle method.
///
/// # Errors
///
/// The method's own.
pub fn hook<E: Failure>(result: Result<(), E>) -> Result<()> {
    result.map_err(Failure::into_error)
}

/// The reply to an index that the component never listed.
#[must_use]
pub fn no_endpoint(index: usize) -> BoxFuture<'static, Reply> {
    Box::pin(ready(Err(Error::internal(format!(
        "the component has no endpoint {index}"
    )))))
}
