//! What other servers ask of this one.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::future::BoxFuture;
use futures_util::stream;
use http::header::{CONTENT_TYPE, HeaderValue};
use hyper::body::Incoming;
use hyper::service::Service as HyperService;
use pitaya_protocol::cluster::{BindMsg, KickAnswer, KickMsg, Push, Request, Response};
use pitaya_protocol::codes;
use prost::Message;
use tokio::sync::{Semaphore, oneshot};
use tonic::Status;
use tonic::body::Body;
use tonic::codec::{EncodeBody, SingleMessageCompressionOverride};
use tonic::server::Grpc;
use tonic_prost::ProstEncoder;
use tower_service::Service;

use super::config::GrpcLimits;
use super::messages::{Messages, Method, Read};
use super::metrics::{Metrics, Place};
use super::turns::{Turn, Turns};
use crate::cluster::bus::refusal;
use crate::cluster::{Inbox, Reply};

/// Takes requests for one server.
pub(super) struct Receiver {
    inbox: Arc<dyn Inbox>,
    limits: GrpcLimits,
    metrics: Arc<Metrics>,
    requests: Arc<Semaphore>,
}

/// The requests of one connection.
pub(super) struct Streams {
    receiver: Arc<Receiver>,
    turns: Turns,
}

impl Receiver {
    pub(super) fn new(inbox: Arc<dyn Inbox>, limits: GrpcLimits, metrics: Arc<Metrics>) -> Self {
        Self {
            inbox,
            requests: Arc::new(Semaphore::new(limits.taken_requests)),
            limits,
            metrics,
        }
    }

    pub(super) fn limits(&self) -> &GrpcLimits {
        &self.limits
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.metrics
    }
}

impl Streams {
    pub(super) fn new(receiver: Arc<Receiver>) -> Self {
        Self {
            receiver,
            turns: Turns::default(),
        }
    }
}

impl HyperService<http::Request<Incoming>> for Streams {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    /// Called in the order of the streams; each future runs as a task of its own.
    fn call(&self, request: http::Request<Incoming>) -> Self::Future {
        let turn = self.turns.take();
        let receiver = self.receiver.clone();
        Box::pin(async move { Ok(receiver.answer(request, turn).await) })
    }
}

impl Receiver {
    async fn answer(
        self: Arc<Self>,
        request: http::Request<Incoming>,
        turn: Turn,
    ) -> http::Response<Body> {
        let Some(method) = Method::at(request.uri().path()) else {
            return Status::unimplemented("there is no such method").into_http();
        };
        let Some(place) = Place::take(&self.requests, Some(&self.metrics.taken)) else {
            self.metrics.overloaded.increment(1);
            return overloaded(method);
        };
        match method {
            Method::Call => {
                let answer = |read| self.clone().request(read, turn, place);
                self.unary::<Request, Response, _, _>(request, answer).await
            }
            Method::Push => {
                let answer = async |read| {
                    turn.come().await;
                    self.push(read)
                };
                self.unary::<Push, Response, _, _>(request, answer).await
            }
            Method::Bind => {
                let answer = async |read| {
                    turn.come().await;
                    self.bind(read)
                };
                self.unary::<BindMsg, Response, _, _>(request, answer).await
            }
            Method::Kick => {
                let answer = async |read| {
                    turn.come().await;
                    self.kick(read)
                };
                self.unary::<KickMsg, KickAnswer, _, _>(request, answer)
                    .await
            }
        }
    }

    async fn unary<Question, Answer, F, Answering>(
        &self,
        request: http::Request<Incoming>,
        answer: F,
    ) -> http::Response<Body>
    where
        Question: Message + Default + 'static,
        Answer: Message + 'static,
        F: FnOnce(Read<Question>) -> Answering,
        Answering: Future<Output = Result<Answer, Status>>,
    {
        let codec = Messages::<Answer, Question>::default();
        let mut grpc = Grpc::new(codec).max_decoding_message_size(self.limits.message_bytes);
        grpc.unary(Once(Some(answer)), request).await
    }

    async fn request(
        self: Arc<Self>,
        read: Read<Request>,
        turn: Turn,
        place: Place,
    ) -> Result<Response, Status> {
        turn.come().await;
        let request = match read {
            Ok(request) => request,
            Err(status) => {
                self.metrics.undecodable("request");
                return Ok(self.inbox.undecodable("request", &status.message()));
            }
        };
        let (answer, answered) = oneshot::channel();
        let reply = Reply::new(move |response| {
            // The caller may have given up.
            drop(answer.send(response));
            drop(place);
        });
        self.inbox.request(request, reply);
        drop(turn);
        let response = answered.await;
        let response = response.map_err(|_| Status::internal("the request was not answered"))?;
        let (bytes, limit) = (response.encoded_len(), self.limits.message_bytes);
        if bytes > limit {
            let text = format!("the answer has {bytes} bytes, more than the {limit} of a message");
            return Ok(refusal(codes::INTERNAL, text));
        }
        Ok(response)
    }

    fn push(&self, read: Read<Push>) -> Result<Response, Status> {
        self.taken("push", read, |push| self.inbox.push(push))?;
        Ok(ack())
    }

    fn kick(&self, read: Read<KickMsg>) -> Result<KickAnswer, Status> {
        self.taken("kick", read, |kick| self.inbox.kick(kick))?;
        Ok(KickAnswer { kicked: true })
    }

    fn bind(&self, read: Read<BindMsg>) -> Result<Response, Status> {
        self.taken("binding", read, |binding| {
            self.inbox.bound(binding);
            Ok(())
        })?;
        Ok(ack())
    }

    /// Callees in Go answer what went wrong as a status that says nothing but the text (wire 16).
    fn taken<T>(
        &self,
        what: &'static str,
        read: Read<T>,
        take: impl FnOnce(T) -> Result<(), crate::Error>,
    ) -> Result<(), Status> {
        match read {
            Ok(message) => take(message).map_err(|error| Status::unknown(error.message())),
            Err(status) => {
                self.metrics.undecodable(what);
                // It counts and logs; a status is the answer here.
                let _ = self.inbox.undecodable(what, &status.message());
                Err(Status::invalid_argument(status.message()))
            }
        }
    }
}

/// What servers of the family answer when there is nothing to say (wire 16).
fn ack() -> Response {
    Response {
        data: Bytes::from_static(b"ack"),
        ..Response::default()
    }
}

/// Does not read the request, which would take memory.
fn overloaded(method: Method) -> http::Response<Body> {
    let text = "too many requests are under way";
    if method != Method::Call {
        return Status::unavailable(text).into_http();
    }
    let answer = stream::iter([Ok(refusal(codes::OVERLOADED, text))]);
    let body = EncodeBody::new_server(
        ProstEncoder::default(),
        answer,
        None,
        SingleMessageCompressionOverride::default(),
        None,
    );
    let mut response = http::Response::new(Body::new(body));
    let content = HeaderValue::from_static("application/grpc");
    response.headers_mut().insert(CONTENT_TYPE, content);
    response
}

/// A function that answers one request.
struct Once<F>(Option<F>);

impl<F, Question, Answer, Answering> Service<tonic::Request<Question>> for Once<F>
where
    F: FnOnce(Question) -> Answering,
    Answering: Future<Output = Result<Answer, Status>>,
{
    type Response = tonic::Response<Answer>;
    type Error = Status;
    type Future = futures_util::future::MapOk<Answering, fn(Answer) -> tonic::Response<Answer>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: tonic::Request<Question>) -> Self::Future {
        use futures_util::TryFutureExt;

        let answer = self.0.take().expect("a stream has one request");
        answer(request.into_inner()).map_ok(tonic::Response::new)
    }
}
