//! From what a handler's function returns to the reply: shared by [`Functions`](crate::Functions) and the code that
//! `#[component]` writes. Hidden: its traits carry the words of compile errors, nothing here is called by hand.

use std::any::Any;
use std::future::ready;

use futures_core::future::BoxFuture;
use pitaya_protocol::{Decode, Encode, Notify, Raw, Request, SerializerSet};

use crate::call::{Body, Call, Reply};
use crate::component::Endpoint;
use crate::{Error, Handle, Result};

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

/// The payload of a call. `T` comes first, so that the macro can name it alone.
///
/// # Errors
///
/// As [`Call::decode`].
pub fn payload<T: Decode<S>, S: SerializerSet>(call: &Call<S>) -> Result<T> {
    call.decode()
}

/// Holds a returned type against what the serializers can carry, where the macro can point at it.
pub const fn sendable<R: Encode<S>, S: SerializerSet>(_: &Call<S>) {}

/// The same for the type of an error.
pub const fn failure<E: Failure>() {}

/// The reply to a request. Raw bytes are passed on as they are, anything else is encoded.
///
/// # Errors
///
/// The method's own, and that of [`Call::reply`].
pub fn answer<R, E, S>(call: &Call<S>, result: Result<R, E>) -> Reply
where
    R: Encode<S> + 'static,
    E: Failure,
    S: SerializerSet,
{
    let mut value = Some(result.map_err(Failure::into_error)?);
    // The comparison of types is decided when this is compiled for `R`.
    if let Some(raw) = (&mut value as &mut dyn Any).downcast_mut::<Option<Raw>>() {
        return Ok(raw.take().map_or_else(Body::default, |raw| Body::from(raw.0)));
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
    Box::pin(ready(Err(Error::internal(format!("the component has no endpoint {index}")))))
}
